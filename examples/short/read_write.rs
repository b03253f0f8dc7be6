//! Who has the read scope lists the orders; who has the write scope adds one.
//!
//!     cargo run -p doorward-examples --example read_write

use axum::Router;
use doorward::scope;
use doorward_axum::{AccessToken, Gate, guarded};
use doorward_examples::short::{self, Outcome};

pub fn app(gate: &Gate) -> Router {
    let orders = guarded::get(scope!("orders.read"), list).post(scope!("orders.write"), add);
    gate.router().route("/orders", orders).with_state(())
}

async fn list(token: AccessToken) -> String {
    format!("orders of {}\n", token.subject())
}

async fn add(token: AccessToken) -> String {
    format!("ordered by {}\n", token.subject())
}

#[tokio::main]
async fn main() -> Outcome {
    let (issuer, gate) = short::issuer_and_gate().await?;
    let reader = issuer.mint().scope("orders.read");
    let writer = issuer.mint().scope("orders.read orders.write");
    let trials = [
        ("no token: 401", "GET /orders", None),
        ("a reader lists: 200", "GET /orders", Some(reader.clone())),
        ("a reader does not add: 403", "POST /orders", Some(reader)),
        ("a writer adds: 200", "POST /orders", Some(writer)),
    ];
    short::serve(app(&gate), trials).await
}
