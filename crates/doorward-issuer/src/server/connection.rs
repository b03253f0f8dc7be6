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

/// Where connections are accepted and counted.
pub(crate) struct ConnectionListener {
    listener: TcpListener,
    connections: Arc<Counter>,
    tls: Option<TlsAcceptor>,
}

/// A connection that can be told to end with a reset.
pub(crate) struct Connection {
    transport: Transport,
    connection: ConnectionHandle,
}

/// Tells a connection from afar how it is to end, and tells from afar what it speaks.
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
        // A single byte is to leave at once; where that is not to be had, it leaves later.
        let _ = stream.set_nodelay(true);
        let local_address = stream.local_addr().ok().map(|address| address.ip().to_canonical());
        let connection = ConnectionHandle(Arc::new(Flags { local_address, ..Flags::default() }));
        (Connection { transport: Transport::new(stream, self.tls.as_ref()), connection }, address)
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

    /// Tells whether the connection speaks TLS.
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
        stream.io().connection.clone()
    }
}

impl Connection {
    /// Returns the bare connection; `None` where it has failed.
    pub(super) fn stream(&self) -> Option<&TcpStream> {
        self.transport.tcp()
    }

    pub(super) fn connection(&self) -> &ConnectionHandle {
        &self.connection
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.connection.0.reset_when_closed.load(Ordering::Relaxed)
            && let Some(stream) = self.transport.tcp()
        {
            // Zero does not block the thread, which is what the deprecation is about; the newer
            // name for it asks for a newer tokio than the rest of the workspace.
            #[allow(deprecated)]
            let set = stream.set_linger(Some(Duration::ZERO));
            // It fails where the connection has ended already, and then there is nothing to reset.
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
        self.connection.0.is_secure.store(self.transport.is_secure(), Ordering::Relaxed);
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
