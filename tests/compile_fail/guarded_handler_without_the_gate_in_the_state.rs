//! A handler takes its gate from the state of the router that it is on.

use doorward::scope;
use doorward_axum::{AccessToken, Gate, guarded};

#[derive(Clone)]
struct AppState;

async fn list(_: AccessToken) {}

fn app(gate: &Gate) -> guarded::GuardedRouter<AppState> {
    gate.router().route("/orders", guarded::get(scope!("orders.read"), list))
}

fn main() {}
