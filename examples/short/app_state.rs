//! The state of the application is its own: extractors need nothing of it.
//!
//!     cargo run -p doorward-examples --example app_state

use std::sync::Arc;

use axum::{Router, extract::State};
use doorward::scope;
use doorward_axum::{AccessToken, Gate, guarded};
use doorward_examples::{
    orders::Orders,
    short::{self, Outcome},
};

pub struct AppState {
    pub orders: Orders,
}

pub fn app(gate: &Gate, state: AppState) -> Router {
    let orders = guarded::get(scope!("orders.read"), count).post(scope!("orders.write"), add);
    gate.router().route("/orders", orders).with_state(Arc::new(state))
}

async fn count(State(state): State<Arc<AppState>>) -> String {
    format!("{} orders\n", state.orders.list().len())
}

async fn add(State(state): State<Arc<AppState>>, token: AccessToken) -> String {
    format!("order {}\n", state.orders.add("lamp", token.subject()).id)
}

#[tokio::main]
async fn main() -> Outcome {
    let (issuer, gate) = short::issuer_and_gate().await?;
    let app = app(&gate, AppState { orders: Orders::with_samples() });
    let writer = || Some(issuer.mint().scope("orders.read orders.write"));
    let trials =
        [("counts: 200", "GET /orders", writer()), ("adds: 200", "POST /orders", writer())];
    short::serve(app, trials).await
}
