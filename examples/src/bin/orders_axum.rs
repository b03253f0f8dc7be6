//! The orders API on axum. Without settings it starts a development issuer and prints `curl` lines
//! to try; see `settings.rs` for the environment variables.

use std::{error::Error, process::ExitCode, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use doorward::{
    keys::Health,
    rules::{authenticated, role},
    scope,
};
use doorward_axum::{AccessToken, Gate, guarded};
use doorward_examples::{
    orders::{Me, Order, Orders, Report},
    settings::{Settings, exit_code, log_to_stderr},
};

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
    let state = Arc::new(AppState { gate: gate.clone(), orders: Orders::with_samples() });
    gate.router()
        .public("/health", get(async || "ok"))
        .public("/ready", get(ready))
        .route("/keys", guarded::get(role("Orders.Admin"), keys))
        .optional("/profile", get(profile))
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

/// For a readiness probe: whether the keys of every issuer are usable. The reason is not told.
async fn ready(State(state): State<Arc<AppState>>) -> StatusCode {
    let is_ready = state.gate.server().health().is_ready();
    if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

/// For operators: the state of every issuer's keys.
async fn keys(State(state): State<Arc<AppState>>) -> Json<Health> {
    Json(state.gate.server().health())
}

async fn profile(token: Option<AccessToken>) -> String {
    token.map_or_else(|| "anonymous".to_owned(), |token| token.subject().to_owned())
}

async fn me(token: AccessToken) -> Json<Me> {
    Json(Me::from(token.as_ref()))
}

async fn list(State(state): State<Arc<AppState>>) -> Json<Vec<Order>> {
    Json(state.orders.list())
}

async fn create(
    token: AccessToken,
    State(state): State<Arc<AppState>>,
) -> (StatusCode, Json<Order>) {
    (StatusCode::CREATED, Json(state.orders.add("table", token.subject())))
}

async fn remove(State(state): State<Arc<AppState>>, Path(id): Path<u64>) -> StatusCode {
    state.orders.remove(id);
    StatusCode::NO_CONTENT
}

async fn report(State(state): State<Arc<AppState>>) -> Json<Report> {
    Json(state.orders.report())
}
