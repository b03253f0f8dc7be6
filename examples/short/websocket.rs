//! The token is checked before the upgrade: who is refused gets no WebSocket.
//!
//!     cargo run -p doorward-examples --example websocket
//!
//! A connection that stays open outlives its token, unless you close it at `token.expires_at()`.

use axum::{Router, extract::WebSocketUpgrade, response::Response};
use doorward::scope;
use doorward_axum::{AccessToken, Gate, guarded};
use doorward_examples::short::{self, Outcome};

pub fn app(gate: &Gate) -> Router {
    gate.router().route("/news", guarded::get(scope!("news.read"), news)).with_state(())
}

async fn news(token: AccessToken, upgrade: WebSocketUpgrade) -> Response {
    let greeting = format!("hello, {}", token.subject());
    upgrade.on_upgrade(async |mut socket| {
        // A client that is gone needs no greeting.
        let _ = socket.send(greeting.into()).await;
    })
}

#[tokio::main]
async fn main() -> Outcome {
    let (issuer, gate) = short::issuer_and_gate().await?;
    let reader = issuer.mint().scope("news.read");
    let trials = [
        ("no token: 401", "WEBSOCKET /news", None),
        ("no scope: 403", "WEBSOCKET /news", Some(issuer.mint())),
        ("a greeting: 101", "WEBSOCKET /news", Some(reader)),
    ];
    short::serve(app(&gate), trials).await
}
