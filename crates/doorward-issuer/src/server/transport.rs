use std::{
    io, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{Accept, TlsAcceptor, server::TlsStream};

/// The first byte of every TLS connection: a record of the type `handshake` (RFC 8446 §5.1). No
/// request of HTTP begins with it, so that one port speaks both.
const HANDSHAKE: u8 = 22;

/// What a connection speaks, as far as it is known.
pub(super) enum Transport {
    /// Nothing has come yet.
    Fresh(TcpStream, TlsAcceptor),
    Plain(TcpStream),
    Handshake(Box<Accept<TcpStream>>),
    Secure(Box<TlsStream<TcpStream>>),
    /// It failed on the way from one to the other.
    Broken,
}

impl Transport {
    pub(super) fn new(stream: TcpStream, tls: Option<&TlsAcceptor>) -> Self {
        match tls {
            Some(tls) => Self::Fresh(stream, tls.clone()),
            None => Self::Plain(stream),
        }
    }

    pub(super) fn tcp(&self) -> Option<&TcpStream> {
        match self {
            Self::Fresh(stream, _) | Self::Plain(stream) => Some(stream),
            Self::Handshake(accept) => accept.get_ref(),
            Self::Secure(stream) => Some(stream.get_ref().0),
            Self::Broken => None,
        }
    }

    pub(super) fn is_secure(&self) -> bool {
        matches!(self, Self::Secure(_))
    }

    /// Waits until it is known what the client speaks, and a handshake is done.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Pin<&mut dyn Stream>>> {
        loop {
            match self {
                Self::Fresh(stream, _) => {
                    let mut first = [0; 1];
                    let mut buffer = ReadBuf::new(&mut first);
                    ready!(stream.poll_peek(cx, &mut buffer))?;
                    let speaks_tls = buffer.filled() == [HANDSHAKE];
                    *self = match mem::replace(self, Self::Broken) {
                        Self::Fresh(stream, tls) if speaks_tls => {
                            Self::Handshake(Box::new(tls.accept(stream)))
                        }
                        Self::Fresh(stream, _) => Self::Plain(stream),
                        other => other,
                    };
                }
                Self::Handshake(accept) => match ready!(Pin::new(&mut **accept).poll(cx)) {
                    Ok(stream) => *self = Self::Secure(Box::new(stream)),
                    Err(error) => {
                        *self = Self::Broken;
                        return Poll::Ready(Err(error));
                    }
                },
                Self::Plain(_) | Self::Secure(_) | Self::Broken => break,
            }
        }
        match self {
            Self::Plain(stream) => Poll::Ready(Ok(Pin::new(stream))),
            Self::Secure(stream) => Poll::Ready(Ok(Pin::new(&mut **stream))),
            _ => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?.poll_read(cx, buffer)
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?.poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            // Nothing was written yet.
            Self::Fresh(..) | Self::Broken => Poll::Ready(Ok(())),
            transport => ready!(transport.poll_open(cx))?.poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Fresh(stream, _) | Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Secure(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Handshake(_) | Self::Broken => Poll::Ready(Ok(())),
        }
    }
}
