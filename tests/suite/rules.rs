//! What each rule requires, and the answer when it is not met, through all adapters.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use doorward::{
    ConfigError, Issuer, ResourceServer, Rule, Scope,
    adapter::Access,
    all_scopes, any_scope,
    presets::Entra,
    rules::{
        self, RequestInfo, RequiredScopes, acr, app_only, authenticated, check, claim, client,
        delegated, issued_by, max_age, permission, role, tenant,
    },
    scope,
};
use doorward_issuer::Mint;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    adapters::{Answer, Asked, ask_all},
    microsoft,
    support::{self, AUDIENCE, NOW, good_token, server},
};

fn insufficient(scopes: &str) -> (u16, String) {
    let scopes = if scopes.is_empty() { String::new() } else { format!(", scope=\"{scopes}\"") };
    (
        403,
        format!(
            r#"Bearer realm="api", error="insufficient_scope", error_description="The access token does not grant what this resource requires"{scopes}"#
        ),
    )
}

fn step_up(parameters: &str) -> (u16, String) {
    (
        401,
        format!(
            r#"Bearer realm="api", error="insufficient_user_authentication", error_description="A different or more recent authentication is required", {parameters}"#
        ),
    )
}

async fn answer(server: &ResourceServer, rule: Rule, token: Mint) -> Answer {
    ask_all(server, &Access::Require(rule), &Asked::bearing(&token.sign().unwrap())).await
}

async fn assert_met(server: &ResourceServer, rule: Rule, token: Mint) {
    let shown = rule.to_string();
    let answer = answer(server, rule, token).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "u1"), "{shown}");
}

async fn assert_refused(
    server: &ResourceServer,
    rule: Rule,
    token: Mint,
    (status, challenge): (u16, String),
) {
    let shown = rule.to_string();
    let answer = answer(server, rule, token).await;
    assert_eq!(
        (answer.status, answer.challenge.as_deref()),
        (status, Some(&*challenge)),
        "{shown}"
    );
    assert_eq!((answer.body.as_str(), answer.cache_control.as_deref()), ("", Some("no-store")));
    let code = if status == 403 { "rule.not_met" } else { "rule.step_up" };
    assert_eq!(answer.code, Some(code), "{shown}");
}

