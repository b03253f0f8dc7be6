//! An existing router gets a gate: one line for the routes of a group, its handlers stay as they are.
//!
//!     cargo run -p doorward-examples --example retrofit

use axum::{Router, routing::get};
use doorward::{rules::role, scope};
use doorward_axum::Gate;
use doorward_examples::short::{self, Outcome};

pub fn app(gate: &Gate) -> Router {
    let orders = Router::new()
        .route("/orders", get(async || "orders\n").post(async || "added\n"))
        .route("/orders/{id}", get(async || "order\n"))
        .route("/customers", get(async || "customers\n"))
        .route("/customers/{id}", get(async || "customer\n"))
        .route("/invoices", get(async || "invoices\n"))
        .route_layer(gate.require(scope!("orders"))); // the five routes above
    let admin = Router::new()
        .route("/users", get(async || "users\n"))
        .route("/users/{id}", get(async || "user\n").delete(async || "deleted\n"))
        .route("/settings", get(async || "settings\n"))
        .route_layer(gate.require(role("Admin")));
    let open =
        Router::new().route("/", get(async || "welcome\n")).route("/health", get(async || "ok\n"));
    open.merge(orders).nest("/admin", admin)
}

#[tokio::main]
async fn main() -> Outcome {
    let (issuer, gate) = short::issuer_and_gate().await?;
    let trials = [
        ("no gate in front: 200", "GET /health", None),
        ("no token: 401", "GET /invoices", None),
        ("the scope: 200", "GET /invoices", Some(issuer.mint().scope("orders"))),
        ("not the role: 403", "GET /admin/users", Some(issuer.mint().scope("orders"))),
    ];
    short::serve(app(&gate), trials).await
}
