//! actix's guarded scope: the same routes, rules, spellings and map as axum's guarded router, and
//! what is actix's own: prefixes, order, `HEAD`.

use std::{
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
};

use actix_web::{
    App, HttpResponse, HttpServer,
    middleware::NormalizePath,
    test::{TestRequest, call_service, init_service},
    web::{self, ServiceConfig},
};
use doorward::{
    ResourceServer,
    rules::{self, authenticated, role},
    scope,
};
use doorward_actix::{
    Gate,
    guarded::{self, GuardedScope},
};

use crate::{
    spellings::{Adapter, assert_each_is_taken_as_the_table_says, send, status},
    support::{AUDIENCE, good_token, server},
};

fn foreign(config: &mut ServiceConfig) {
    config
        .service(web::resource("/reports").get(async || "reports"))
        .route("/reports/{id}", web::to(async || "report"))
        .default_service(web::to(async || "the foreign fallback"));
}

fn orders(gate: &Gate) -> GuardedScope {
    gate.scope("")
        .route("", guarded::get(scope!("orders.read"), async || "list"))
        .route("/{id}", guarded::delete(scope!("orders.write") & role("Admin"), async || "gone"))
}

fn orders_and_health(gate: &Gate) -> GuardedScope {
    let health = async || "ok";
    gate.scope("")
        .public("/health", [web::get().to(health), web::head().to(health)])
        .nest("/orders", orders(gate))
}

fn api(gate: &Gate) -> GuardedScope {
    let more = gate.scope("").route("/me", guarded::get(scope!("me"), async || "me"));
    orders_and_health(gate).join(more).merge("", scope!("reports.read"), foreign)
}

async fn gate() -> Gate {
    Gate::new(server().await)
}

/// Serves the scope alone on a socket.
async fn on_a_socket(scope: impl Fn(&Gate) -> GuardedScope + Clone + Send + 'static) -> SocketAddr {
    serve(move |config, gate| _ = config.service(scope(gate))).await
}

async fn serve(routes: impl Fn(&mut ServiceConfig, &Gate) + Clone + Send + 'static) -> SocketAddr {
    let gate = gate().await;
    let app = move || App::new().configure(|config| routes(config, &gate));
    let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    address
}

async fn answer(address: SocketAddr, method: &str, path: &str, scope: Option<&str>) -> String {
    let token = match scope {
        Some(scope) => Some(good_token().await.scope(scope).sign().unwrap()),
        None => None,
    };
    send(address, method, path, token.as_ref()).await
}

async fn ask(address: SocketAddr, method: &str, path: &str, scope: Option<&str>) -> u16 {
    status(&answer(address, method, path, scope).await)
}

#[tokio::test]
async fn no_spelling_of_a_path_gets_past_its_rule() {
    let address = on_a_socket(orders_and_health).await;
    assert_each_is_taken_as_the_table_says(Adapter::Actix, address).await;
}

#[tokio::test]
async fn foreign_routes_come_in_with_a_rule_for_all_of_them() {
    let api = on_a_socket(api).await;
    for path in ["/reports", "/reports/7", "/reports/7?x=/health", "/nowhere", "/orders/../health"]
    {
        assert_eq!(ask(api, "GET", path, None).await, 401, "{path}");
        assert_eq!(ask(api, "GET", path, Some("orders.read")).await, 403, "{path}");
        assert_eq!(ask(api, "GET", path, Some("reports.read")).await, 200, "{path}");
    }
    assert_eq!(ask(api, "PUT", "/reports", None).await, 401);
    assert_eq!(ask(api, "PUT", "/reports", Some("reports.read")).await, 405);
}

#[tokio::test]
async fn foreign_routes_without_a_fallback_of_their_own_answer_404_behind_their_rule() {
    let scope = |gate: &Gate| {
        let month = |config: &mut ServiceConfig| {
            config.route("/{month}", web::get().to(async || "report"));
        };
        let year = gate.scope("/{year}").merge("/reports", scope!("reports.read"), month);
        gate.scope("/api").nest("/more", year)
    };
    assert_eq!(
        scope(&gate().await).access_map().to_string(),
        "*  /api/more/{year}/reports/*  scope reports.read\n"
    );
    let api = serve(move |config, gate| {
        config.service(scope(gate)).default_service(web::to(async || "the app's fallback"));
    })
    .await;
    for (path, with_the_scope) in [
        ("/api/more/2024/reports/may", 200),
        ("/api/more/2024/reports", 404),
        ("/api/more/2024/reports/", 404),
        ("/api/more/2024/reports/may/1", 404),
    ] {
        assert_eq!(ask(api, "GET", path, None).await, 401, "{path}");
        assert_eq!(ask(api, "GET", path, Some("reports.read")).await, with_the_scope, "{path}");
    }
    assert_eq!(ask(api, "GET", "/api/more/2024/reportsx", None).await, 404);
    assert_eq!(ask(api, "GET", "/nowhere", None).await, 200);
}

