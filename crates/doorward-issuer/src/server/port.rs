use std::{
    io, mem,
    net::{SocketAddr, TcpListener},
};

use tokio::net::TcpSocket;

/// How many connections may wait to be accepted, as the standard library has it.
const BACKLOG: u32 = 128;

/// An address that is listened on in some lives of a server and refuses connections in others.
#[derive(Debug)]
pub(super) struct Port {
    address: SocketAddr,
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    Listening(TcpListener),
    /// Bound without listening: connections are refused, and nobody else gets the port meanwhile.
    Reserved(TcpSocket),
    Closed,
}

impl Port {
    pub(super) fn new(listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self { address: listener.local_addr()?, socket: Socket::Listening(listener) })
    }

    /// Returns a listener for the current runtime; who connects between two of them waits.
    pub(super) fn listen(&mut self) -> io::Result<tokio::net::TcpListener> {
        let listener = match mem::replace(&mut self.socket, Socket::Closed) {
            Socket::Listening(listener) => listener,
            Socket::Reserved(socket) => socket.listen(BACKLOG)?.into_std()?,
            Socket::Closed => bound(self.address)?.listen(BACKLOG)?.into_std()?,
        };
        let shared = listener.try_clone()?;
        self.socket = Socket::Listening(listener);
        tokio::net::TcpListener::from_std(shared)
    }

    /// Refuses connections from now on.
    pub(super) fn close(&mut self) {
        // A listening socket would keep the address to itself.
        self.socket = Socket::Closed;
        if let Ok(socket) = bound(self.address) {
            self.socket = Socket::Reserved(socket);
        }
    }
}

fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // On Windows it would let others take the port; elsewhere connections that were just closed
    // would keep it.
    if cfg!(not(windows)) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    Ok(socket)
}
