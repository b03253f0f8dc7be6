//! gRPC behind the tower layer: a rejected call gets a gRPC status, as its clients expect.
//!
//!     cargo run -p doorward-examples --features grpc --example grpc
//!
//! A method of yours finds the token by `gate.verified(request.extensions())`.

use doorward::scope;
use doorward_examples::short::{self, Outcome};
use doorward_tower::Gate;
use tokio::net::TcpListener;
use tonic::transport::{Error, Server, server::TcpIncoming};

pub async fn serve(gate: &Gate, listener: TcpListener) -> Result<(), Error> {
    let (_reporter, health) = tonic_health::server::health_reporter();
    Server::builder()
        .layer(gate.require(scope!("health.read")))
        .add_service(health)
        .serve_with_incoming(TcpIncoming::from(listener))
        .await
}

#[tokio::main]
async fn main() -> Outcome {
    let (issuer, gate) = short::issuer_and_gate().await?;
    let gate = Gate::new(gate.server().clone());
    let check = "GRPC /grpc.health.v1.Health/Check";
    let reader = issuer.mint().scope("health.read");
    let trials = [
        ("no token, grpc-status 16: 401", check, None),
        ("no scope, grpc-status 7: 403", check, Some(issuer.mint())),
        ("SERVING, grpc-status 0: 200", check, Some(reader)),
    ];
    Ok(serve(&gate, short::listen(trials).await?).await?)
}
