use std::{cell::Ref, net::SocketAddr};

use actix_web::{
    HttpMessage as _, HttpRequest,
    dev::Extensions,
    http::{
        header::{self, HeaderValue},
        uri::PathAndQuery,
    },
};
use doorward::adapter::{ClientCertificate, RequestHead, Verified};

/// The head of a request, as the core reads it. It borrows the request's extensions, so it must be
/// dropped before anything else runs that may change them.
pub(crate) struct Head<'r> {
    request: &'r HttpRequest,
    extensions: Ref<'r, Extensions>,
}

impl<'r> Head<'r> {
    pub(crate) fn new(request: &'r HttpRequest) -> Self {
        Self { request, extensions: request.extensions() }
    }

    /// Returns what the guard in front has decided, if there is one.
    pub(crate) fn verified(&self) -> Option<&Verified> {
        self.extensions.get()
    }
}

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.request.method().as_str()
    }

    fn target(&self) -> &str {
        self.request.uri().path_and_query().map_or("", PathAndQuery::as_str)
    }

    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        self.request.headers().get_all(name).map(HeaderValue::as_bytes)
    }

    fn authorization(&self) -> impl Iterator<Item = &[u8]> {
        self.request.headers().get_all(header::AUTHORIZATION).map(HeaderValue::as_bytes)
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.request.peer_addr()
    }

    /// The request's own comes first: a middleware that puts one there knows better than the
    /// connection, which may be a proxy's.
    fn client_certificate(&self) -> Option<&[u8]> {
        let of_request = self.extensions.get::<ClientCertificate>();
        of_request.or_else(|| self.request.conn_data()).map(ClientCertificate::der)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn head_of_a_request_is_read_as_it_was_sent() {
        let peer = "192.0.2.1:5000".parse().unwrap();
        let request = TestRequest::with_uri("/a%2Fb?x=%31")
            .append_header(("x-token", "one"))
            .append_header(("X-Token", "two"))
            .peer_addr(peer)
            .to_http_request();
        let head = Head::new(&request);
        assert_eq!((head.method(), head.target()), ("GET", "/a%2Fb?x=%31"));
        assert_eq!(head.values("x-token").collect::<Vec<_>>(), [b"one", b"two"]);
        assert_eq!(head.authorization().count(), 0);
        assert_eq!(head.peer(), Some(peer));
        assert_eq!(head.client_certificate(), None);
    }

    #[test]
    fn client_certificate_of_the_request_is_read() {
        let request = TestRequest::default().to_http_request();
        request.extensions_mut().insert(ClientCertificate::new([1, 2]));
        assert_eq!(Head::new(&request).client_certificate(), Some([1, 2].as_slice()));
    }
}