#[tokio::test]
async fn nested_and_joined_routes_keep_their_rules() {
    let api = on_a_socket(api).await;
    for (path, scope) in [("/orders", "orders.read"), ("/me", "me")] {
        assert_eq!(ask(api, "GET", path, None).await, 401, "{path}");
        assert_eq!(ask(api, "GET", path, Some("x")).await, 403, "{path}");
        assert_eq!(ask(api, "GET", path, Some(scope)).await, 200, "{path}");
    }
    assert_eq!(ask(api, "DELETE", "/orders/7", Some("orders.write")).await, 403);
    assert_eq!(ask(api, "GET", "/health", None).await, 200);
}

#[tokio::test]
async fn head_follows_get_without_a_body() {
    let api = on_a_socket(|gate| {
        let named = guarded::get(scope!("read"), async || "got")
            .head(scope!("look"), async || HttpResponse::Accepted());
        gate.scope("")
            .route("/follows", guarded::get(scope!("read"), async || "got"))
            .route("/named", named)
    })
    .await;
    let get = answer(api, "GET", "/follows", Some("read")).await;
    let head = answer(api, "HEAD", "/follows", Some("read")).await;
    assert!(get.ends_with("\r\n\r\ngot"), "{get}");
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n"), "{head}");
    assert_eq!(ask(api, "HEAD", "/follows", None).await, 401);
    assert_eq!(ask(api, "HEAD", "/follows", Some("x")).await, 403);
    assert_eq!(ask(api, "HEAD", "/named", Some("read")).await, 403);
    assert_eq!(ask(api, "HEAD", "/named", Some("look")).await, 202);
    assert_eq!(ask(api, "GET", "/named", Some("look")).await, 403);
}

#[tokio::test]
async fn a_method_that_a_route_does_not_support_is_405_and_told_which_are() {
    let api = on_a_socket(orders_and_health).await;
    let refused = answer(api, "PUT", "/orders", None).await;
    assert_eq!(status(&refused), 405);
    assert!(refused.contains("\r\nallow: GET, HEAD\r\n"), "{refused}");
}

#[tokio::test]
async fn a_rule_of_nothing_is_met_by_nobody() {
    let api = on_a_socket(|gate| {
        gate.scope("").route("/", guarded::get(rules::all_scopes([]), async || "let in"))
    })
    .await;
    assert_eq!(ask(api, "GET", "/", None).await, 401);
    assert_eq!(ask(api, "GET", "/", Some("orders.read")).await, 403);
}

#[tokio::test]
async fn what_is_not_registered_is_404_and_not_the_fallback_of_the_app() {
    let api = serve(|config, gate| {
        let scope = gate.scope("/api").nest("/orders", orders(gate));
        config.service(scope).default_service(web::to(async || "the app's fallback"));
    })
    .await;
    for path in ["/api", "/api/", "/api/nowhere", "/api/orders/7/x"] {
        assert_eq!(ask(api, "GET", path, Some("orders.read")).await, 404, "{path}");
    }
    assert_eq!(ask(api, "GET", "/api/orders", Some("orders.read")).await, 200);
    assert!(answer(api, "GET", "/apiary", None).await.ends_with("the app's fallback"));
}

/// A scope of actix's would take every request below its prefix.
#[tokio::test]
async fn routes_may_lie_below_the_path_of_a_nested_scope() {
    let api = on_a_socket(|gate| {
        gate.scope("")
            .route("/orders/special", guarded::get(scope!("special"), async || "special"))
            .nest("/orders", orders(gate))
            .route("/orders/{id}/lines", guarded::get(scope!("lines"), async || "lines"))
    })
    .await;
    assert_eq!(ask(api, "GET", "/orders", Some("orders.read")).await, 200);
    assert_eq!(ask(api, "GET", "/orders/7/lines", Some("orders.read")).await, 403);
    assert_eq!(ask(api, "GET", "/orders/7/lines", Some("lines")).await, 200);
    assert_eq!(ask(api, "GET", "/orders/special", Some("special")).await, 200);
    assert_eq!(ask(api, "DELETE", "/orders/special", None).await, 405);
}

