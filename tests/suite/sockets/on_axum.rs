//! The routes on axum: by the guarded router, and by layers on a plain one.

use axum::{
    Router,
    extract::Path,
    routing::{delete, get, post},
};
use doorward::ResourceServer;
use doorward_axum::{AccessToken, Claims, Gate, Scoped, guarded};

use super::routes::{self, MyClaims, ReadOrders};

/// By the guarded router.
pub fn guarded_router(server: ResourceServer) -> Router {
    let gate = Gate::new(server);
    let order = guarded::get(routes::read(), order).delete(routes::administer(), deleted);
    let router = gate
        .router()
        .public("/public", get(public))
        .optional("/optional", get(optional))
        .optional("/token", get(greet))
        .optional("/claims", get(claims))
        .optional("/scoped", get(scoped))
        .route("/orders", guarded::get(routes::read(), orders).post(routes::write(), created))
        .route("/orders/{id}", order)
        .nest("/reports", gate.router().route("/daily", guarded::get(routes::reports(), greet)));
    let kinds = routes::kinds().into_iter();
    kinds
        .fold(router, |router, (path, rule)| router.route(path, guarded::get(rule, greet)))
        .with_state(())
}

/// By layers on the routes of a plain router, which require everything themselves.
pub fn layered_router(server: ResourceServer) -> Router {
    let gate = Gate::new(server);
    let reports = Router::new().route("/daily", get(greet));
    let orders = get(orders).route_layer(gate.require(routes::read()));
    let order = get(order).route_layer(gate.require(routes::read()));
    let deletion = delete(deleted).route_layer(gate.require(routes::administer()));
    let router = Router::new()
        .route("/public", get(public))
        .route("/optional", get(optional).route_layer(gate.optional()))
        .route("/token", get(greet).route_layer(gate.authenticated()))
        .route("/claims", get(claims).route_layer(gate.authenticated()))
        .route("/scoped", get(greet).route_layer(gate.require(routes::read())))
        .route("/orders", orders.merge(post(created).route_layer(gate.require(routes::write()))))
        .route("/orders/{id}", order.merge(deletion))
        .nest("/reports", reports.route_layer(gate.require(routes::reports())));
    let kinds = routes::kinds().into_iter();
    kinds.fold(router, |router, (path, rule)| {
        router.route(path, get(greet).route_layer(gate.require(rule)))
    })
}

async fn public() -> &'static str {
    "public"
}

async fn greet(token: AccessToken) -> String {
    routes::greeting(Some(token.as_ref()))
}

async fn optional(token: Option<AccessToken>) -> String {
    routes::greeting(token.as_ref().map(AsRef::as_ref))
}

async fn claims(Claims(claims): Claims<MyClaims>) -> String {
    claims.department
}

async fn scoped(token: Scoped<ReadOrders>) -> String {
    routes::greeting(Some(token.as_ref()))
}

async fn orders() -> &'static str {
    "orders"
}

async fn created() -> &'static str {
    "created"
}

async fn order(Path(id): Path<String>) -> String {
    format!("order {id}")
}

async fn deleted(Path(id): Path<String>) -> String {
    format!("deleted {id}")
}
