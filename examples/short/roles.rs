//! Clerks and administrators see an order; administrators alone delete one.
//!
//!     cargo run -p doorward-examples --example roles

use axum::Router;
use doorward::rules::role;
use doorward_axum::{AccessToken, Gate, guarded};
use doorward_examples::short::{self, Outcome};

pub fn app(gate: &Gate) -> Router {
    let order = guarded::get(role("Clerk") | role("Admin"), show).delete(role("Admin"), delete);
    gate.router().route("/orders/{id}", order).with_state(())
}

async fn show(token: AccessToken) -> String {
    format!("shown to {}\n", token.subject())
}

async fn delete(token: AccessToken) -> String {
    format!("deleted by {}\n", token.subject())
}

#[tokio::main]
async fn main() -> Outcome {
    let (issuer, gate) = short::issuer_and_gate().await?;
    let clerk = issuer.mint().roles(["Clerk"]);
    let admin = issuer.mint().roles(["Admin"]);
    let trials = [
        ("no role: 403", "GET /orders/1", Some(issuer.mint())),
        ("a clerk sees an order: 200", "GET /orders/1", Some(clerk.clone())),
        ("a clerk does not delete it: 403", "DELETE /orders/1", Some(clerk)),
        ("an administrator does: 200", "DELETE /orders/1", Some(admin)),
    ];
    short::serve(app(&gate), trials).await
}