type Claims = Vec<(&'static str, Value)>;

/// A rule, claims that meet it (or none, if nothing does), claims that do not, and the scopes that the
/// client is told of.
type Row = (Rule, Claims, Claims, &'static str);

fn nested(roles: Value) -> Value {
    json!({ "orders": { "roles": roles } })
}

fn rows() -> Vec<Row> {
    vec![
        (scope!("a"), vec![("scope", json!("b a"))], vec![("scope", json!("b ab A"))], "a"),
        (scope!("a"), vec![("scp", json!(["a"]))], vec![("scp", json!(["a b"]))], "a"),
        (scope!("a"), vec![("scope", json!("a"))], vec![("roles", json!(["a"]))], "a"),
        (all_scopes!("a", "b"), vec![("scope", json!("b a"))], vec![("scope", json!("a"))], "a b"),
        (any_scope!("a", "b"), vec![("scope", json!("b"))], vec![("scope", json!("c"))], "a"),
        (role("R"), vec![("roles", json!(["x", "R"]))], vec![("roles", json!(["r"]))], ""),
        (role("R"), vec![("roles", json!("R"))], vec![("scope", json!("R"))], ""),
        (
            permission("permissions", "orders:read"),
            vec![("permissions", json!(["x", "orders:read"]))],
            vec![("permissions", json!(["orders:read:own", 1, null]))],
            "",
        ),
        (
            permission("permissions", "p"),
            vec![("permissions", json!("p"))],
            vec![("permissions", json!("p q"))],
            "",
        ),
        (
            permission(["access", "orders", "roles"], "admin"),
            vec![("access", nested(json!(["admin"])))],
            vec![("access", nested(json!({ "admin": true })))],
            "",
        ),
        (permission("p", ""), vec![], vec![("p", json!([""]))], ""),
        (client("c1"), vec![("client_id", json!("c1"))], vec![("client_id", json!("c2"))], ""),
        (client(""), vec![], vec![("client_id", json!(""))], ""),
        (issued_by("https://other.example"), vec![], vec![], ""),
        // `tid` is a claim of Microsoft's alone.
        (tenant("t"), vec![], vec![("tid", json!("t"))], ""),
        (
            claim("department", |value| value.is("sales")),
            vec![("department", json!("sales"))],
            vec![("department", json!("Sales"))],
            "",
        ),
        (
            claim("level", |value| value.as_f64().is_some_and(|level| level >= 3.0)),
            vec![("level", json!(3))],
            vec![("level", json!("3"))],
            "",
        ),
        (
            claim("staff", |value| value.as_bool() == Some(true)),
            vec![("staff", json!(true))],
            vec![("staff", json!("true"))],
            "",
        ),
        // A claim that is absent is never asked about, whatever the function would say.
        (claim("absent", |_| true), vec![("absent", Value::Null)], vec![], ""),
        (
            check("is u1 of c1", |token, _| {
                token.subject() == "u1" && token.client_id() == Some("c1")
            }),
            vec![("client_id", json!("c1"))],
            vec![("client_id", json!("c2"))],
            "",
        ),
        (
            scope!("a") & role("R"),
            vec![("scope", json!("a")), ("roles", json!(["R"]))],
            vec![("scope", json!("a"))],
            "a",
        ),
        (
            scope!("a") & role("R") | scope!("b") & scope!("c"),
            vec![("scope", json!("b c"))],
            vec![("scope", json!("c"))],
            "b c",
        ),
        (
            scope!("x") & scope!("y") & scope!("z") | scope!("b") & scope!("c"),
            vec![("scope", json!("x y z"))],
            vec![("scope", json!("c"))],
            "b c",
        ),
        (
            (scope!("a") | role("R")) & (scope!("b") | role("S")),
            vec![("scope", json!("a")), ("roles", json!(["S"]))],
            vec![("roles", json!(["S"]))],
            "a",
        ),
        (authenticated() & scope!("a"), vec![("scope", json!("a"))], vec![], "a"),
        (rules::any_scope([]), vec![], vec![("scope", json!("a"))], ""),
        (rules::all_scopes([]), vec![], vec![("scope", json!("a"))], ""),
        (rules::all_scopes([]) & scope!("a"), vec![], vec![("scope", json!("a"))], "a"),
        (rules::any_scope([]) | scope!("a"), vec![("scope", json!("a"))], vec![], "a"),
        (delegated(), vec![], vec![("scope", json!("a"))], ""),
        (app_only(), vec![], vec![("roles", json!(["R"]))], ""),
        (role(""), vec![], vec![("roles", json!([""]))], ""),
    ]
}

fn with(claims: &[(&'static str, Value)], token: Mint) -> Mint {
    let token = token.without("client_id");
    claims.iter().fold(token, |token, (name, value)| token.claim(*name, value.clone()))
}

#[tokio::test]
async fn every_rule_is_met_by_what_it_asks_for_and_by_nothing_else() {
    let server = server().await;
    for (rule, meets, misses, scopes) in rows() {
        if !meets.is_empty() {
            assert_met(&server, rule.clone(), with(&meets, good_token().await)).await;
        }
        let nothing = with(&[], good_token().await);
        assert_refused(&server, rule.clone(), nothing, insufficient_for(&rule, scopes)).await;
        assert_refused(&server, rule, with(&misses, good_token().await), insufficient(scopes))
            .await;
    }
}

/// Of a token with no claim at all, the first alternative with the fewest demands is the nearest.
fn insufficient_for(rule: &Rule, scopes: &str) -> (u16, String) {
    insufficient(match rule.to_string().as_str() {
        "(scope a & role R) | (scope b & scope c)" => "a",
        "(scope a | role R) & (scope b | role S)" => "a b",
        _ => scopes,
    })
}

#[tokio::test]
async fn a_stronger_scope_implies_a_weaker_one_by_configuration_alone() {
    let implying = |builder: doorward::ResourceServerBuilder| {
        builder.scope_implies(Scope::literal("admin"), [Scope::literal("write")]).scope_implies(
            Scope::literal("write"),
            [Scope::literal("read"), Scope::literal("list")],
        )
    };
    let trusting = async || {
        let issuer = support::issuer().await;
        let keys = support::shared_keys().await;
        ResourceServer::builder()
            .trust(Issuer::fixed_keys(issuer.issuer(), AUDIENCE, keys))
            .clock(support::TestClock::at(NOW))
    };
    let plain = trusting().await.build().await.unwrap();
    let server = implying(trusting().await).build().await.unwrap();
    let admin = good_token().await.scope("admin");
    for rule in [scope!("read"), scope!("list"), scope!("write"), all_scopes!("read", "admin")] {
        assert_met(&server, rule.clone(), admin.clone()).await;
        assert_eq!(answer(&plain, rule, admin.clone()).await.status, 403);
    }
    let read = good_token().await.scope("read list");
    for (rule, scopes) in [(scope!("write"), "write"), (scope!("admin"), "admin")] {
        assert_refused(&server, rule, read.clone(), insufficient(scopes)).await;
    }
    let circle =
        implying(trusting().await).scope_implies(Scope::literal("list"), [Scope::literal("admin")]);
    let error = circle.build().await.unwrap_err();
    assert!(matches!(error, ConfigError::ScopeCycle { .. }), "{error}");
}

#[tokio::test]
async fn who_has_not_signed_in_as_asked_is_told_to_do_so() {
    let server = server().await;
    let five_minutes = max_age(Duration::from_secs(300));
    let to_come = good_token().await.claim("auth_time", NOW + 61);
    let answer = step_up(r#"max_age="300""#);
    assert_refused(&server, five_minutes.clone(), to_come, answer).await;
    let signed_in = async |ago: u64| good_token().await.claim("auth_time", NOW - ago);
    assert_met(&server, five_minutes.clone(), signed_in(300).await).await;
    assert_met(&server, five_minutes.clone(), signed_in(360).await).await; // the leeway
    let answer = step_up(r#"max_age="300""#);
    assert_refused(&server, five_minutes.clone(), signed_in(361).await, answer.clone()).await;
    assert_refused(&server, five_minutes.clone(), good_token().await, answer.clone()).await;
    for unreadable in [json!("now"), json!(-1), json!(1e300), json!([NOW])] {
        let token = good_token().await.claim("auth_time", unreadable);
        assert_refused(&server, five_minutes.clone(), token, answer.clone()).await;
    }

    let strong = acr(["urn:mfa", "urn:phr"]);
    for value in ["urn:mfa", "urn:phr"] {
        assert_met(&server, strong.clone(), good_token().await.claim("acr", value)).await;
    }
    let answer = step_up(r#"acr_values="urn:mfa urn:phr""#);
    for token in [good_token().await, good_token().await.claim("acr", "1")] {
        assert_refused(&server, strong.clone(), token, answer.clone()).await;
    }
    // `acrs` is Entra's own.
    let foreign = good_token().await.claim("acrs", json!(["urn:mfa"]));
    assert_refused(&server, strong.clone(), foreign, answer).await;

    let both = scope!("pay") & strong & five_minutes;
    let token = good_token().await.scope("pay");
    let answer = step_up(r#"acr_values="urn:mfa urn:phr", max_age="300""#);
    assert_refused(&server, both.clone(), token, answer).await;
    // Signing in again is no use to whom the scope is not granted.
    assert_refused(&server, both, good_token().await, insufficient("pay")).await;
}

const CONTEXTS: &str = r#"Bearer realm="api", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19", cc_type="authcontext""#;

#[tokio::test]
async fn entras_claims_challenge_is_sent_to_clients_that_can_handle_it() {
    let name = format!("https://login.microsoftonline.com/{}/v2.0", microsoft::TENANT);
    let documents = microsoft::Documents::of(
        &format!("{name}/.well-known/openid-configuration"),
        &name,
        json!([microsoft::key(json!({})).await]),
    );
    let issuer = Entra::tenant(microsoft::TENANT).client_id(microsoft::API);
    let server = microsoft::trusting(issuer, documents, NOW).build().await.unwrap();
    let token = async |more: Value| {
        let mut claims = json!({
            "iss": name, "aud": microsoft::API, "exp": NOW + 3600, "sub": "u1", "scp": "read",
            "tid": microsoft::TENANT, "azp": microsoft::CLIENT, "ver": "2.0",
        });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        microsoft::sign(&json!({ "alg": "RS256", "typ": "JWT" }), &claims).await
    };
    for (rule, status) in [(tenant(microsoft::TENANT), 200), (tenant(microsoft::CONSUMERS), 403)] {
        let asked = Asked::bearing(&token(json!({})).await);
        let answer = ask_all(&server, &Access::Require(rule), &asked).await;
        assert_eq!(answer.status, status);
    }
    let rule = Access::Require(scope!("read") & acr(["c1"]));
    for (more, status, challenge) in [
        (json!({ "acrs": ["c2", "c1"] }), 200, None),
        (json!({ "acrs": ["c2"], "xms_cc": ["cp1"] }), 401, Some(CONTEXTS.to_owned())),
        (json!({ "xms_cc": ["CP1"] }), 401, Some(CONTEXTS.to_owned())),
        (json!({ "xms_cc": ["cp2"] }), 401, Some(step_up(r#"acr_values="c1""#).1)),
        (json!({}), 401, Some(step_up(r#"acr_values="c1""#).1)),
    ] {
        let asked = Asked::bearing(&token(more.clone()).await);
        let answer = ask_all(&server, &rule, &asked).await;
        assert_eq!((answer.status, answer.challenge), (status, challenge), "{more}");
    }
}

/// A rule that counts how often its function is called.
fn counted(name: &str, is_met: bool) -> (Rule, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let rule = check(name, move |_, _| {
        counter.fetch_add(1, Ordering::SeqCst);
        is_met
    });
    (rule, calls)
}

#[tokio::test]
async fn a_function_of_the_user_is_called_once_at_most() {
    let token = good_token().await.scope("a").sign().unwrap();
    let token = server().await.authenticate([format!("Bearer {token}").as_bytes()]).await.unwrap();
    let request = RequestInfo::new();
    let calls = |counter: &Arc<AtomicUsize>| counter.load(Ordering::SeqCst);

    let (no, of_no) = counted("no", false);
    let (yes, of_yes) = counted("yes", true);
    let refused = (scope!("a") & no & yes | scope!("x") & scope!("y") & scope!("z"))
        .authorize(&token, &request)
        .unwrap_err();
    assert_eq!(refused.scopes(), [Scope::literal("a")], "the alternative that misses one demand");
    assert_eq!((calls(&of_no), calls(&of_yes)), (1, 1));

    let (first, of_first) = counted("first", true);
    let (second, of_second) = counted("second", true);
    assert!((scope!("x") & first.clone() | scope!("a")).authorize(&token, &request).is_ok());
    assert!((scope!("a") | second).authorize(&token, &request).is_ok());
    assert_eq!((calls(&of_first), calls(&of_second)), (0, 0), "what cannot change the result");
    assert!((first.clone() & first).authorize(&token, &request).is_ok());
    assert_eq!(calls(&of_first), 2, "once for each time that the rule names it");
}

#[tokio::test]
async fn a_rule_with_more_demands_than_a_word_has_bits_is_evaluated_like_any_other() {
    let token = good_token().await.scope("s0 s99").sign().unwrap();
    let token = server().await.authenticate([format!("Bearer {token}").as_bytes()]).await.unwrap();
    let request = RequestInfo::new();
    let scopes = |range: std::ops::Range<u8>| {
        range.map(|n| Scope::parse(format!("s{n}")).unwrap()).collect::<Vec<_>>()
    };
    assert!(rules::any_scope(scopes(1..100)).authorize(&token, &request).is_ok());
    assert!(rules::any_scope(scopes(1..99)).authorize(&token, &request).is_err());
    let (late, calls) = counted("late", false);
    let rule = rules::all_scopes(scopes(0..99)) & late | scope!("x") & scope!("y");
    let refused = rule.authorize(&token, &request).unwrap_err();
    assert_eq!(refused.scopes().len(), 2);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_function_of_the_user_sees_method_route_and_path_parameters() {
    let token = good_token().await.sign().unwrap();
    let token = server().await.authenticate([format!("Bearer {token}").as_bytes()]).await.unwrap();
    let own = check("own orders, to read", |token, request| {
        request.method() == Some("GET")
            && request.route() == Some("/users/{id}/orders")
            && request.param("id") == Some(token.subject())
    });
    let request = RequestInfo::new().with_method("GET").with_route("/users/{id}/orders");
    assert!(own.authorize(&token, &request.with_params(&[("id", "u1")])).is_ok());
    assert!(own.authorize(&token, &request.with_params(&[("id", "u2")])).is_err());
    assert!(own.authorize(&token, &request.with_params(&[("user", "u1")])).is_err());
    assert!(own.authorize(&token, &request).is_err(), "an adapter that knows no parameters");
}

#[tokio::test]
async fn every_adapter_gives_a_function_of_the_user_the_method() {
    let server = server().await;
    let reads = check("reads", |_, request| request.method() == Some("GET"));
    let asked = Asked::bearing(&good_token().await.sign().unwrap());
    let read = ask_all(&server, &Access::Require(reads.clone()), &asked).await;
    assert_eq!(read.status, 200);
    let asked = Asked { method: http::Method::POST, ..asked };
    let written = ask_all(&server, &Access::Require(reads), &asked).await;
    assert_eq!((written.status, written.code), (403, Some("rule.not_met")));
}

struct ReadOrders;

impl RequiredScopes for ReadOrders {
    const SCOPES: &'static [Scope] = &[Scope::literal("orders.read"), Scope::literal("orders")];
}

struct Nothing;

impl RequiredScopes for Nothing {
    const SCOPES: &'static [Scope] = &[];
}

/// The answers of a handler whose extractor names the scopes, in axum and in actix.
async fn scoped<R: RequiredScopes + 'static>(token: Option<Mint>) -> (u16, Option<String>) {
    let server = server().await;
    let field = match token {
        Some(token) => format!("Bearer {}", token.sign().unwrap()),
        None => String::new(),
    };
    let gate = doorward_axum::Gate::new(server.clone());
    let handler = async |token: doorward_axum::Scoped<R>| token.subject().to_owned();
    let handler = axum::routing::get(handler).layer(gate.optional());
    let app: axum::Router = axum::Router::new().route("/", handler);
    let request = axum::http::Request::get("/").header("authorization", &field);
    let request = request.body(axum::body::Body::empty()).unwrap();
    let of_axum = app.oneshot(request).await.unwrap();
    let challenge = of_axum.headers().get("www-authenticate");
    let of_axum =
        (of_axum.status().as_u16(), challenge.map(|field| field.to_str().unwrap().to_owned()));

    let gate = doorward_actix::Gate::new(server);
    let handler = async |token: doorward_actix::Scoped<R>| token.subject().to_owned();
    let route = actix_web::web::get().to(handler).wrap(gate.optional());
    let app = actix_web::App::new().route("/", route);
    let app = actix_web::test::init_service(app).await;
    let request = actix_web::test::TestRequest::get().append_header(("authorization", &*field));
    let of_actix = actix_web::test::call_service(&app, request.to_request()).await;
    let challenge = of_actix.headers().get("www-authenticate");
    let challenge = challenge.map(|field| field.to_str().unwrap().to_owned());
    assert_eq!(of_axum, (of_actix.status().as_u16(), challenge), "axum and actix differ");
    of_axum
}

#[tokio::test]
async fn an_extractor_may_name_scopes_by_its_type() {
    let granted = good_token().await.scope("orders.read orders");
    assert_eq!(scoped::<ReadOrders>(Some(granted)).await, (200, None));
    let (status, challenge) = insufficient("orders.read orders");
    let half = good_token().await.scope("orders.read");
    assert_eq!(scoped::<ReadOrders>(Some(half)).await, (status, Some(challenge)));
    let bare = Some(r#"Bearer realm="api""#.to_owned());
    assert_eq!(scoped::<ReadOrders>(None).await, (401, bare));
    let expired = good_token().await.scope("orders.read orders").lifetime(Duration::ZERO);
    assert_eq!(scoped::<ReadOrders>(Some(expired.issued_at(0))).await.0, 401);
    let (status, challenge) = insufficient("");
    let token = good_token().await.scope("orders.read");
    assert_eq!(scoped::<Nothing>(Some(token)).await, (status, Some(challenge)));
}

#[tokio::test]
async fn a_rule_may_ask_for_the_issuer_where_several_are_trusted() {
    let (first, second) = (support::issuer().await.issuer(), "https://second.example");
    let keys = async || support::shared_keys().await;
    let server = ResourceServer::builder()
        .trust(Issuer::fixed_keys(first, AUDIENCE, keys().await))
        .trust(Issuer::fixed_keys(second, AUDIENCE, keys().await))
        .clock(support::TestClock::at(NOW))
        .build()
        .await
        .unwrap();
    let of_second = async || good_token().await.claim("iss", second);
    assert_met(&server, issued_by(first), good_token().await).await;
    assert_met(&server, issued_by(second), of_second().await).await;
    assert_refused(&server, issued_by(first), of_second().await, insufficient("")).await;
    assert_refused(&server, issued_by(""), of_second().await, insufficient("")).await;
}
