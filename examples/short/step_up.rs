//! To pay, the user must have signed in with two factors, and within the hour (RFC 9470).
//!
//!     cargo run -p doorward-examples --example step_up

use std::time::{Duration, SystemTime};

use axum::Router;
use doorward::rules::{acr, authenticated, max_age};
use doorward_axum::{AccessToken, Gate, guarded};
use doorward_examples::short::{self, Outcome};

pub fn app(gate: &Gate) -> Router {
    let strongly = acr(["urn:example:two-factors"]) & max_age(Duration::from_secs(3600));
    let payments = guarded::get(authenticated(), list).post(strongly, pay);
    gate.router().route("/payments", payments).with_state(())
}

async fn list(token: AccessToken) -> String {
    format!("payments of {}\n", token.subject())
}

async fn pay(token: AccessToken) -> String {
    format!("paid by {}\n", token.subject())
}

#[tokio::main]
async fn main() -> Outcome {
    let (issuer, gate) = short::issuer_and_gate().await?;
    let now = SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
    let strong = issuer.mint().claim("acr", "urn:example:two-factors").claim("auth_time", now);
    let trials = [
        ("any token lists: 200", "GET /payments", Some(issuer.mint())),
        ("to pay, sign in again: 401", "POST /payments", Some(issuer.mint())),
        ("after a strong sign-in, for an hour: 200", "POST /payments", Some(strong)),
    ];
    short::serve(app(&gate), trials).await
}
