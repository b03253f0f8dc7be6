//! Every route names its rule, and the map of all rules is a file that reviewers see change.
//!
//!     cargo run -p doorward-examples --example guarded_router

use axum::routing::get;
use doorward::{
    rules::{authenticated, role},
    scope,
};
use doorward_axum::{Gate, guarded, guarded::GuardedRouter};
use doorward_examples::short::{self, Outcome};

pub fn routes(gate: &Gate) -> GuardedRouter {
    let admin = scope!("orders.write") & role("Admin");
    let orders = gate
        .router()
        .route("/", guarded::get(scope!("orders.read"), async || "all\n"))
        .route("/{id}", guarded::delete(admin, async || "gone\n"));
    gate.router()
        .public("/health", get(async || "ok\n"))
        .route("/me", guarded::get(authenticated(), async || "you\n"))
        .nest("/orders", orders)
}

#[tokio::main]
async fn main() -> Outcome {
    let (issuer, gate) = short::issuer_and_gate().await?;
    println!("{}", routes(&gate).access_map());
    let trials = [
        ("public: 200", "GET /health", None),
        ("guarded: 401", "GET /orders", None),
        ("guarded: 200", "GET /orders", Some(issuer.mint().scope("orders.read"))),
    ];
    short::serve(routes(&gate).with_state(()), trials).await
}

#[tokio::test]
async fn the_rules_are_those_of_the_reviewed_file() {
    let (_issuer, gate) = short::issuer_and_gate().await.unwrap();
    doorward::assert_access_map!(routes(&gate).access_map(), "../examples/short/access-map.txt");
}
