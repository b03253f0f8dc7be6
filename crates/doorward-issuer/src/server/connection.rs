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

use super::wire::Wire;
use crate::issuer_state::Counter;

/// Where connections are accepted and counted.
pub(crate) struct Door {
    listener: TcpListener,
    connections: Arc<Counter>,
    tls: Option<TlsAcceptor>,
}

/// A connection that can be told to end with a reset.
pub(crate) struct Connection {
    wire: Wire,
    breaker: Breaker,
}

/// Tells a connection from afar how it is to end, and tells from afar what it speaks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breaker(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    reset_when_closed: AtomicBool,
    is_secure: AtomicBool,
    local_address: Option<IpAddr>,
}

impl Door {
    pub(super) fn new(
        listener: TcpListener,
        connections: Arc<Counter>,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        Self { listener, connections, tls }
    }
}

impl Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        self.connections.count();
        // A single byte is to leave at once; where that is not to be had, it leaves later.
        let _ = stream.set_nodelay(true);
        let local_address = stream.local_addr().ok().map(|address| address.ip().to_canonical());
        let breaker = Breaker(Arc::new(Flags { local_address, ..Flags::default() }));
        (Connection { wire: Wire::new(stream, self.tls.as_ref()), breaker }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Breaker {
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

impl Connected<IncomingStream<'_, Door>> for Breaker {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().breaker.clone()
    }
}

impl Connection {
    /// Returns the bare connection; `None` where it has failed.
    pub(super) fn stream(&self) -> Option<&TcpStream> {
        self.wire.tcp()
    }

    pub(super) fn breaker(&self) -> &Breaker {
        &self.breaker
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.breaker.0.reset_when_closed.load(Ordering::Relaxed)
            && let Some(stream) = self.wire.tcp()
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
        let outcome = Pin::new(&mut self.wire).poll_read(cx, buffer);
        self.breaker.0.is_secure.store(self.wire.is_secure(), Ordering::Relaxed);
        outcome
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}
