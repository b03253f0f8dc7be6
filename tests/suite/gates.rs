//! Several gates in front of a handler, and what a gate tells rules, middleware and audit hooks.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::Request as AxumRequest,
    http::{Request, StatusCode, header},
    middleware::{Next, from_fn},
    routing::get,
};
use doorward::{
    Issuer, ResourceServer,
    adapter::{Access, RequestHead, RouteGuard},
    audit::{Decision, Outcome},
    rules::{RequestInfo, authenticated, check, role},
    scope,
    tokens::TokenSource,
};
use doorward_axum::{Gate, guarded};
use tower::ServiceExt as _;

use crate::{
    handlers::{greet, profile, send, with_token},
    logs::Log,
    support::{AUDIENCE, NOW, TestClock, good_token, issuer, server, shared_keys},
};

/// A server that reads tokens from this cookie.
async fn server_of_cookie(name: &'static str) -> ResourceServer {
    ResourceServer::builder()
        .trust(Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, shared_keys().await))
        .tokens_from([TokenSource::cookie(name)])
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap()
}

#[tokio::test]
async fn what_one_gate_admits_is_verified_again_by_another() {
    let lenient = Gate::new(server().await);
    let other_keys = doorward::Keys::jwks(
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"rfc8037",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
    );
    let strict = ResourceServer::builder()
        .trust(Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, other_keys))
        .build()
        .await
        .unwrap();
    let app: Router = Router::new()
        .route("/", get(greet).route_layer(Gate::new(strict).authenticated()))
        .route_layer(lenient.authenticated());
    let token = good_token().await.sign().unwrap();
    assert_eq!(send(app, with_token("/", &token)).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn anonymous_request_behind_the_inner_gate_does_not_get_the_token_of_the_outer_one() {
    let outer = Gate::new(server().await);
    let inner = Gate::new(server_of_cookie("session").await);
    let app: Router = Router::new()
        .route("/", get(profile).route_layer(inner.optional()))
        .route("/required", get(greet).route_layer(inner.optional()))
        .route_layer(outer.authenticated());
    let token = good_token().await.subject("outer").sign().unwrap();
    let answer = send(app.clone(), with_token("/", &token)).await;
    assert_eq!(answer, (StatusCode::OK, "anonymous".to_owned()));
    assert_eq!(
        send(app.clone(), with_token("/required", &token)).await.0,
        StatusCode::UNAUTHORIZED
    );
    let mut both = with_token("/", &token);
    let cookie = good_token().await.subject("inner").sign().unwrap();
    both.headers_mut().insert(header::COOKIE, format!("session={cookie}").parse().unwrap());
    assert_eq!(send(app, both).await, (StatusCode::OK, "inner".to_owned()));
}

#[tokio::test]
async fn verified_returns_only_what_the_same_server_has_verified() {
    use tower::Layer as _;

    let (ours, others) = (server().await, server().await);
    let token = good_token().await.sign().unwrap();
    let ask = async |asked: doorward_tower::Gate, layer: doorward_tower::GuardLayer| {
        let service = tower::service_fn(move |request: Request<String>| {
            let subject =
                asked.verified(request.extensions()).map(|token| token.subject().to_owned());
            async move { Ok::<_, std::convert::Infallible>(http::Response::new(format!("{subject:?}"))) }
        });
        layer.layer(service).oneshot(with_token("/", &token)).await.unwrap().into_body()
    };
    let gate = doorward_tower::Gate::new(ours.clone());
    let other = doorward_tower::Gate::new(others);
    assert_eq!(ask(gate.clone(), gate.authenticated()).await, "Some(\"u1\")");
    assert_eq!(ask(doorward_tower::Gate::new(ours), gate.authenticated()).await, "Some(\"u1\")");
    assert_eq!(ask(gate, other.authenticated()).await, "None");
}

#[tokio::test]
async fn middleware_behind_a_gate_gets_the_token_and_its_raw_text() {
    let gate = Gate::new(server().await);
    let inside = gate.clone();
    let forward = from_fn(move |request: AxumRequest, _: Next| {
        let token = inside.verified(request.extensions()).unwrap();
        let raw = token.raw().unwrap().to_owned();
        async move { raw }
    });
    let app: Router =
        Router::new().route("/", get(greet)).route_layer(forward).route_layer(gate.authenticated());
    let token = good_token().await.sign().unwrap();
    assert_eq!(send(app, with_token("/", &token)).await, (StatusCode::OK, token));
}

#[tokio::test]
async fn rule_sees_the_method_the_route_and_the_decoded_path_parameters() {
    let own = || {
        check("own orders", |token, request| {
            request.method() == Some("GET")
                && request.route().is_some_and(|route| route.ends_with("/{user}/orders"))
                && request.param("user") == Some(token.subject())
        })
    };
    let gate = Gate::new(server().await);
    let users = || gate.router().route("/{user}/orders", guarded::get(own(), async || "orders"));
    let layered = Router::new()
        .route("/{user}/orders", get(async || "orders").route_layer(gate.require(own())));
    let app: Router = gate
        .router()
        .merge(users())
        .nest("/tenants/{tenant}", users())
        .nest("/twice/{user}", users())
        .mount("/reports", own(), Router::new().route("/{user}/orders", get(async || "orders")))
        .into_router()
        .nest("/layered", layered);
    let token = good_token().await.subject("ä/1").sign().unwrap();
    for (path, status) in [
        ("/%C3%A4%2F1/orders", 200),
        ("/someone/orders", 403),
        ("/%FF/orders", 403),
        ("/tenants/t1/%C3%A4%2F1/orders", 200),
        ("/tenants/%C3%A4%2F1/someone/orders", 403),
        // Which of the two the handler would read is not the rule's to guess.
        ("/twice/%C3%A4%2F1/%C3%A4%2F1/orders", 403),
        ("/reports/%C3%A4%2F1/orders", 200),
        ("/reports/someone/orders", 403),
        ("/layered/%C3%A4%2F1/orders", 200),
        ("/layered/someone/orders", 403),
    ] {
        assert_eq!(send(app.clone(), with_token(path, &token)).await.0, status, "{path}");
    }
}

#[tokio::test]
async fn what_a_layer_has_verified_is_not_verified_again() {
    // The clock passes the token's end between the layer and the extractor.
    let clock = TestClock::at(NOW);
    let server = ResourceServer::builder()
        .trust(Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, shared_keys().await))
        .clock(clock.clone())
        .build()
        .await
        .unwrap();
    let gate = Gate::new(server);
    let aging = axum::middleware::from_fn(move |request, next: axum::middleware::Next| {
        clock.advance(std::time::Duration::from_secs(7200));
        next.run(request)
    });
    let app: Router =
        Router::new().route("/", get(greet)).route_layer(aging).route_layer(gate.authenticated());
    let token = good_token().await.sign().unwrap();
    assert_eq!(send(app, with_token("/", &token)).await.0, StatusCode::OK);
}

