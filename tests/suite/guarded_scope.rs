//! The guarded scope of actix: the same routes, rules, spellings and map as the guarded router of axum,
//! and what only actix has: prefixes, order, `HEAD`.

use std::{
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
};

use actix_web::{
    App, HttpResponse, HttpServer,
    middleware::{DefaultHeaders, NormalizePath},
    test::{TestRequest, call_service, init_service},
    web::{self, ServiceConfig},
};
use doorward::{
    ResourceServer,
    rules::{self, authenticated, check, role},
    scope,
};
use doorward_actix::{
    Gate, OptionalToken,
    guarded::{self, GuardedScope},
};

use crate::{
    spellings::{Adapter, assert_each_is_taken_as_the_table_says, send, status},
    support::{AUDIENCE, good_token, issuer, server, shared_keys},
};

fn foreign(config: &mut ServiceConfig) {
    config
        .service(web::resource("/reports").get(async || "reports"))
        .route("/reports/{id}", web::to(async || "report"))
        .default_service(web::to(async || "the foreign fallback"));
}

fn orders(gate: &Gate) -> GuardedScope {
    gate.guarded_scope("")
        .route("", guarded::get(scope!("orders.read"), async || "list"))
        .route("/{id}", guarded::delete(scope!("orders.write") & role("Admin"), async || "gone"))
}

fn orders_and_health(gate: &Gate) -> GuardedScope {
    let health = async || "ok";
    gate.guarded_scope("")
        .public("/health", [web::get().to(health), web::head().to(health)])
        .nest("/orders", orders(gate))
}

