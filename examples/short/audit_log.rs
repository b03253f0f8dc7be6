//! An audit log: a line for every decision of the gate, accepted and rejected.
//!
//!     cargo run -p doorward-examples --example audit_log

use axum::Router;
use doorward::{Issuer, ResourceServerBuilder, audit::Decision, rules::role};
use doorward_axum::{AccessToken, Gate, guarded};
use doorward_examples::short::{self, AUDIENCE, Outcome};

pub fn audited(
    builder: ResourceServerBuilder,
    write: impl Fn(String) + Send + Sync + 'static,
) -> ResourceServerBuilder {
    builder.log_subjects().on_decision(move |decision| write(line(decision)))
}

fn line(decision: &Decision<'_>) -> String {
    let (code, method) = (decision.code(), decision.method().unwrap_or("?"));
    let (route, who) = (decision.route().unwrap_or("?"), decision.subject().unwrap_or("nobody"));
    format!("{code}: {method} {route} by {who}")
}

pub fn app(gate: &Gate) -> Router {
    gate.router().route("/orders/{id}", guarded::delete(role("Admin"), delete)).with_state(())
}

async fn delete(token: AccessToken) -> String {
    format!("deleted by {}\n", token.subject())
}

#[tokio::main]
async fn main() -> Outcome {
    let issuer = short::issuer().await?;
    let server = short::server([Issuer::discover(issuer.url(), AUDIENCE)]);
    let server = audited(server, |line| println!("audit: {line}")).build().await?;
    let admin = Some(issuer.mint().subject("ada").roles(["Admin"]));
    let trials = [
        ("rejected: 403", "DELETE /orders/1", Some(issuer.mint())),
        ("accepted: 200", "DELETE /orders/1", admin),
    ];
    short::serve(app(&Gate::new(server)), trials).await
}