#[tokio::test]
async fn the_access_map_is_the_one_of_axum() {
    let gate = gate().await;
    doorward::assert_access_map!(api(&gate).access_map(), "suite/access-map.md");
    doorward::assert_access_map!(api(&gate).access_map(), "suite/access-map.txt");
}

#[tokio::test]
async fn routes_of_another_gate_keep_that_gate() {
    let other_keys = doorward::Keys::jwks(
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"rfc8037",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
    );
    let elsewhere = doorward::Issuer::fixed_keys("https://elsewhere.example", AUDIENCE, other_keys);
    let other = Gate::new(ResourceServer::builder().trust(elsewhere).build().await.unwrap());
    let api = on_a_socket(move |gate| {
        let route = |gate: &Gate, path| {
            gate.scope("").route(path, guarded::get(authenticated(), async || "in"))
        };
        let foreign = other.scope("").merge("/foreign", authenticated(), foreign);
        route(gate, "/own").nest("/other", route(&other, "")).join(foreign)
    })
    .await;
    assert_eq!(ask(api, "GET", "/own", Some("x")).await, 200);
    assert_eq!(ask(api, "GET", "/other", Some("x")).await, 401);
    assert_eq!(ask(api, "GET", "/foreign", Some("x")).await, 401);
}

#[tokio::test]
async fn a_path_that_middleware_has_rewritten_meets_the_rule_of_the_route_that_takes_it() {
    let app = App::new().wrap(NormalizePath::trim()).service(orders_and_health(&gate().await));
    let app = init_service(app).await;
    for (path, expected) in [("/orders/", 401), ("//orders", 401), ("/health//", 200)] {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status(), expected, "{path}");
    }
}

/// What the scope is told last takes it down, with these words.
async fn refused(build: impl FnOnce(GuardedScope) -> GuardedScope) -> String {
    let scope = gate().await.scope("").nest("/orders", orders(&gate().await));
    let panic = catch_unwind(AssertUnwindSafe(|| build(scope))).unwrap_err();
    panic
        .downcast_ref::<String>()
        .cloned()
        .unwrap_or_else(|| panic.downcast_ref::<&str>().copied().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_route_that_no_request_would_reach_is_refused() {
    let ok = || web::get().to(async || "ok");
    for (told, path) in [
        (refused(|scope| scope.public("/orders", ok())).await, "/orders"),
        (refused(|scope| scope.public("/orders/special", ok())).await, "/orders/special"),
        (refused(|scope| scope.public("/orders/{other}", ok())).await, "/orders/{other}"),
        (
            refused(|scope| scope.public("/{tail}*", ok()).merge("/a", scope!("a"), foreign)).await,
            "/a",
        ),
        (
            refused(|scope| scope.merge("/a", scope!("a"), foreign).public("/a/b", ok())).await,
            "/a/b",
        ),
    ] {
        let expected = format!("no request would reach `{path}`: ");
        assert!(told.starts_with(&expected), "{told}");
    }
}

#[tokio::test]
async fn what_cannot_be_served_as_it_is_written_is_refused() {
    let ok = || web::get().to(async || "ok");
    let empty = gate().await.scope("");
    let twice = || guarded::get(scope!("a"), async || "a").get(scope!("b"), async || "b");
    for (told, expected) in [
        (
            refused(|scope| scope.route("/a", twice())).await,
            "two handlers of `/a` are for one method: Some(GET)",
        ),
        (
            refused(|scope| scope.public("a", ok())).await,
            "the path `a` does not begin with a slash",
        ),
        (
            refused(|scope| scope.public("/{a}/x*", ok())).await,
            "the rest of the path `/{a}/x*` has no name: write `{tail}*`",
        ),
        (
            refused(|scope| scope.merge("/a/", scope!("a"), foreign)).await,
            "the prefix `/a/` does not begin with a slash, or ends with a slash or a star",
        ),
        (
            refused(|scope| scope.nest("", empty)).await,
            "routes at the same level are added by `join`",
        ),
    ] {
        assert_eq!(told, expected);
    }
}
