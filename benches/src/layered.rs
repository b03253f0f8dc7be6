//! A service that answers at once, alone and behind the layer of each adapter: what the layer costs
//! where no signature is checked.

use std::convert::Infallible;

use actix_web::{HttpMessage as _, dev::Service as _};
use axum::{body::Body, routing::get};
use doorward::{AccessToken, ResourceServer, Rule, scope};
use http::{Request, Response, StatusCode};
use tower_layer::Layer as _;
use tower_service::Service as _;

use crate::contender::{Contender, at_once};

/// A service with the requests that it serves.
#[allow(missing_debug_implementations)]
pub struct Layered<R> {
    name: &'static str,
    description: &'static str,
    make: Box<dyn Fn() -> R>,
    serve: Box<dyn FnMut(R) -> u16>,
    status: u16,
    requests: Vec<R>,
}

impl<R> Contender for Layered<R> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn description(&self) -> &'static str {
        self.description
    }

    fn prepare(&mut self, runs: u32) {
        self.requests = (0..runs).map(|_| (self.make)()).collect();
    }

    #[inline(never)]
    fn once(&mut self) {
        let request = self.requests.pop().expect("prepared requests");
        assert_eq!((self.serve)(request), self.status);
    }
}

/// The rule of all routes.
fn rule() -> Rule {
    scope!("orders.read")
}

/// Returns the services of all adapters, three of each: bare, guarded and asked without a token,
/// guarded and asked with a token that the gate has verified.
pub async fn all(server: &ResourceServer, token: &AccessToken) -> Vec<Box<dyn Contender>> {
    let mut all: Vec<Box<dyn Contender>> = Vec::new();
    all.extend(tower(server, token));
    all.extend(axum(server, token));
    all.extend(actix(server, token).await);
    all
}

fn request<B: Default>(token: Option<&AccessToken>) -> Request<B> {
    let mut request = Request::new(B::default());
    *request.uri_mut() = http::Uri::from_static("/orders");
    if let Some(token) = token {
        request.extensions_mut().insert(token.clone());
    }
    request
}

fn tower(server: &ResourceServer, token: &AccessToken) -> [Box<dyn Contender>; 3] {
    #[derive(Clone)]
    struct Handler;
    impl tower_service::Service<Request<String>> for Handler {
        type Response = Response<String>;
        type Error = Infallible;
        type Future = std::future::Ready<Result<Response<String>, Infallible>>;

        fn poll_ready(
            &mut self,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Result<(), Infallible>> {
            std::task::Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<String>) -> Self::Future {
            std::future::ready(Ok(Response::new(String::new())))
        }
    }
    let guarded = doorward_tower::Gate::new(server.clone()).require(rule()).layer(Handler);
    let serve = |mut service: doorward_tower::Guard<Handler>| {
        move |request| {
            let Ok(response) = at_once(service.call(request));
            response.status().as_u16()
        }
    };
    let (token, mut bare) = (token.clone(), Handler);
    [
        Box::new(Layered {
            name: "tower-bare",
            description: "tower, bare service",
            make: Box::new(|| request(None)),
            serve: Box::new(move |request| {
                let Ok(response) = at_once(bare.call(request));
                response.status().as_u16()
            }),
            status: 200,
            requests: Vec::new(),
        }),
        Box::new(Layered {
            name: "tower-refused",
            description: "tower, without a token",
            make: Box::new(|| request(None)),
            serve: Box::new(serve(guarded.clone())),
            status: 401,
            requests: Vec::new(),
        }),
        Box::new(Layered {
            name: "tower-verified",
            description: "tower, with a verified token",
            make: Box::new(move || request(Some(&token))),
            serve: Box::new(serve(guarded)),
            status: 200,
            requests: Vec::new(),
        }),
    ]
}

fn axum(server: &ResourceServer, token: &AccessToken) -> [Box<dyn Contender>; 3] {
    let handler = async || StatusCode::NO_CONTENT;
    let gate = doorward_axum::Gate::new(server.clone());
    let bare: axum::Router = axum::Router::new().route("/orders", get(handler));
    let guarded = bare.clone().route_layer(gate.require(rule()));
    let serve = |mut router: axum::Router| {
        move |request: Request<Body>| {
            let Ok(response) = at_once(router.call(request));
            response.status().as_u16()
        }
    };
    let token = token.clone();
    [
        Box::new(Layered {
            name: "axum-bare",
            description: "axum, bare router",
            make: Box::new(|| request(None)),
            serve: Box::new(serve(bare)),
            status: 204,
            requests: Vec::new(),
        }),
        Box::new(Layered {
            name: "axum-refused",
            description: "axum, without a token",
            make: Box::new(|| request(None)),
            serve: Box::new(serve(guarded.clone())),
            status: 401,
            requests: Vec::new(),
        }),
        Box::new(Layered {
            name: "axum-verified",
            description: "axum, with a verified token",
            make: Box::new(move || request(Some(&token))),
            serve: Box::new(serve(guarded)),
            status: 204,
            requests: Vec::new(),
        }),
    ]
}

async fn actix(server: &ResourceServer, token: &AccessToken) -> [Box<dyn Contender>; 3] {
    use actix_web::{App, HttpResponse, test, web};

    let handler = async || HttpResponse::NoContent().finish();
    let gate = doorward_actix::Gate::new(server.clone());
    let guarded = || web::get().to(handler).wrap(gate.require(rule()));
    let bare = App::new().service(web::resource("/orders").route(web::get().to(handler)));
    let bare = test::init_service(bare).await;
    let refusing = App::new().service(web::resource("/orders").route(guarded()));
    let refusing = test::init_service(refusing).await;
    let serving = App::new().service(web::resource("/orders").route(guarded()));
    let serving = test::init_service(serving).await;
    let request = || test::TestRequest::with_uri("/orders").to_request();
    let token = token.clone();
    macro_rules! serve {
        ($service:ident) => {
            Box::new(move |request| {
                let response = at_once($service.call(request)).expect("an answer");
                response.status().as_u16()
            })
        };
    }
    [
        Box::new(Layered {
            name: "actix-bare",
            description: "actix, bare app",
            make: Box::new(request),
            serve: serve!(bare),
            status: 204,
            requests: Vec::new(),
        }),
        Box::new(Layered {
            name: "actix-refused",
            description: "actix, without a token",
            make: Box::new(request),
            serve: serve!(refusing),
            status: 401,
            requests: Vec::new(),
        }),
        Box::new(Layered {
            name: "actix-verified",
            description: "actix, with a verified token",
            make: Box::new(move || {
                let request = request();
                request.extensions_mut().insert(token.clone());
                request
            }),
            serve: serve!(serving),
            status: 204,
            requests: Vec::new(),
        }),
    ]
}
