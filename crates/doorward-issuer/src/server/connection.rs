use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

use tokio_rustls::TlsAcceptor;

use super::transport::Transport;
use crate::counter::Counter;

/// A listener that counts the connections it accepts.
pub(crate) struct ConnectionListener {
    listener: TcpListener,
    connections: Arc<Counter>,
    tls: Option<TlsAcceptor>,
}

/// A connection that its handle can make end with a reset.
pub(crate) struct Connection {
    transport: Transport,
    handle: ConnectionHandle,
}

/// The properties of a connection, and how it is to end, for the handlers of its requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectionHandle(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    reset_when_closed: AtomicBool,
    is_secure: AtomicBool,
    local_address: Option<IpAddr>,
}

impl ConnectionListener {
    pub(super) fn new(
        listener: TcpListener,
        connections: Arc<Counter>,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        Self { listener, connections, tls }
    }
}

impl Listener for ConnectionListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        self.connections.count();
        // `Fault::Trickle` needs single bytes to be sent at once. Without the option they are sent later.
        let _ = stream.set_nodelay(true);
        let local_address = stream.local_addr().ok().map(|address| address.ip().to_canonical());
        let handle = ConnectionHandle(Arc::new(Flags { local_address, ..Flags::default() }));
        (Connection { transport: Transport::new(stream, self.tls.as_ref()), handle }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl ConnectionHandle {
    /// Makes the connection end with a reset instead of an orderly close (RFC 9293 §3.10.7.4).
    pub(crate) fn reset_when_closed(&self) {
        self.0.reset_when_closed.store(true, Ordering::Relaxed);
    }

    /// Returns whether the connection uses TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.0.is_secure.load(Ordering::Relaxed)
    }

    /// Returns the address of this machine that the client has connected to.
    pub(crate) fn local_address(&self) -> Option<IpAddr> {
        self.0.local_address
    }
}

impl Connected<IncomingStream<'_, ConnectionListener>> for ConnectionHandle {
    fn connect_info(stream: IncomingStream<'_, ConnectionListener>) -> Self {
        stream.io().handle.clone()
    }
}

impl Connection {
    /// Returns the TCP connection; `None` if the TLS handshake has failed.
    pub(super) fn stream(&self) -> Option<&TcpStream> {
        self.transport.tcp()
    }

    pub(super) fn handle(&self) -> &ConnectionHandle {
        &self.handle
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.handle.0.reset_when_closed.load(Ordering::Relaxed)
            && let Some(stream) = self.transport.tcp()
        {
            // It is deprecated because it can block, which a duration of zero does not. The method that
            // replaces it needs a newer tokio than the rest of the workspace.
            #[allow(deprecated)]
            let set = stream.set_linger(Some(Duration::ZERO));
            // It fails if the connection has ended, and then there is nothing to reset.
            drop(set);
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.transport).poll_read(cx, buffer);
        self.handle.0.is_secure.store(self.transport.is_secure(), Ordering::Relaxed);
        outcome
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.transport).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(cx)
    }
}
