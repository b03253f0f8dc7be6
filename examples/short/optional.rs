//! The token is optional: a request without one is anonymous, and an invalid one is rejected.
//!
//!     cargo run -p doorward-examples --example optional

use axum::{Router, routing::get};
use doorward_axum::{AccessToken, Gate};
use doorward_examples::short::{self, Outcome};

pub fn app(gate: &Gate) -> Router {
    gate.router().optional("/greeting", get(greet)).with_state(())
}

async fn greet(token: Option<AccessToken>) -> String {
    match token {
        Some(token) => format!("hello, {}\n", token.subject()),
        None => "hello, whoever you are\n".to_owned(),
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let (issuer, gate) = short::issuer_and_gate().await?;
    let trials = [
        ("no token: 200", "GET /greeting", None),
        ("a token: 200", "GET /greeting", Some(issuer.mint().subject("ada"))),
        ("an expired token: 401", "GET /greeting", Some(issuer.mint().expired())),
    ];
    short::serve(app(&gate), trials).await
}
