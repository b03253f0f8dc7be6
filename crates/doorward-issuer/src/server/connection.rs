use std::{
    io::{self, IoSlice},
    net::SocketAddr,
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

use crate::issuer_state::Counter;

/// Where connections are accepted and counted.
pub(crate) struct Door {
    listener: TcpListener,
    connections: Arc<Counter>,
}

/// A connection that can be told to end with a reset.
pub(crate) struct Connection {
    stream: TcpStream,
    breaker: Breaker,
}

/// Tells a connection from afar how it is to end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breaker(Arc<AtomicBool>);

impl Door {
    pub(super) fn new(listener: TcpListener, connections: Arc<Counter>) -> Self {
        Self { listener, connections }
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
        (Connection { stream, breaker: Breaker::default() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Breaker {
    /// Makes the connection end with a reset instead of an orderly close (RFC 9293 §3.10.7.4).
    pub(crate) fn reset_when_closed(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Connected<IncomingStream<'_, Door>> for Breaker {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().breaker.clone()
    }
}

impl Connection {
    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    pub(super) fn breaker(&self) -> &Breaker {
        &self.breaker
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.breaker.0.load(Ordering::Relaxed) {
            // Zero does not block the thread, which is what the deprecation is about; the newer
            // name for it asks for a newer tokio than the rest of the workspace.
            #[allow(deprecated)]
            let set = self.stream.set_linger(Some(Duration::ZERO));
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
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
