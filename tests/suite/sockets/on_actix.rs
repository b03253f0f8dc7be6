//! The routes on actix: by the guarded scope; and by middleware, on a resource for the kinds of rules,
//! on a route for the orders and for what only an extractor requires, on a scope for the reports.

use std::net::{SocketAddr, TcpListener};

use actix_web::{App, HttpServer, dev::ServerHandle, web};
use doorward::ResourceServer;
use doorward_actix::{AccessToken, Claims, Gate, OptionalToken, Scoped, guarded};

use super::routes::{self, MyClaims, ReadOrders};

/// Starts the server by middleware.
pub fn by_middleware(server: &ResourceServer) -> (SocketAddr, ServerHandle) {
    start(server, configure)
}

/// Starts the server by the guarded scope.
pub fn by_guarded_scope(server: &ResourceServer) -> (SocketAddr, ServerHandle) {
    start(server, |app, gate| _ = app.service(guarded_scope(gate)))
}

/// Starts a server with one worker.
fn start(
    server: &ResourceServer,
    configure: fn(&mut web::ServiceConfig, &Gate),
) -> (SocketAddr, ServerHandle) {
    let gate = Gate::new(server.clone());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let app = move || App::new().configure(|app| configure(app, &gate));
    let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
    let handle = server.handle();
    tokio::spawn(server);
    (address, handle)
}

fn guarded_scope(gate: &Gate) -> guarded::GuardedScope {
    let reports = gate.guarded_scope("").route("/daily", guarded::get(routes::reports(), greet));
    let scope = gate
        .guarded_scope("")
        .public("/public", web::get().to(async || "public"))
        .optional("/optional", web::get().to(optional))
        .optional("/token", web::get().to(greet))
        .optional("/claims", web::get().to(claims))
        .optional("/scoped", web::get().to(scoped))
        .route(
            "/orders",
            guarded::get(routes::read(), async || "orders")
                .post(routes::write(), async || "created"),
        )
        .route(
            "/orders/{id}",
            guarded::get(routes::read(), order).delete(routes::administer(), deleted),
        )
        .nest("/reports", reports);
    let kinds = routes::kinds().into_iter();
    kinds.fold(scope, |scope, (path, rule)| scope.route(path, guarded::get(rule, greet)))
}

fn configure(app: &mut web::ServiceConfig, gate: &Gate) {
    let read = || gate.require(routes::read());
    for (path, rule) in routes::kinds() {
        app.service(web::resource(path).wrap(gate.require(rule)).route(web::get().to(greet)));
    }
    app.route("/public", web::get().to(async || "public"))
        .service(web::resource("/optional").wrap(gate.optional()).route(web::get().to(optional)))
        .route("/token", web::get().to(greet).wrap(gate.optional()))
        .route("/claims", web::get().to(claims).wrap(gate.optional()))
        .route("/scoped", web::get().to(scoped).wrap(gate.optional()))
        .service(
            web::resource("/orders")
                .route(web::get().to(async || "orders").wrap(read()))
                .route(web::post().to(async || "created").wrap(gate.require(routes::write()))),
        )
        .service(
            web::resource("/orders/{id}")
                .route(web::get().to(order).wrap(read()))
                .route(web::delete().to(deleted).wrap(gate.require(routes::administer()))),
        )
        .service(
            web::scope("/reports")
                .wrap(gate.require(routes::reports()))
                .route("/daily", web::get().to(greet)),
        );
}

async fn greet(token: AccessToken) -> String {
    routes::greeting(Some(token.as_ref()))
}

async fn optional(OptionalToken(token): OptionalToken) -> String {
    routes::greeting(token.as_ref().map(AsRef::as_ref))
}

async fn claims(Claims(claims): Claims<MyClaims>) -> String {
    claims.department
}

async fn scoped(token: Scoped<ReadOrders>) -> String {
    routes::greeting(Some(token.as_ref()))
}

async fn order(id: web::Path<String>) -> String {
    format!("order {id}")
}

async fn deleted(id: web::Path<String>) -> String {
    format!("deleted {id}")
}
