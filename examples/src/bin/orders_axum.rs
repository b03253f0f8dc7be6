//! The orders API on axum. Without settings it starts a development issuer and prints `curl` lines
//! to try; see `settings.rs` for the environment variables.

use std::{error::Error, process::ExitCode};

use axum::{
    Json, Router,
    extract::{FromRef, Path, State},
    http::StatusCode,
    routing::get,
};
use doorward::{
    keys::Health,
    rules::{authenticated, role},
    scope,
};
use doorward_axum::{AccessToken, Gate, OptionalToken, guarded};
use doorward_examples::{
    orders::{Me, Order, Orders, Report},
    settings::{Settings, exit_code, log_to_stderr},
};

#[derive(Clone, FromRef)]
struct AppState {
    gate: Gate,
    orders: Orders,
}

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
    axum::serve(listener, app(Gate::new(server))).await?;
    Ok(())
}

fn app(gate: Gate) -> Router {
    let state = AppState { gate: gate.clone(), orders: Orders::with_samples() };
    gate.router()
        .public("/health", get(async || "ok"))
        .public("/ready", get(ready))
        .route("/keys", guarded::get(role("Orders.Admin"), keys))
        .public("/profile", get(profile))
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
        .with_state(state)
}

/// For a readiness probe: whether the keys of every issuer serve. Why not is nobody's business.
async fn ready(State(gate): State<Gate>) -> StatusCode {
    if gate.health().is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

/// For operators: how the keys of every issuer stand.
async fn keys(State(gate): State<Gate>) -> Json<Health> {
    Json(gate.health())
}

async fn profile(OptionalToken(token): OptionalToken) -> String {
    token.map_or_else(|| "anonymous".to_owned(), |token| token.subject().to_owned())
}

async fn me(token: AccessToken) -> Json<Me> {
    Json(Me::from(&*token))
}

async fn list(State(orders): State<Orders>) -> Json<Vec<Order>> {
    Json(orders.list())
}

async fn create(token: AccessToken, State(orders): State<Orders>) -> (StatusCode, Json<Order>) {
    (StatusCode::CREATED, Json(orders.add("table", token.subject())))
}

async fn remove(State(orders): State<Orders>, Path(id): Path<u64>) -> StatusCode {
    orders.remove(id);
    StatusCode::NO_CONTENT
}

async fn report(State(orders): State<Orders>) -> Json<Report> {
    Json(orders.report())
}
