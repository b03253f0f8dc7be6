use std::net::SocketAddr;

use doorward::adapter::{ClientCertificate, RequestHead};
use http::{HeaderValue, Request, header};

use crate::router_view::RouterView;

/// The head of a request, as the core reads it.
pub(crate) struct Head<'r, B> {
    request: &'r Request<B>,
    router: &'r RouterView,
}

impl<'r, B> Head<'r, B> {
    pub(crate) const fn new(request: &'r Request<B>, router: &'r RouterView) -> Self {
        Self { request, router }
    }
}

impl<B> RequestHead for Head<'_, B> {
    fn method(&self) -> &str {
        self.request.method().as_str()
    }

    fn target(&self) -> &str {
        let original = (self.router.original_uri)(self.request.extensions());
        let uri = original.unwrap_or_else(|| self.request.uri());
        uri.path_and_query().map_or("", |target| target.as_str())
    }

    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        self.request.headers().get_all(name).iter().map(HeaderValue::as_bytes)
    }

    fn authorization(&self) -> impl Iterator<Item = &[u8]> {
        self.request.headers().get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes)
    }

    fn peer(&self) -> Option<SocketAddr> {
        (self.router.peer)(self.request.extensions())
    }

    fn client_certificate(&self) -> Option<&[u8]> {
        self.request.extensions().get().map(ClientCertificate::der)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_has_the_original_target_the_peer_and_the_client_certificate() {
        #[derive(Clone)]
        struct Original(http::Uri);

        let peer: SocketAddr = "192.0.2.1:4711".parse().unwrap();
        let request = Request::post("/orders?x=1")
            .extension(Original("/api/orders?x=1".parse().unwrap()))
            .extension(peer)
            .extension(ClientCertificate::new([48, 3]))
            .body(())
            .unwrap();
        let mut router = RouterView::default();
        let head = |router: &RouterView| {
            let head = Head::new(&request, router);
            (head.method().to_owned(), head.target().to_owned(), head.peer())
        };
        assert_eq!(head(&router), ("POST".to_owned(), "/orders?x=1".to_owned(), Some(peer)));
        router.original_uri = |extensions| extensions.get().map(|Original(uri)| uri);
        assert_eq!(head(&router).1, "/api/orders?x=1");
        let certificate = Head::new(&request, &router).client_certificate().map(<[u8]>::to_vec);
        assert_eq!(certificate, Some(vec![48, 3]));
    }
}
