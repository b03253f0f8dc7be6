//! The orders API on actix. Without settings it starts a development issuer and prints `curl` lines
//! to try; see `settings.rs` for the environment variables.

use std::{error::Error, process::ExitCode};

use actix_web::{
    App, HttpResponse, HttpServer, Responder,
    http::StatusCode,
    web::{Data, Json, Path, get},
};
use doorward::{
    keys::Health,
    rules::{authenticated, role},
    scope,
};
use doorward_actix::{
    AccessToken, Gate, OptionalToken,
    guarded::{self, GuardedScope},
};
use doorward_examples::{
    orders::{Me, Order, Orders, Report},
    settings::{Settings, exit_code, log_to_stderr},
};

#[actix_web::main]
async fn main() -> ExitCode {
    log_to_stderr();
    exit_code(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_env()?;
    let (server, demo) = settings.resource_server().await?;
    let (gate, orders) = (Gate::new(server), Orders::with_samples());
    let app = move || {
        App::new()
            .app_data(Data::new(gate.clone())) // for `ready` and `keys`; extractors need none
            .app_data(Data::new(orders.clone()))
            .service(api(&gate))
    };
    let server = HttpServer::new(app)
        .bind(settings.address)
        .map_err(|error| format!("cannot listen on {}: {error}", settings.address))?;
    if let (Some(demo), Some(address)) = (&demo, server.addrs().first()) {
        println!("{}", demo.introduction(*address)?);
    }
    server.run().await?;
    Ok(())
}

fn api(gate: &Gate) -> GuardedScope {
    gate.guarded_scope("")
        .public("/health", get().to(async || "ok"))
        .public("/ready", get().to(ready))
        .route("/keys", guarded::get(role("Orders.Admin"), keys))
        .optional("/profile", get().to(profile))
        .route("/me", guarded::get(authenticated(), me))
        .route(
            "/orders",
            guarded::get(scope!("orders.read"), list).post(scope!("orders.write"), create),
        )
        .route(
            "/orders/{id}",
            guarded::delete(scope!("orders.write") & role("Orders.Admin"), remove),
        )
        .route("/reports", guarded::get(scope!("reports.read") | role("Reports.Reader"), report))
}

/// For a readiness probe: whether the keys of every issuer are usable. It does not disclose why not.
async fn ready(gate: Data<Gate>) -> HttpResponse {
    let is_ready = gate.server().health().is_ready();
    HttpResponse::new(if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE })
}

/// For operators: the state of every issuer's keys.
async fn keys(gate: Data<Gate>) -> Json<Health> {
    Json(gate.server().health())
}

async fn profile(OptionalToken(token): OptionalToken) -> String {
    token.map_or_else(|| "anonymous".to_owned(), |token| token.subject().to_owned())
}

async fn me(token: AccessToken) -> Json<Me> {
    Json(Me::from(token.as_ref()))
}

async fn list(orders: Data<Orders>) -> Json<Vec<Order>> {
    Json(orders.list())
}

async fn create(token: AccessToken, orders: Data<Orders>) -> impl Responder {
    (Json(orders.add("table", token.subject())), StatusCode::CREATED)
}

async fn remove(orders: Data<Orders>, id: Path<u64>) -> HttpResponse {
    orders.remove(*id);
    HttpResponse::NoContent().finish()
}

async fn report(orders: Data<Orders>) -> Json<Report> {
    Json(orders.report())
}
