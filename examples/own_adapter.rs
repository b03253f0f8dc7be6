//! An adapter for a framework that has none, here hyper by itself: an implementation of `RequestHead`, and
//! three calls for each request.
//!
//!     cargo run -p doorward-examples --example own_adapter

use doorward::{
    AccessToken,
    adapter::{Access, RequestHead, RouteGuard},
    rules::RequestInfo,
    scope,
};
use doorward_examples::short::{self, Outcome};
use hyper::{
    Request, Response, body::Incoming, header::HeaderValue, server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

struct Head<'r>(&'r Request<Incoming>);

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.0.method().as_str()
    }

    fn target(&self) -> &str {
        self.0.uri().path_and_query().map_or("", |target| target.as_str())
    }

    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        self.0.headers().get_all(name).iter().map(HeaderValue::as_bytes)
    }
}

async fn answer(
    guard: RouteGuard,
    request: Request<Incoming>,
) -> hyper::http::Result<Response<String>> {
    if guard.answers_preflight(&Head(&request)) {
        return Response::builder().status(204).body(String::new());
    }
    let authentication = guard.authenticate(&Head(&request), None); // does not borrow the request
    let authenticated = authentication.await;
    let info = RequestInfo::new().with_method(request.method().as_str()).with_route("/orders");
    match guard.authorize(authenticated, &info) {
        Ok(admission) => {
            let fields = admission.response_fields();
            let response = fields
                .fold(Response::builder(), |response, (name, value)| response.header(name, value));
            let subject = admission.token().map_or("nobody", AccessToken::subject);
            response.body(format!("orders of {subject}\n"))
        }
        Err(rejection) => {
            let response = Response::builder().status(rejection.denial().status());
            let fields = rejection.denial().fields();
            fields
                .fold(response, |response, (name, value)| response.header(name, value))
                .body(String::new())
        }
    }
}

pub async fn serve(listener: TcpListener, guard: RouteGuard) -> Outcome {
    loop {
        let (stream, _) = listener.accept().await?;
        let guard = guard.clone();
        let service = service_fn(move |request| answer(guard.clone(), request));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let (issuer, gate) = short::issuer_and_gate().await?;
    let guard = RouteGuard::new(gate.server(), Access::Require(scope!("orders.read")));
    let reader = issuer.mint().scope("orders.read");
    let trials =
        [("no token: 401", "GET /orders", None), ("a reader: 200", "GET /orders", Some(reader))];
    serve(short::listen(trials).await?, guard).await
}
