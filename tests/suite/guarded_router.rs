//! axum's guarded router: no route without a rule, whatever the path's spelling, and its map.

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
    routing::{any, get},
};
use doorward::{rules::role, scope};
use doorward_axum::{Gate, guarded};
use tower::ServiceExt as _;

use crate::{
    spellings::{Adapter, assert_each_is_taken_as_the_table_says},
    support::{good_token, server},
};

fn foreign() -> Router<Gate> {
    Router::new()
        .route("/reports", get(async || "reports"))
        .route("/reports/{id}", any(async || "report"))
        .fallback(async || "the foreign fallback")
}

fn orders(gate: &Gate) -> guarded::GuardedRouter<Gate> {
    gate.router()
        .route("/", guarded::get(scope!("orders.read"), async || "list"))
        .route("/{id}", guarded::delete(scope!("orders.write") & role("Admin"), async || "gone"))
}

fn router(gate: &Gate) -> guarded::GuardedRouter<Gate> {
    let more = gate.router().route("/me", guarded::get(scope!("me"), async || "me"));
    gate.router()
        .public("/health", get(async || "ok"))
        .nest("/orders", orders(gate))
        .join(more)
        .merge(scope!("reports.read"), foreign())
}

async fn app() -> Router {
    let gate = Gate::new(server().await);
    router(&gate).with_state(gate)
}

async fn status(app: &Router, method: &Method, path: &str, scope: Option<&str>) -> StatusCode {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(scope) = scope {
        let token = good_token().await.scope(scope).sign().unwrap();
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
}

#[tokio::test]
async fn a_foreign_router_comes_in_with_a_rule_for_all_of_it() {
    let app = app().await;
    for path in ["/reports", "/reports/7", "/reports/7?x=/health", "/nowhere", "/orders/../health"]
    {
        assert_eq!(status(&app, &Method::GET, path, None).await, 401, "{path}");
        assert_eq!(status(&app, &Method::GET, path, Some("orders.read")).await, 403, "{path}");
        assert_eq!(status(&app, &Method::GET, path, Some("reports.read")).await, 200, "{path}");
    }
}

#[tokio::test]
async fn nested_and_joined_routes_keep_their_rules() {
    let app = app().await;
    for (path, scope) in [("/orders", "orders.read"), ("/me", "me")] {
        assert_eq!(status(&app, &Method::GET, path, None).await, 401, "{path}");
        assert_eq!(status(&app, &Method::GET, path, Some("x")).await, 403, "{path}");
        assert_eq!(status(&app, &Method::GET, path, Some(scope)).await, 200, "{path}");
        assert_eq!(status(&app, &Method::HEAD, path, Some(scope)).await, 200, "{path}");
    }
    assert_eq!(status(&app, &Method::DELETE, "/orders/7", Some("orders.write")).await, 403);
    assert_eq!(status(&app, &Method::GET, "/health", None).await, 200);
}

#[tokio::test]
async fn no_spelling_of_a_path_gets_past_its_rule() {
    let gate = Gate::new(server().await);
    let app: Router = orders_and_health(&gate).with_state(gate);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    assert_each_is_taken_as_the_table_says(Adapter::Axum, address).await;
}

fn orders_and_health(gate: &Gate) -> guarded::GuardedRouter<Gate> {
    gate.router().public("/health", get(async || "ok")).nest("/orders", orders(gate))
}

/// The slash would be part of every path below, and the map would tell others.
#[tokio::test]
#[should_panic(expected = "`/orders/` ends with a slash")]
async fn a_prefix_that_ends_with_a_slash_is_refused() {
    let gate = Gate::new(server().await);
    let _ = gate.router::<Gate>().nest("/orders/", orders(&gate));
}

#[tokio::test]
async fn the_access_map_tells_every_route_and_is_compared_with_a_file() {
    let gate = Gate::new(server().await);
    let router = router(&gate);
    doorward::assert_access_map!(router.access_map(), "suite/access-map.md");
    doorward::assert_access_map!(router.access_map(), "suite/access-map.txt");
    let scopes: Vec<_> = router.access_map().scopes().iter().map(ToString::to_string).collect();
    assert_eq!(scopes, ["me", "orders.read", "orders.write", "reports.read"]);
    if std::env::var_os("UPDATE_ACCESS_MAP").is_some() {
        return;
    }
    let changed = orders_and_health(&gate);
    let compare = || doorward::assert_access_map!(changed.access_map(), "suite/access-map.md");
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(compare)).unwrap_err();
    let told = told.downcast_ref::<String>().unwrap();
    assert!(told.contains("UPDATE_ACCESS_MAP=1"), "{told}");
}
