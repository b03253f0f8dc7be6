//! A service with the requests that it serves, of whichever framework.

use std::{convert::Infallible, hint::black_box};

use actix_web::{dev, test};
use http::{HeaderValue, Request, Response, header};
use tower_service::Service;

use super::Peer;
use crate::{
    contender::{Contender, PATH, at_once},
    token::SignedToken,
};

/// A service behind which the token is verified, and requests of its framework.
pub(super) struct Served<R> {
    name: &'static str,
    make: Box<dyn Fn(HeaderValue) -> R>,
    serve: Box<dyn FnMut(R) -> u16>,
    field: HeaderValue,
    requests: Vec<R>,
}

impl Served<Request<axum::body::Body>> {
    /// Takes a router.
    pub(super) fn axum(
        name: &'static str,
        router: axum::Router,
        signed: &SignedToken,
    ) -> Box<dyn Peer> {
        Self::routed(name, router, signed)
    }
}

impl<B: Default + 'static> Served<Request<B>> {
    /// Takes a router of any version of axum.
    pub(super) fn routed<S, A>(
        name: &'static str,
        mut service: S,
        signed: &SignedToken,
    ) -> Box<dyn Peer>
    where
        S: Service<Request<B>, Response = Response<A>, Error = Infallible> + 'static,
    {
        let make = |field| {
            let request = Request::get(PATH).header(header::AUTHORIZATION, field);
            request.body(B::default()).expect("a request")
        };
        let serve = move |request| {
            let Ok(response) = at_once(service.call(request));
            response.status().as_u16()
        };
        let (make, serve) = (Box::new(make), Box::new(serve));
        Box::new(Self { name, make, serve, field: signed.field(), requests: Vec::new() })
    }
}

impl Served<actix_http::Request> {
    /// Takes an app of actix.
    pub(super) fn actix<S, A>(name: &'static str, app: S, signed: &SignedToken) -> Box<dyn Peer>
    where
        S: dev::Service<
                actix_http::Request,
                Response = dev::ServiceResponse<A>,
                Error = actix_web::Error,
            > + 'static,
    {
        let make = |field: HeaderValue| {
            let field = (header::AUTHORIZATION.as_str(), field.as_bytes());
            test::TestRequest::with_uri(PATH).insert_header(field).to_request()
        };
        let serve = move |request| match at_once(app.call(request)) {
            Ok(response) => response.status().as_u16(),
            Err(error) => error.as_response_error().status_code().as_u16(),
        };
        let (make, serve) = (Box::new(make), Box::new(serve));
        Box::new(Self { name, make, serve, field: signed.field(), requests: Vec::new() })
    }
}

impl<R> Contender for Served<R> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn description(&self) -> &'static str {
        self.name
    }

    fn prepare(&mut self, runs: u32) {
        self.requests = (0..runs).map(|_| (self.make)(self.field.clone())).collect();
    }

    #[inline(never)]
    fn once(&mut self) {
        let request = self.requests.pop().expect("prepared requests");
        assert_eq!(black_box((self.serve)(request)), 204, "{} refuses", self.name);
    }
}

impl<R> Peer for Served<R> {
    fn status(&mut self, token: &str) -> u16 {
        let field = HeaderValue::try_from(format!("Bearer {token}")).expect("printable ASCII");
        (self.serve)((self.make)(field))
    }
}
