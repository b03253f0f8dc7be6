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

/// The first byte of every TLS connection: a record of the type `handshake` (RFC 8446 §5.1). No HTTP
/// request begins with it, so that one port serves both.
const HANDSHAKE: u8 = 22;

/// A TCP connection with or without TLS, which its first byte decides.
pub(super) enum Transport {
    /// Nothing was received yet.
    Undetermined(TcpStream, TlsAcceptor),
    Plain(TcpStream),
    Handshake(Box<Accept<TcpStream>>),
    Tls(Box<TlsStream<TcpStream>>),
    /// The TLS handshake has failed.
    Failed,
}

impl Transport {
    pub(super) fn new(stream: TcpStream, tls: Option<&TlsAcceptor>) -> Self {
        match tls {
            Some(tls) => Self::Undetermined(stream, tls.clone()),
            None => Self::Plain(stream),
        }
    }

    pub(super) fn tcp(&self) -> Option<&TcpStream> {
        match self {
            Self::Undetermined(stream, _) | Self::Plain(stream) => Some(stream),
            Self::Handshake(accept) => accept.get_ref(),
            Self::Tls(stream) => Some(stream.get_ref().0),
            Self::Failed => None,
        }
    }

    pub(super) fn is_secure(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Waits for the first byte and for the handshake, if there is one.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Pin<&mut dyn Stream>>> {
        loop {
            match self {
                Self::Undetermined(stream, _) => {
                    let mut first = [0; 1];
                    let mut buffer = ReadBuf::new(&mut first);
                    ready!(stream.poll_peek(cx, &mut buffer))?;
                    let is_handshake = buffer.filled() == [HANDSHAKE];
                    *self = match mem::replace(self, Self::Failed) {
                        Self::Undetermined(stream, tls) if is_handshake => {
                            Self::Handshake(Box::new(tls.accept(stream)))
                        }
                        Self::Undetermined(stream, _) => Self::Plain(stream),
                        other => other,
                    };
                }
                Self::Handshake(accept) => match ready!(Pin::new(&mut **accept).poll(cx)) {
                    Ok(stream) => *self = Self::Tls(Box::new(stream)),
                    Err(error) => {
                        *self = Self::Failed;
                        return Poll::Ready(Err(error));
                    }
                },
                Self::Plain(_) | Self::Tls(_) | Self::Failed => break,
            }
        }
        match self {
            Self::Plain(stream) => Poll::Ready(Ok(Pin::new(stream))),
            Self::Tls(stream) => Poll::Ready(Ok(Pin::new(&mut **stream))),
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
            Self::Undetermined(..) => Poll::Ready(Ok(())),
            transport => ready!(transport.poll_open(cx))?.poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Undetermined(stream, _) | Self::Plain(stream) => {
                Pin::new(stream).poll_shutdown(cx)
            }
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Handshake(_) | Self::Failed => Poll::Ready(Ok(())),
        }
    }
}