fn api(gate: &Gate) -> GuardedScope {
    let more = gate.guarded_scope("").route("/me", guarded::get(scope!("me"), async || "me"));
    orders_and_health(gate).merge(more).mount("", scope!("reports.read"), foreign)
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
        let year = gate.guarded_scope("/{year}").mount("/reports", scope!("reports.read"), month);
        gate.guarded_scope("/api").nest("/more", year)
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
async fn nested_and_merged_routes_keep_their_rules() {
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
        gate.guarded_scope("")
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
async fn unsupported_method_is_answered_405_with_the_supported_ones() {
    let api = on_a_socket(orders_and_health).await;
    let refused = answer(api, "PUT", "/orders", None).await;
    assert_eq!(status(&refused), 405);
    assert!(refused.contains("\r\nallow: GET, HEAD\r\n"), "{refused}");
}

#[tokio::test]
async fn empty_list_of_scopes_matches_no_token() {
    let api = on_a_socket(|gate| {
        gate.guarded_scope("").route("/", guarded::get(rules::all_scopes([]), async || "let in"))
    })
    .await;
    assert_eq!(ask(api, "GET", "/", None).await, 401);
    assert_eq!(ask(api, "GET", "/", Some("orders.read")).await, 403);
}

#[tokio::test]
async fn what_is_not_registered_is_404_and_not_the_fallback_of_the_app() {
    let api = serve(|config, gate| {
        let scope = gate.guarded_scope("/api").nest("/orders", orders(gate));
        config.service(scope).default_service(web::to(async || "the app's fallback"));
    })
    .await;
    for path in ["/api", "/api/", "/api/nowhere", "/api/orders/7/x"] {
        assert_eq!(ask(api, "GET", path, Some("orders.read")).await, 404, "{path}");
    }
    assert_eq!(ask(api, "GET", "/api/orders", Some("orders.read")).await, 200);
    assert!(answer(api, "GET", "/apiary", None).await.ends_with("the app's fallback"));
}

/// An actix scope would serve every request below its prefix.
#[tokio::test]
async fn routes_may_lie_below_the_path_of_a_nested_scope() {
    let api = on_a_socket(|gate| {
        gate.guarded_scope("")
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
            gate.guarded_scope("").route(path, guarded::get(authenticated(), async || "in"))
        };
        let foreign = other.guarded_scope("").mount("/foreign", authenticated(), foreign);
        route(gate, "/own").nest("/other", route(&other, "")).merge(foreign)
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

/// Returns the words with which adding to a scope panics.
async fn refused(build: impl FnOnce(GuardedScope) -> GuardedScope) -> String {
    let scope = gate().await.guarded_scope("").nest("/orders", orders(&gate().await));
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
            refused(|scope| scope.public("/{tail}*", ok()).mount("/a", scope!("a"), foreign)).await,
            "/a",
        ),
        (
            refused(|scope| scope.mount("/a", scope!("a"), foreign).public("/a/b", ok())).await,
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
    let empty = gate().await.guarded_scope("");
    let twice = || guarded::get(scope!("a"), async || "a").get(scope!("b"), async || "b");
    for (told, expected) in [
        (
            refused(|scope| scope.route("/a", twice())).await,
            "`/a` has two handlers for the method `GET`",
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
            refused(|scope| scope.mount("/a/", scope!("a"), foreign)).await,
            "the prefix `/a/` does not begin with a slash, or ends with a slash or a star",
        ),
        (
            refused(|scope| scope.nest("", empty)).await,
            "the path is empty: add routes at the same level by `merge`",
        ),
    ] {
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn optional_route_admits_a_valid_token_and_no_token_and_rejects_an_invalid_one() {
    let scope = |gate: &Gate| {
        let profile = async |OptionalToken(token): OptionalToken| {
            token.map_or("anonymous".to_owned(), |token| token.subject().to_owned())
        };
        gate.guarded_scope("").optional("/profile", web::get().to(profile))
    };
    assert_eq!(scope(&gate().await).access_map().to_string(), "*  /profile  optional\n");
    let api = on_a_socket(scope).await;
    assert!(answer(api, "GET", "/profile", None).await.ends_with("\r\n\r\nanonymous"));
    assert!(answer(api, "GET", "/profile", Some("x")).await.ends_with("\r\n\r\nu1"));
    let expired = good_token().await.expired().sign().unwrap();
    assert_eq!(status(&send(api, "GET", "/profile", Some(&expired)).await), 401);
    assert_eq!(status(&send(api, "PUT", "/profile", Some(&expired)).await), 401);
    assert_eq!(ask(api, "PUT", "/profile", None).await, 405);
}

#[tokio::test]
async fn any_method_without_a_handler_of_its_own_has_the_rule_of_any() {
    let scope = |gate: &Gate| {
        let methods =
            guarded::any(scope!("any"), async || "any").get(scope!("get"), async || "get");
        gate.guarded_scope("").route("/", methods)
    };
    assert_eq!(
        scope(&gate().await).access_map().to_string(),
        "*    /  scope any\nGET  /  scope get\n"
    );
    let api = on_a_socket(scope).await;
    for (method, scope, expected) in [
        ("GET", "get", 200),
        ("GET", "any", 403),
        ("HEAD", "get", 200),
        ("HEAD", "any", 403),
        ("PUT", "any", 200),
        ("PUT", "get", 403),
        ("BREW", "any", 200),
    ] {
        assert_eq!(ask(api, method, "/", None).await, 401, "{method}");
        assert_eq!(ask(api, method, "/", Some(scope)).await, expected, "{method} {scope}");
    }
}

#[tokio::test]
async fn foreign_routes_may_be_mounted_as_public() {
    let scope = |gate: &Gate| {
        let site = |config: &mut ServiceConfig| {
            config.route("/{page}", web::get().to(async || "page"));
        };
        gate.guarded_scope("")
            .route("/site/admin", guarded::get(scope!("admin"), async || "admin"))
            .mount_public("/site", site)
    };
    assert_eq!(
        scope(&gate().await).access_map().to_string(),
        "*    /site/*      public\nGET  /site/admin  scope admin\n"
    );
    let api = on_a_socket(scope).await;
    assert_eq!(ask(api, "GET", "/site/help", None).await, 200);
    assert_eq!(ask(api, "GET", "/site/help/more", None).await, 404);
    assert_eq!(ask(api, "GET", "/site/admin", None).await, 401);
}

#[tokio::test]
async fn fallback_serves_every_path_below_the_prefix_that_is_not_registered() {
    let scope = |gate: &Gate| {
        let fallback = async || HttpResponse::NotFound().body("the fallback");
        gate.guarded_scope("/api").nest("/orders", orders(gate)).fallback(fallback)
    };
    assert_eq!(
        scope(&gate().await).access_map().to_string(),
        "*       /api/*            public\n\
         GET     /api/orders       scope orders.read\n\
         DELETE  /api/orders/{id}  scope orders.write & role Admin\n"
    );
    let api = on_a_socket(scope).await;
    for path in ["/api", "/api/", "/api/nowhere", "/api/orders/7/x"] {
        assert!(answer(api, "GET", path, None).await.ends_with("the fallback"), "{path}");
    }
    assert_eq!(ask(api, "GET", "/api/orders", None).await, 401);
    assert_eq!(ask(api, "PUT", "/api/orders", None).await, 405);
    assert!(answer(api, "GET", "/nowhere", None).await.ends_with("\r\n\r\n"));
}

#[tokio::test]
async fn middleware_of_a_scope_around_a_guarded_scope_runs_before_the_gate() {
    let api = serve(|config, gate| {
        let fields = DefaultHeaders::new().add(("x-around", "yes"));
        config.service(web::scope("").wrap(fields).service(orders_and_health(gate)));
    })
    .await;
    for (path, scope, expected) in
        [("/orders", None, 401), ("/orders", Some("orders.read"), 200), ("/nowhere", None, 404)]
    {
        let answer = answer(api, "GET", path, scope).await;
        assert_eq!(status(&answer), expected, "{path}");
        assert!(answer.contains("x-around: yes\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn audit_hook_sees_the_route_of_a_nested_scope_as_it_was_registered() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let server = ResourceServer::builder()
        .trust(doorward::Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, shared_keys().await))
        .on_decision(move |decision| {
            notes.lock().unwrap().push(decision.route().map(str::to_owned));
        })
        .build()
        .await
        .unwrap();
    let app = init_service(App::new().service(orders_and_health(&Gate::new(server)))).await;
    let request = TestRequest::delete().uri("/orders/7").to_request();
    assert_eq!(call_service(&app, request).await.status(), 401);
    assert_eq!(*seen.lock().unwrap(), [Some("/orders/{id}".to_owned())]);
}

/// `web::Path` decodes what actix leaves encoded until then, such as `%2F`.
#[tokio::test]
async fn rule_sees_the_method_and_the_parameters_that_the_handler_reads() {
    let api = on_a_socket(|gate| {
        let own = check("own", |token, request| {
            request.method() == Some("DELETE") && request.param("owner") == Some(token.subject())
        });
        let handler = async |owner: web::Path<String>| owner.into_inner();
        let methods = guarded::get(own.clone(), handler).delete(own, handler);
        gate.guarded_scope("").nest("/of", gate.guarded_scope("/{owner}").route("", methods))
    })
    .await;
    for (subject, path, expected) in [
        ("u1", "/of/u1", 200),
        ("u1", "/of/%751", 200),
        ("u1", "/of/u2", 403),
        ("a/b", "/of/a%2Fb", 200),
        ("a%2Fb", "/of/a%2Fb", 403),
        ("a%2Fb", "/of/a%252Fb", 200),
    ] {
        let token = good_token().await.subject(subject).sign().unwrap();
        let deleted = send(api, "DELETE", path, Some(&token)).await;
        assert_eq!(status(&deleted), expected, "{subject} {path}");
        let body = format!("\r\n\r\n{subject}");
        assert!(expected != 200 || deleted.ends_with(&body), "{deleted}");
        assert_eq!(status(&send(api, "GET", path, Some(&token)).await), 403, "{subject} {path}");
    }
}

#[tokio::test]
async fn fallback_that_no_request_would_reach_or_that_is_not_outermost_is_refused() {
    let ok = || async || "ok";
    let with_one = gate().await.guarded_scope("").fallback(ok());
    let another = gate().await.guarded_scope("").fallback(ok());
    for (told, expected) in [
        (
            refused(|scope| scope.mount("", scope!("a"), foreign).fallback(ok())).await,
            "no request would reach the fallback: another entry serves all paths",
        ),
        (
            refused(|scope| scope.fallback(ok()).mount_public("", foreign)).await,
            "no request would reach the fallback: another entry serves all paths",
        ),
        (
            refused(|scope| scope.fallback(ok()).fallback(ok())).await,
            "the scope has a fallback already",
        ),
        (
            refused(|scope| scope.merge(with_one)).await,
            "the scope to add has a fallback: set it on the outermost scope",
        ),
        (
            refused(|scope| scope.nest("/a", another)).await,
            "the scope to add has a fallback: set it on the outermost scope",
        ),
    ] {
        assert_eq!(told, expected);
    }
}
