//! A route for programs: no user's token opens it, whatever its scopes.
//!
//!     cargo run -p doorward-examples --example app_only

use axum::Router;
use doorward::{
    Issuer,
    rules::{app_only, role},
    tokens::Actor,
};
use doorward_axum::{AccessToken, Gate, guarded};
use doorward_examples::short::{self, AUDIENCE, Outcome};

/// Issuers of Microsoft's say who acts; of another one, tell doorward how to know.
pub fn trusted(issuer: &str) -> Issuer {
    Issuer::discover(issuer, AUDIENCE).actor_by(|token| match token.client_id() {
        Some(client) if client == token.subject() => Actor::AppOnly, // RFC 9068 §2.2
        Some(_) => Actor::Delegated,
        None => Actor::Unknown,
    })
}

pub fn app(gate: &Gate) -> Router {
    let nightly = guarded::post(app_only() & role("Orders.Export"), export);
    gate.router().route("/exports", nightly).with_state(())
}

async fn export(token: AccessToken) -> String {
    format!("exported for {}\n", token.subject())
}

#[tokio::main]
async fn main() -> Outcome {
    let issuer = short::issuer().await?;
    let gate = short::gate([trusted(issuer.url())]).await?;
    let export = issuer.mint().client_id("nightly").roles(["Orders.Export"]);
    let trials = [
        ("a user: 403", "POST /exports", Some(export.clone().subject("user-1"))),
        ("a program: 200", "POST /exports", Some(export.subject("nightly"))),
    ];
    short::serve(app(&gate), trials).await
}
