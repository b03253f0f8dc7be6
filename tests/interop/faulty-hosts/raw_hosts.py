"""Hosts of issuers that go wrong below HTTP, on ports of the loopback interface:

    python3 raw_hosts.py FOLDER NAME=PORT...

Each serves the files of FOLDER/NAME/well. As long as there is a file FOLDER/NAME/fault, each new
connection has the fault that is its content:

    silent   is accepted, and nothing more happens
    drip     gets the answer a byte a second
    cut      is closed in the middle of the body, by RST

Prints a line when all listen.
"""

import socket
import struct
import sys
import threading
import time
from pathlib import Path


def main():
    folder = Path(sys.argv[1])
    for host in sys.argv[2:]:
        name, port = host.split("=")
        listener = socket.create_server(("127.0.0.1", int(port)), backlog=64)
        run(accept, listener, folder / name)
    print("listening", flush=True)
    threading.Event().wait()


def run(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def accept(listener, folder):
    while True:
        connection, _ = listener.accept()
        run(serve, connection, folder)


def serve(connection, folder):
    with connection:
        try:
            answer_one(connection, folder)
        except OSError:
            pass  # The client has gone.


def answer_one(connection, folder):
    fault = folder / "fault"
    fault = fault.read_text().strip() if fault.exists() else ""
    head = read_head(connection)
    if head is None:
        return
    if fault == "silent":
        while connection.recv(1024):
            pass
        return
    status, body = document(folder / "well", head)
    fields = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    answer = fields.encode() + body
    if fault == "drip":
        for byte in answer:
            connection.sendall(bytes([byte]))
            time.sleep(1)
    elif fault == "cut":
        connection.sendall(answer[: len(answer) - len(body) // 2])
        # What has arrived by then is read; the rest never comes.
        time.sleep(0.2)
        linger_for_no_time = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_no_time)
    else:
        connection.sendall(answer)


def read_head(connection):
    """Returns what comes before the empty line; None if the client goes before it."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(4096)
        if not piece:
            return None
        head += piece
    return head.decode("latin-1")


def document(folder, head):
    path = head.split(" ", 2)[1]
    for file in folder.rglob("*"):
        if file.is_file() and path == f"/{file.relative_to(folder)}":
            return "200 OK", file.read_bytes()
    return "404 Not Found", b""


main()
