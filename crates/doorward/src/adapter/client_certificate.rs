use std::{fmt, sync::Arc};

/// The client certificate of a TLS connection, for the extensions of each of its requests.
///
/// The program that accepts TLS connections puts it there; the adapters read it for
/// [`RequestHead::client_certificate`](super::RequestHead::client_certificate). It must come from the
/// TLS connection itself, never from a header field. Cloning is cheap.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCertificate(Arc<[u8]>);

impl ClientCertificate {
    /// Creates it from the DER encoding of the client's own certificate, without its chain.
    #[must_use]
    pub fn new(der: impl Into<Arc<[u8]>>) -> Self {
        Self(der.into())
    }

    /// Returns the DER encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}

/// Shows the length only: a certificate may name a person.
impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({} bytes)", self.0.len())
    }
}
