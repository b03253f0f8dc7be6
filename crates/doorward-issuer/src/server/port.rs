use std::{
    io, mem,
    net::{SocketAddr, TcpListener},
};

use tokio::net::TcpSocket;

/// How many connections may wait to be accepted; the standard library uses the same number.
const BACKLOG: u32 = 128;

/// A port that listens, or that refuses connections during an outage.
#[derive(Debug)]
pub(super) struct Port {
    address: SocketAddr,
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    Listening(TcpListener),
    /// Bound without listening: connections are refused, and no other program can take the port.
    Reserved(TcpSocket),
    Closed,
}

impl Port {
    pub(super) fn new(listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self { address: listener.local_addr()?, socket: Socket::Listening(listener) })
    }

    /// Returns a listener for the current runtime. Clients that connect between two runtimes wait.
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
        // The port cannot be bound while the old socket listens.
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
    // On Windows it would let other programs take the port. Elsewhere, without it, connections that were
    // just closed would block it.
    if cfg!(not(windows)) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    Ok(socket)
}
