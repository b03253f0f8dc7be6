"""Switches the loopback interface of a new network namespace on, as `ip link set lo up` does, which
not every machine has."""

import fcntl
import socket
import struct

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as some:
    request = fcntl.ioctl(some, SIOCGIFFLAGS, struct.pack("16sH14x", b"lo", 0))
    _, flags = struct.unpack("16sH14x", request)
    fcntl.ioctl(some, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))
