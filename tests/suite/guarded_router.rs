//! The guarded router of axum: no route without a rule, whatever the path's spelling, and its map.

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Method, Request, StatusCode, header},
    middleware::{Next, from_fn},
    routing::{any, get},
};
use doorward::{rules::role, scope};
use doorward_axum::{AccessToken, Gate, guarded};
use tower::ServiceExt as _;

use crate::{
    spellings::{Adapter, assert_each_is_taken_as_the_table_says},
    support::{good_token, server},
};

fn foreign() -> Router {
    Router::new()
        .route("/reports", get(async || "reports"))
        .route("/reports/{id}", any(async || "report"))
        .fallback(async || "the foreign fallback")
}

fn orders(gate: &Gate) -> guarded::GuardedRouter {
    gate.router()
        .route("/", guarded::get(scope!("orders.read"), async || "list"))
        .route("/{id}", guarded::delete(scope!("orders.write") & role("Admin"), async || "gone"))
}

fn router(gate: &Gate) -> guarded::GuardedRouter {
    let more = gate.router().route("/me", guarded::get(scope!("me"), async || "me"));
    gate.router()
        .public("/health", get(async || "ok"))
        .nest("/orders", orders(gate))
        .merge(more)
        .mount("/", scope!("reports.read"), foreign())
}

async fn app() -> Router {
    let gate = Gate::new(server().await);
    router(&gate).with_state(())
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
async fn a_mounted_router_has_a_rule_for_all_of_it() {
    let app = app().await;
    for path in ["/reports", "/reports/7", "/reports/7?x=/health", "/nowhere", "/orders/../health"]
    {
        assert_eq!(status(&app, &Method::GET, path, None).await, 401, "{path}");
        assert_eq!(status(&app, &Method::GET, path, Some("orders.read")).await, 403, "{path}");
        assert_eq!(status(&app, &Method::GET, path, Some("reports.read")).await, 200, "{path}");
    }
}

#[tokio::test]
async fn nested_and_merged_routes_keep_their_rules() {
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
    let app: Router = orders_and_health(&gate).with_state(());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    assert_each_is_taken_as_the_table_says(Adapter::Axum, address).await;
}

fn orders_and_health(gate: &Gate) -> guarded::GuardedRouter {
    gate.router().public("/health", get(async || "ok")).nest("/orders", orders(gate))
}

/// The slash would be part of every path below, and the map would list others.
#[tokio::test]
#[should_panic(expected = "`/orders/` ends with a slash")]
async fn a_prefix_that_ends_with_a_slash_is_refused() {
    let gate = Gate::new(server().await);
    let _ = gate.router::<()>().nest("/orders/", orders(&gate));
}

#[tokio::test]
async fn the_access_map_lists_every_route_and_is_compared_with_a_file() {
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

fn layered_routes(gate: &Gate) -> guarded::GuardedRouter {
    let mark = |name: &'static str| {
        from_fn(move |request: axum::extract::Request, next: Next| async move {
            let mut response = next.run(request).await;
            response.headers_mut().append("x-layers", header::HeaderValue::from_static(name));
            response
        })
    };
    let orders =
        guarded::any(scope!("orders.read"), async || "any").delete(role("Admin"), async || "gone");
    let reports =
        Router::new().route("/daily", get(async || "daily")).fallback(async || "no such report");
    gate.router()
        .route("/orders", orders)
        .optional("/profile", any(async |token: Option<AccessToken>| token.is_some().to_string()))
        .mount("/reports", scope!("reports.read"), reports)
        .mount_public("/docs", Router::new().route("/a", get(async || "doc")))
        .layer(mark("first"))
        .layer(mark("second"))
        .public("/health", get(async || "ok"))
        .fallback(async || (StatusCode::NOT_FOUND, "no such page"))
}

#[tokio::test]
async fn handler_for_any_method_is_behind_its_rule_too() {
    let gate = Gate::new(server().await);
    let app: Router = layered_routes(&gate).with_state(());
    for method in [Method::GET, Method::POST, Method::OPTIONS, Method::TRACE] {
        assert_eq!(status(&app, &method, "/orders", None).await, 401, "{method}");
        assert_eq!(status(&app, &method, "/orders", Some("x")).await, 403, "{method}");
        assert_eq!(status(&app, &method, "/orders", Some("orders.read")).await, 200, "{method}");
    }
    assert_eq!(status(&app, &Method::DELETE, "/orders", Some("orders.read")).await, 403);
}

#[tokio::test]
async fn router_is_mounted_below_its_prefix_with_its_fallback() {
    let gate = Gate::new(server().await);
    let app: Router = layered_routes(&gate).with_state(());
    for path in ["/reports/daily", "/reports/nowhere", "/reports"] {
        assert_eq!(status(&app, &Method::GET, path, None).await, 401, "{path}");
        assert_eq!(status(&app, &Method::GET, path, Some("x")).await, 403, "{path}");
        assert_eq!(status(&app, &Method::GET, path, Some("reports.read")).await, 200, "{path}");
    }
    assert_eq!(status(&app, &Method::GET, "/docs/a", None).await, 200);
    assert_eq!(status(&app, &Method::GET, "/nowhere", None).await, 404);
}

#[tokio::test]
async fn optional_route_rejects_an_invalid_token_for_every_method() {
    let gate = Gate::new(server().await);
    let app: Router = layered_routes(&gate).with_state(());
    for method in [Method::GET, Method::PUT] {
        assert_eq!(status(&app, &method, "/profile", None).await, 200);
        assert_eq!(status(&app, &method, "/profile", Some("x")).await, 200);
        let request = Request::builder().method(&method).uri("/profile");
        let invalid = request.header(header::AUTHORIZATION, "Bearer x").body(Body::empty());
        assert_eq!(app.clone().oneshot(invalid.unwrap()).await.unwrap().status(), 401);
    }
}

#[tokio::test]
async fn layer_runs_around_the_guards_of_the_routes_added_before_it() {
    let gate = Gate::new(server().await);
    let app: Router = layered_routes(&gate).with_state(());
    for (path, status, layers) in [
        ("/orders", 401, vec!["first", "second"]),
        ("/profile", 200, vec!["first", "second"]),
        ("/reports/daily", 401, vec!["first", "second"]),
        ("/health", 200, vec![]),
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        let seen: Vec<_> = response.headers().get_all("x-layers").iter().collect();
        assert_eq!(seen, layers, "{path}");
    }
}

#[tokio::test]
async fn map_lists_public_optional_mounted_and_fallback_routes() {
    let gate = Gate::for_test();
    let outer = gate.router().nest("/api", layered_routes(&gate));
    assert_eq!(
        outer.access_map().to_string(),
        "*       /api/*          public\n\
         *       /api/docs/*     public\n\
         *       /api/health     public\n\
         *       /api/orders     scope orders.read\n\
         DELETE  /api/orders     role Admin\n\
         *       /api/profile    optional\n\
         *       /api/reports/*  scope reports.read\n"
    );
}

/// The state is set by the application, around routers of several origins.
#[tokio::test]
async fn guarded_routes_are_merged_into_a_router_of_the_same_state() {
    let gate = Gate::new(server().await);
    let count = async |State(count): State<u8>| count.to_string();
    let guarded = gate.router().route("/count", guarded::get(scope!("count"), count));
    let app: Router =
        Router::new().route("/open", get(count)).merge(guarded.into_router()).with_state(7);
    assert_eq!(status(&app, &Method::GET, "/open", None).await, 200);
    assert_eq!(status(&app, &Method::GET, "/count", None).await, 401);
    assert_eq!(status(&app, &Method::GET, "/count", Some("count")).await, 200);
}