/// What an audit hook gets: code, method, route, rule, client; and whether the outcome says the same.
fn describe(decision: &Decision<'_>) -> String {
    let text = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let outcome = match decision.outcome() {
        Outcome::Accepted(token) => format!("accepted {}", token.subject()),
        Outcome::Anonymous => "anonymous".to_owned(),
        Outcome::Rejected { denial, .. } => format!("rejected {}", denial.status()),
        other => unreachable!("{other:?}"),
    };
    let (method, route) = (text(decision.method()), text(decision.route()));
    let rule = text(decision.rule().as_deref());
    assert!(decision.duration().is_some(), "a gate measures");
    format!(
        "{} {method} {route} [{rule}] {} {outcome}",
        decision.code(),
        text(decision.client_id())
    )
}

#[tokio::test]
async fn every_decision_of_a_gate_is_reported_with_route_method_and_rule() {
    let reported: Arc<Mutex<Vec<String>>> = Arc::default();
    let hook = Arc::clone(&reported);
    let server = ResourceServer::builder()
        .trust(Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, shared_keys().await))
        .clock(TestClock::at(NOW))
        .on_decision(move |decision| hook.lock().unwrap().push(describe(decision)))
        .build()
        .await
        .unwrap();
    let gate = Gate::new(server);
    let order = guarded::get(scope!("orders.read"), greet).delete(role("Admin"), greet);
    let app: Router = gate
        .router()
        .public("/health", get(async || "ok"))
        .optional("/profile", get(profile))
        .nest("/orders", gate.router().route("/{id}", order))
        .with_state(());
    let token = good_token().await.scope("orders.read").client_id("c1").sign().unwrap();
    let plain = |path: &str| Request::get(path).body(String::new()).unwrap();
    let mut deletion = with_token("/orders/1", &token);
    *deletion.method_mut() = http::Method::DELETE;
    for (request, expected) in [
        (
            with_token("/orders/1", &token),
            "accepted GET /orders/{id} [scope orders.read] c1 accepted u1",
        ),
        (deletion, "rule.not_met DELETE /orders/{id} [role Admin] c1 rejected 403"),
        (
            plain("/orders/1"),
            "credentials.missing GET /orders/{id} [scope orders.read] - rejected 401",
        ),
        (plain("/profile"), "anonymous GET /profile [-] - anonymous"),
        (with_token("/profile", &token), "accepted GET /profile [-] c1 accepted u1"),
    ] {
        send(app.clone(), request).await;
        assert_eq!(std::mem::take(&mut *reported.lock().unwrap()), [expected]);
    }
    send(app.clone(), plain("/health")).await;
    send(app, plain("/nowhere")).await;
    assert!(reported.lock().unwrap().is_empty(), "no gate decided");
}

