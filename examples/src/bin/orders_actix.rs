//! The orders API on actix. Without settings it starts a development issuer and prints `curl` lines
//! to try; see `settings.rs` for the environment variables.

use std::{error::Error, process::ExitCode};

use actix_web::{
    App, HttpResponse, HttpServer, Responder,
    http::StatusCode,
    web::{Data, Json, Path, ServiceConfig, delete, get, post, resource},
};
use doorward::{Health, role, scope};
use doorward_actix::{AccessToken, Gate, OptionalToken};
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
    let server = HttpServer::new(move || App::new().configure(|api| routes(api, &gate, &orders)))
        .bind(settings.address)
        .map_err(|error| format!("cannot listen on {}: {error}", settings.address))?;
    if let (Some(demo), Some(address)) = (&demo, server.addrs().first()) {
        println!("{}", demo.introduction(*address)?);
    }
    server.run().await?;
    Ok(())
}

fn routes(api: &mut ServiceConfig, gate: &Gate, orders: &Orders) {
    let read = gate.require(scope!("orders.read"));
    let write = gate.require(scope!("orders.write"));
    let administer = gate.require(scope!("orders.write") & role!("Orders.Admin"));
    let reports = gate.require(scope!("reports.read") | role!("Reports.Reader"));
    api.app_data(Data::new(gate.clone()))
        .app_data(Data::new(orders.clone()))
        .service(resource("/health").route(get().to(async || "ok")))
        .service(resource("/ready").route(get().to(ready)))
        .service(resource("/keys").route(get().to(keys).wrap(gate.require(role!("Orders.Admin")))))
        .service(resource("/profile").route(get().to(profile)))
        .service(resource("/me").route(get().to(me).wrap(gate.authenticated())))
        .service(
            resource("/orders")
                .route(get().to(list).wrap(read))
                .route(post().to(create).wrap(write)),
        )
        .service(resource("/orders/{id}").route(delete().to(remove).wrap(administer)))
        .service(resource("/reports").route(get().to(report).wrap(reports)));
}

/// For a readiness probe: whether the keys of every issuer serve. Why not is nobody's business.
async fn ready(gate: Data<Gate>) -> HttpResponse {
    let is_ready = gate.health().is_ready();
    HttpResponse::new(if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE })
}

/// For operators: how the keys of every issuer stand.
async fn keys(gate: Data<Gate>) -> Json<Health> {
    Json(gate.health())
}

async fn profile(OptionalToken(token): OptionalToken) -> String {
    token.map_or_else(|| "anonymous".to_owned(), |token| token.subject().to_owned())
}

async fn me(token: AccessToken) -> Json<Me> {
    Json(Me::from(&*token))
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
