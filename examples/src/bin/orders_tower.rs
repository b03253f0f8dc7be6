//! The orders API on hyper with tower services alone. Without settings it starts a development
//! issuer and prints `curl` lines to try; see `settings.rs` for the environment variables.

use std::{convert::Infallible, error::Error, process::ExitCode, sync::Arc, time::Duration};

use doorward::{rules::role, scope};
use doorward_examples::{
    orders::{Me, Orders},
    settings::{Settings, exit_code, log_to_stderr},
};
use doorward_tower::{Gate, GuardLayer};
use http_body_util::Full;
use hyper::{
    Method, StatusCode,
    body::{Bytes, Incoming},
    header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue},
    server::conn::http1,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use serde::Serialize;
use tokio::net::TcpStream;
use tower::{Layer as _, ServiceExt as _, service_fn};

type Request = hyper::Request<Incoming>;
type Response = hyper::Response<Full<Bytes>>;
type Answer = Result<Response, Infallible>;

#[tokio::main]
async fn main() -> ExitCode {
    log_to_stderr();
    exit_code(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_env()?;
    let (server, demo) = settings.resource_server().await?;
    let listener = settings.listen().await?;
    if let Some(demo) = &demo {
        println!("{}", demo.introduction(listener.local_addr()?)?);
    }
    let api = Arc::new(Api::new(Gate::new(server)));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(serve(stream, Arc::clone(&api)))),
            Err(error) => {
                tracing::warn!("no connection can be accepted: {error}");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Answers the requests of one connection.
async fn serve(stream: TcpStream, api: Arc<Api>) {
    let service = service_fn(move |request| {
        let api = Arc::clone(&api);
        async move { api.answer(request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    if let Err(error) = connection.await {
        tracing::debug!("a connection has failed: {error}");
    }
}

/// The orders, and the layers before them.
struct Api {
    gate: Gate,
    orders: Orders,
    authenticated: GuardLayer,
    optional: GuardLayer,
    read: GuardLayer,
    write: GuardLayer,
    administer: GuardLayer,
    operate: GuardLayer,
    reports: GuardLayer,
}

impl Api {
    fn new(gate: Gate) -> Self {
        Self {
            orders: Orders::with_samples(),
            authenticated: gate.authenticated(),
            optional: gate.optional(),
            read: gate.require(scope!("orders.read")),
            write: gate.require(scope!("orders.write")),
            administer: gate.require(scope!("orders.write") & role("Orders.Admin")),
            operate: gate.require(role("Orders.Admin")),
            reports: gate.require(scope!("reports.read") | role("Reports.Reader")),
            gate,
        }
    }

    /// Finds the route. A path or method that there is not is told without a token.
    async fn answer(&self, request: Request) -> Answer {
        let uri = request.uri().clone();
        let path: Vec<&str> = uri.path().split('/').skip(1).collect();
        let method = match request.method() {
            &Method::HEAD => Method::GET,
            method => method.clone(),
        };
        match (path.as_slice(), method) {
            (["health"], Method::GET) => text("ok"),
            (["ready"], Method::GET) => self.ready(),
            (["keys"], Method::GET) => self.guarded(&self.operate, request, Self::keys).await,
            (["profile"], Method::GET) => {
                self.guarded(&self.optional, request, Self::profile).await
            }
            (["me"], Method::GET) => self.guarded(&self.authenticated, request, Self::me).await,
            (["orders"], Method::GET) => self.guarded(&self.read, request, Self::list).await,
            (["orders"], Method::POST) => self.guarded(&self.write, request, Self::create).await,
            (["orders", id], Method::DELETE) if !id.is_empty() => {
                self.guarded(&self.administer, request, async |api, _| api.remove(id).await).await
            }
            (["reports"], Method::GET) => self.guarded(&self.reports, request, Self::report).await,
            (["health" | "ready" | "keys" | "profile" | "me" | "reports"], _) => only("GET,HEAD"),
            (["orders"], _) => only("GET,HEAD,POST"),
            (["orders", id], _) if !id.is_empty() => only("DELETE"),
            _ => empty(StatusCode::NOT_FOUND),
        }
    }

    /// Calls the handler behind the layer.
    async fn guarded<'a, F>(
        &'a self,
        layer: &GuardLayer,
        request: Request,
        handler: impl Fn(&'a Self, Request) -> F + Clone,
    ) -> Answer
    where
        F: Future<Output = Answer>,
    {
        layer.layer(service_fn(move |request| handler(self, request))).oneshot(request).await
    }

    /// For a readiness probe: whether the keys of every issuer serve. Why not is nobody's business.
    fn ready(&self) -> Answer {
        let is_ready = self.gate.server().health().is_ready();
        empty(if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE })
    }

    /// For operators: how the keys of every issuer stand.
    async fn keys(&self, _: Request) -> Answer {
        json(StatusCode::OK, &self.gate.server().health())
    }

    async fn profile(&self, request: Request) -> Answer {
        let token = self.gate.verified(request.extensions());
        text(token.map_or("anonymous", |token| token.subject()))
    }

    async fn me(&self, request: Request) -> Answer {
        match self.gate.verified(request.extensions()) {
            Some(token) => json(StatusCode::OK, &Me::from(token)),
            None => empty(StatusCode::UNAUTHORIZED),
        }
    }

    async fn list(&self, _: Request) -> Answer {
        json(StatusCode::OK, &self.orders.list())
    }

    async fn create(&self, request: Request) -> Answer {
        match self.gate.verified(request.extensions()) {
            Some(token) => json(StatusCode::CREATED, &self.orders.add("table", token.subject())),
            None => empty(StatusCode::UNAUTHORIZED),
        }
    }

    async fn remove(&self, id: &str) -> Answer {
        let Ok(id) = id.parse() else {
            return empty(StatusCode::BAD_REQUEST);
        };
        self.orders.remove(id);
        empty(StatusCode::NO_CONTENT)
    }

    async fn report(&self, _: Request) -> Answer {
        json(StatusCode::OK, &self.orders.report())
    }
}

fn text(text: &str) -> Answer {
    let body = Bytes::copy_from_slice(text.as_bytes());
    respond(StatusCode::OK, CONTENT_TYPE, "text/plain; charset=utf-8", body)
}

fn json(status: StatusCode, value: &impl Serialize) -> Answer {
    match serde_json::to_vec(value) {
        Ok(body) => respond(status, CONTENT_TYPE, "application/json", body.into()),
        Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn only(methods: &'static str) -> Answer {
    respond(StatusCode::METHOD_NOT_ALLOWED, ALLOW, methods, Bytes::new())
}

fn empty(status: StatusCode) -> Answer {
    let mut response = Response::default();
    *response.status_mut() = status;
    Ok(response)
}

fn respond(status: StatusCode, name: HeaderName, value: &'static str, body: Bytes) -> Answer {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    Ok(response)
}
