//! The routes on hyper, with the layers of doorward-tower and routing by hand.

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use doorward::{AccessToken, ResourceServer, adapter::Verified, rules::RequestInfo};
use doorward_tower::{Gate, GuardLayer, rejection_response};
use http_body_util::Full;
use hyper::{
    StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tower::{Layer as _, ServiceExt as _};

use super::routes::{self, MyClaims, greeting};

type Request = hyper::Request<Incoming>;
type Response = hyper::Response<Full<Bytes>>;

pub async fn serve(listener: TcpListener, server: ResourceServer) {
    let api = Arc::new(Api::new(Gate::new(server)));
    while let Ok((stream, _)) = listener.accept().await {
        let api = Arc::clone(&api);
        let service = service_fn(move |request| {
            let api = Arc::clone(&api);
            async move { Ok::<_, Infallible>(api.answer(request).await) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// The layers before the routes.
struct Api {
    gate: Gate,
    kinds: HashMap<&'static str, GuardLayer>,
    optional: GuardLayer,
    authenticated: GuardLayer,
    read: GuardLayer,
    write: GuardLayer,
    administer: GuardLayer,
    reports: GuardLayer,
}

impl Api {
    fn new(gate: Gate) -> Self {
        let kinds = routes::kinds().into_iter();
        Self {
            kinds: kinds.map(|(path, rule)| (path, gate.require(rule))).collect(),
            optional: gate.optional(),
            authenticated: gate.authenticated(),
            read: gate.require(routes::read()),
            write: gate.require(routes::write()),
            administer: gate.require(routes::administer()),
            reports: gate.require(routes::reports()),
            gate,
        }
    }

    /// Finds the route. A path or method that there is not is told without a token.
    async fn answer(&self, request: Request) -> Response {
        let path = request.uri().path().to_owned();
        let method = match request.method().as_str() {
            "HEAD" => "GET".to_owned(),
            method => method.to_owned(),
        };
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match (segments.as_slice(), method.as_str()) {
            (["public"], "GET") => text("public"),
            (["optional"], "GET") => self.guarded(&self.optional, request, greeting).await,
            (["token"], "GET") => self.guarded(&self.authenticated, request, greeting).await,
            (["claims"], "GET") => self.claims(request).await,
            (["scoped"], "GET") => self.guarded(&self.read, request, greeting).await,
            (["reports", "daily"], "GET") => self.guarded(&self.reports, request, greeting).await,
            (["orders"], "GET") => self.guarded(&self.read, request, |_| "orders".into()).await,
            (["orders"], "POST") => self.guarded(&self.write, request, |_| "created".into()).await,
            (["orders", id], "GET") if !id.is_empty() => {
                self.guarded(&self.read, request, |_| format!("order {id}")).await
            }
            (["orders", id], "DELETE") if !id.is_empty() => {
                self.guarded(&self.administer, request, |_| format!("deleted {id}")).await
            }
            (["public" | "optional" | "token" | "claims" | "scoped" | "orders"], _)
            | (["reports", "daily"], _) => status(StatusCode::METHOD_NOT_ALLOWED),
            (["orders", id], _) if !id.is_empty() => status(StatusCode::METHOD_NOT_ALLOWED),
            (_, method) => match self.kinds.get(path.as_str()) {
                Some(layer) if method == "GET" => self.guarded(layer, request, greeting).await,
                Some(_) => status(StatusCode::METHOD_NOT_ALLOWED),
                None => status(StatusCode::NOT_FOUND),
            },
        }
    }

    /// Calls the handler behind the layer.
    async fn guarded(
        &self,
        layer: &GuardLayer,
        request: Request,
        handler: impl Fn(Option<&AccessToken>) -> String + Clone,
    ) -> Response {
        let service = tower::service_fn(move |request: Request| {
            let response = text(handler(self.gate.verified(request.extensions())));
            async move { Ok::<_, Infallible>(response) }
        });
        let Ok(response) = layer.layer(service).oneshot(request).await;
        response
    }

    /// Reads the claims in the handler, which rejects as a layer does.
    async fn claims(&self, request: Request) -> Response {
        let service = tower::service_fn(async |request: Request| {
            let verified: &Verified = request.extensions().get().unwrap();
            Ok::<_, Infallible>(
                match verified.claims::<MyClaims>(&RequestInfo::new().with_method("GET")) {
                    Ok(claims) => text(claims.department),
                    Err(rejection) => rejection_response(rejection),
                },
            )
        });
        let Ok(response) = self.authenticated.layer(service).oneshot(request).await;
        response
    }
}

fn text(body: impl Into<Bytes>) -> Response {
    Response::new(Full::new(body.into()))
}

fn status(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}
