//! Two issuers, two rules: employees see it all; partners see the orders, with the scope.
//!
//!     cargo run -p doorward-examples --example several_issuers

use axum::Router;
use doorward::{Issuer, rules::issued_by, scope};
use doorward_axum::{AccessToken, Gate, guarded};
use doorward_examples::short::{self, Outcome};

pub fn trusted(staff: &str, partners: &str) -> [Issuer; 2] {
    [Issuer::discover(staff, "api://intranet"), Issuer::discover(partners, "api://orders")]
}

pub fn app(gate: &Gate, staff: &str) -> Router {
    gate.router()
        .route("/orders", guarded::get(scope!("orders.read") | issued_by(staff), show))
        .route("/wages", guarded::get(issued_by(staff), show))
        .with_state(())
}

async fn show(token: AccessToken) -> String {
    format!("shown to {}\n", token.subject())
}

#[tokio::main]
async fn main() -> Outcome {
    let (staff, partners) = (short::issuer().await?, short::issuer().await?);
    let gate = short::gate(trusted(staff.url(), partners.url())).await?;
    let trials = [
        ("an employee: 200", "GET /wages", Some(staff.mint().audience("api://intranet"))),
        ("a partner: 200", "GET /orders", Some(partners.mint().scope("orders.read"))),
        ("not the wages: 403", "GET /wages", Some(partners.mint().scope("orders.read"))),
    ];
    short::serve(app(&gate, staff.url()), trials).await
}