#[tokio::test]
async fn decision_is_recorded_in_the_span_of_the_request() {
    let gate = Gate::new(server().await);
    let app: Router = Router::new().route(
        "/",
        get(async || {
            tracing::info!("handled");
        })
        .route_layer(gate.authenticated()),
    );
    let token = good_token().await.client_id("c1").sign().unwrap();
    let log = Log::begin();
    let span = tracing::info_span!(
        "request",
        auth.code = tracing::field::Empty,
        auth.client_id = tracing::field::Empty
    );
    {
        // Nothing waits, so the span may be entered for the whole request.
        let _entered = span.enter();
        send(app, with_token("/", &token)).await;
    }
    let log = log.end();
    let recorded = log.contains("auth.code=\"accepted\"") && log.contains("auth.client_id=\"c1\"");
    assert!(recorded && log.contains("handled"), "{log}");
}

/// A request as an adapter's author passes it.
struct Head<'h>(Option<&'h str>);

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        "GET"
    }

    fn target(&self) -> &str {
        "/"
    }

    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0.into_iter().filter(move |_| name == "authorization").map(str::as_bytes)
    }
}

#[tokio::test]
async fn what_another_server_has_authenticated_is_rejected() {
    let (own, other) = (ResourceServer::for_test(), ResourceServer::for_test());
    let field = own.test_token().bearer();
    for access in [Access::Require(authenticated()), Access::Optional] {
        let (guard, foreign) =
            (RouteGuard::new(&own, access.clone()), RouteGuard::new(&other, access));
        let by_own = guard.authenticate(&Head(Some(&field)), None).await;
        assert!(foreign.authorize(by_own, &RequestInfo::new()).is_err());
        let by_own = guard.authenticate(&Head(Some(&field)), None).await;
        assert!(guard.authorize(by_own, &RequestInfo::new()).is_ok());
    }
}

/// As in a batch request, whose parts are sent on with the extensions of the whole.
#[tokio::test]
async fn a_verified_token_is_not_reused_for_a_request_with_another() {
    let server = server().await;
    let guard = RouteGuard::new(&server, Access::Require(authenticated()));
    let [ada, eve] = ["ada", "eve"].map(async |subject| {
        let token = good_token().await.subject(subject).sign().unwrap();
        format!("Bearer {token}")
    });
    let (ada, eve) = (ada.await, eve.await);
    let first = guard.authenticate(&Head(Some(&ada)), None).await;
    let verified = guard.authorize(first, &RequestInfo::new()).unwrap().verified();
    for (sent, expected) in [
        (Some(ada.as_str()), Ok("ada")),
        (Some(eve.as_str()), Ok("eve")),
        (Some("Bearer a.b.c"), Err("token.")),
        (None, Ok("ada")),
    ] {
        let next = guard.authenticate(&Head(sent), Some(&verified)).await;
        match (guard.authorize(next, &RequestInfo::new()), expected) {
            (Ok(admission), Ok(subject)) => {
                assert_eq!(admission.token().unwrap().subject(), subject);
            }
            (Err(rejection), Err(code)) => {
                assert!(rejection.error().code().starts_with(code), "{rejection}");
            }
            (result, _) => panic!("{sent:?}: {result:?}"),
        }
    }
}
