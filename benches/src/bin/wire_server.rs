//! The route `GET /orders` of the orders API, protected by one contender, on a free port of the
//! loopback interface; the URL is written when it listens.
//!
//! `wire_server --contender NAME --issuer URL --keys JWKS`

use std::{env, error::Error, time::Duration};

use axum::{Json, Router, extract::State, routing::get};
use doorward::{Issuer, ResourceServer, ResourceServerBuilder, scope};
use doorward_axum::{AccessToken, Gate, guarded};
use doorward_benches::claims::AUDIENCE;
use doorward_examples::orders::{Order, Orders};
use tokio::net::TcpListener;

const USAGE: &str = "wire_server --contender NAME --issuer URL --keys JWKS, where NAME is none, uncached, \
                     cached, impatient or a peer";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["--contender", name, "--issuer", issuer, "--keys", keys] = arguments[..] else {
        return Err(USAGE.into());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(1).enable_all().build()?;
    runtime.block_on(serve(name, issuer, keys))
}

async fn serve(name: &str, issuer: &str, keys: &str) -> Result<(), Box<dyn Error>> {
    let app = app(name, issuer, keys).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/orders", listener.local_addr()?);
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(serving.await??)
}

/// Peers have the keys; doorward discovers them.
async fn app(name: &str, issuer: &str, keys: &str) -> Result<Router, Box<dyn Error>> {
    let server =
        ResourceServer::builder().trust(Issuer::discover(issuer, AUDIENCE)).allow_loopback_http();
    match name {
        "none" => Ok(open()),
        "uncached" => guarded(server.max_cached_tokens(0)).await,
        "cached" => guarded(server).await,
        // Fetches the keys every second, so that an outage is felt at once.
        "impatient" => {
            let second = Duration::from_secs(1);
            guarded(server.key_freshness(second..=second)).await
        }
        peer => peer_app(peer, issuer, keys),
    }
}

#[cfg(feature = "peers")]
fn peer_app(name: &str, issuer: &str, keys: &str) -> Result<Router, Box<dyn Error>> {
    let keys = serde_json::from_str(keys)?;
    doorward_benches::peers::wire::api(name, issuer, &keys)?.ok_or_else(|| USAGE.into())
}

#[cfg(not(feature = "peers"))]
fn peer_app(_: &str, _: &str, _: &str) -> Result<Router, Box<dyn Error>> {
    Err(USAGE.into())
}

fn open() -> Router {
    async fn list(State(orders): State<Orders>) -> Json<Vec<Order>> {
        Json(orders.list())
    }
    Router::new().route("/orders", get(list)).with_state(Orders::with_samples())
}

async fn guarded(server: ResourceServerBuilder) -> Result<Router, Box<dyn Error>> {
    async fn list(_: AccessToken, State(orders): State<Orders>) -> Json<Vec<Order>> {
        Json(orders.list())
    }
    let gate = Gate::new(server.build().await?);
    let router = gate.router().route("/orders", guarded::get(scope!("orders.read"), list));
    Ok(router.with_state(Orders::with_samples()))
}
