//! doorward behind axum and actix, and the router without any authentication.

use std::hint::black_box;

use actix_web::{App, HttpResponse, test};
use axum::{Router, http::StatusCode, routing::get};
use doorward::{ConfigError, ResourceServer, scope};
use doorward_axum::{AccessToken, Gate, guarded};

use super::{Peer, Served};
use crate::{
    contender::{Contender, PATH},
    token::SignedToken,
};

/// Returns a router that takes every request.
pub(super) fn bare_router(signed: &SignedToken) -> Box<dyn Contender> {
    let router: Router = Router::new().route(PATH, get(async || StatusCode::NO_CONTENT));
    Served::axum("bare axum router", router, signed)
}

/// Returns a guarded route of axum and one of actix, each of a server that remembers no token and of
/// one that does.
pub(super) async fn all(signed: &SignedToken) -> Result<Vec<Box<dyn Peer>>, ConfigError> {
    let (first, again) = (signed.server().await?, signed.remembering_server().await?);
    Ok(vec![
        axum("doorward, axum, first sight", first.clone(), signed),
        axum("doorward, axum, token seen before", again.clone(), signed),
        actix("doorward, actix, first sight", first, signed).await,
        actix("doorward, actix, token seen before", again, signed).await,
    ])
}

fn axum(name: &'static str, server: ResourceServer, signed: &SignedToken) -> Box<dyn Peer> {
    async fn list(token: AccessToken) -> StatusCode {
        black_box(token.subject());
        StatusCode::NO_CONTENT
    }
    let gate = Gate::new(server);
    let router = gate.router().route(PATH, guarded::get(scope!("orders.read"), list));
    Served::axum(name, router.with_state(()), signed)
}

async fn actix(name: &'static str, server: ResourceServer, signed: &SignedToken) -> Box<dyn Peer> {
    async fn list(token: doorward_actix::AccessToken) -> HttpResponse {
        black_box(token.subject());
        HttpResponse::NoContent().finish()
    }
    let gate = doorward_actix::Gate::new(server);
    let orders = doorward_actix::guarded::get(scope!("orders.read"), list);
    let app = App::new().service(gate.guarded_scope("").route(PATH, orders));
    Served::actix(name, test::init_service(app).await, signed)
}
