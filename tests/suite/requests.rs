//! How requests come in: where tokens are looked for, preflights, and what refusals tell whom.

use std::sync::{Arc, Mutex};

use doorward::{
    ConfigError, Issuer, Resource, ResourceServer, ResourceServerBuilder, Scope,
    adapter::{Access, ResourceMetadata},
    presets::Entra,
    rules::{authenticated, role},
    scope,
    tokens::TokenSource,
};
use http::Method;

use crate::{
    adapters::{Answer, Asked, ask_all},
    support::{AUDIENCE, NOW, TestClock, good_token, issuer, shared_keys},
};

async fn builder() -> ResourceServerBuilder {
    ResourceServer::builder()
        .trust(Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, shared_keys().await))
        .clock(TestClock::at(NOW))
}

fn bearing_in(fields: &[(&'static str, &str)]) -> Asked {
    let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Asked { fields, ..Asked::default() }
}

#[track_caller]
fn assert_answer(answer: &Answer, status: u16, code: Option<&str>) {
    assert_eq!((answer.status, answer.code), (status, code), "{answer:?}");
}

#[tokio::test]
async fn a_cookie_or_another_field_is_read_only_when_it_was_chosen() {
    let token = good_token().await.sign().unwrap();
    let cookie = format!("theme=dark; __Host-token={token}");
    let in_cookie = bearing_in(&[("cookie", &cookie)]);
    let in_field = bearing_in(&[("x-forwarded-access-token", &token)]);
    let in_authorization = Asked::bearing(&token);
    let access = Access::Require(authenticated());
    let missing = Some("credentials.missing");

    let usual = builder().await.build().await.unwrap();
    for asked in [&in_cookie, &in_field] {
        assert_answer(&ask_all(&usual, &access, asked).await, 401, missing);
    }
    let sources = [TokenSource::cookie("__Host-token")];
    let cookies = builder().await.tokens_from(sources).build().await.unwrap();
    assert_answer(&ask_all(&cookies, &access, &in_cookie).await, 200, None);
    for asked in [&in_authorization, &in_field] {
        assert_answer(&ask_all(&cookies, &access, asked).await, 401, missing);
    }
    let sources = [TokenSource::authorization(), TokenSource::field("X-Forwarded-Access-Token")];
    let fields = builder().await.tokens_from(sources).build().await.unwrap();
    for asked in [&in_authorization, &in_field] {
        assert_answer(&ask_all(&fields, &access, asked).await, 200, None);
    }
    let both = Asked { fields: in_field.fields.clone(), ..in_authorization.clone() };
    assert_answer(&ask_all(&fields, &access, &both).await, 400, Some("credentials.several"));
}

#[tokio::test]
async fn an_invalid_token_in_a_cookie_is_not_anonymous_where_a_token_is_optional() {
    let sources = [TokenSource::cookie("token")];
    let server = builder().await.tokens_from(sources).build().await.unwrap();
    let expired = good_token().await.claim("exp", NOW - 60).sign().unwrap();
    for (cookie, status, code) in [
        ("other=1".to_owned(), 200, None),
        (format!("token={expired}"), 401, Some("policy.expired")),
        ("token=".to_owned(), 400, Some("credentials.malformed")),
        ("token=a; token=b".to_owned(), 400, Some("credentials.several")),
    ] {
        let answer = ask_all(&server, &Access::Optional, &bearing_in(&[("cookie", &cookie)])).await;
        assert_answer(&answer, status, code);
    }
}

#[tokio::test]
async fn a_source_that_cannot_occur_is_refused_when_the_server_is_built() {
    for sources in [
        vec![],
        vec![TokenSource::cookie("a=b")],
        vec![TokenSource::field("Authorization")],
        vec![TokenSource::field("a b")],
        vec![TokenSource::cookie("t"), TokenSource::authorization(), TokenSource::cookie("t")],
    ] {
        let built = builder().await.tokens_from(sources).build().await;
        assert_eq!(built.unwrap_err(), ConfigError::TokenSource);
    }
}

fn preflight(fields: &[(&'static str, &str)]) -> Asked {
    Asked { method: Method::OPTIONS, ..bearing_in(fields) }
}

const TRUE_PREFLIGHT: [(&str, &str); 2] =
    [("origin", "https://app.example"), ("access-control-request-method", "POST")];

#[tokio::test]
async fn a_preflight_passes_only_when_asked_for_and_does_not_reach_the_handler() {
    let access = Access::Require(authenticated());
    let usual = builder().await.build().await.unwrap();
    let answer = ask_all(&usual, &access, &preflight(&TRUE_PREFLIGHT)).await;
    assert_answer(&answer, 401, Some("credentials.missing"));

    let server = builder().await.answer_preflights().build().await.unwrap();
    let answer = ask_all(&server, &access, &preflight(&TRUE_PREFLIGHT)).await;
    assert_answer(&answer, 204, None);
    assert_eq!(answer.body, "", "the handler would have greeted");

    let [origin, wanted] = TRUE_PREFLIGHT;
    for untrue in [
        preflight(&[]),
        preflight(&[origin]),
        preflight(&[wanted]),
        preflight(&[origin, (wanted.0, "")]),
        preflight(&[origin, origin, wanted]),
        preflight(&[origin, wanted, wanted]),
        Asked { method: Method::GET, ..preflight(&TRUE_PREFLIGHT) },
        Asked { method: Method::POST, ..preflight(&TRUE_PREFLIGHT) },
        Asked { method: Method::from_bytes(b"options").unwrap(), ..preflight(&TRUE_PREFLIGHT) },
    ] {
        let answer = ask_all(&server, &access, &untrue).await;
        assert_answer(&answer, 401, Some("credentials.missing"));
    }
    let bearing = Asked { authorization: vec![b"Bearer x".into()], ..preflight(&TRUE_PREFLIGHT) };
    let answer = ask_all(&server, &access, &bearing).await;
    assert_answer(&answer, 401, Some("token.not_compact"));
    let basic = Asked { authorization: vec![b"Basic x".into()], ..preflight(&TRUE_PREFLIGHT) };
    assert_answer(&ask_all(&server, &access, &basic).await, 401, Some("credentials.missing"));

    let cookies = builder().await.tokens_from([TokenSource::cookie("t")]).answer_preflights();
    let server = cookies.build().await.unwrap();
    let with_cookie = preflight(&[origin, wanted, ("cookie", "t=x")]);
    let answer = ask_all(&server, &access, &with_cookie).await;
    assert_answer(&answer, 401, Some("token.not_compact"));
}

#[tokio::test]
async fn a_guarded_router_answers_preflights_for_routes_that_have_no_such_method() {
    use actix_web::test;
    use tower::ServiceExt as _;

    for (builder, status) in [(builder().await.answer_preflights(), 204), (builder().await, 405)] {
        let server = builder.build().await.unwrap();
        let gate = doorward_axum::Gate::new(server.clone());
        let routes = doorward_axum::guarded::get(scope!("a"), async || "a");
        let app: axum::Router = gate.router().route("/a", routes).with_state(());
        let mut request = http::Request::options("/a");
        for (name, value) in TRUE_PREFLIGHT {
            request = request.header(name, value);
        }
        let request = request.body(axum::body::Body::empty()).unwrap();
        assert_eq!(app.clone().oneshot(request).await.unwrap().status(), status, "axum");
        let plain = http::Request::options("/a").body(axum::body::Body::empty()).unwrap();
        assert_eq!(app.oneshot(plain).await.unwrap().status(), 405, "axum, no preflight");

        let gate = doorward_actix::Gate::new(server);
        let routes = doorward_actix::guarded::get(scope!("a"), async || "a");
        let app = actix_web::App::new().service(gate.guarded_scope("").route("/a", routes));
        let app = test::init_service(app).await;
        let request = || test::TestRequest::with_uri("/a").method(actix_web::http::Method::OPTIONS);
        let preflight =
            TRUE_PREFLIGHT.into_iter().fold(request(), test::TestRequest::append_header);
        let answer = test::call_service(&app, preflight.to_request()).await;
        assert_eq!(answer.status(), status, "actix");
        let answer = test::call_service(&app, request().to_request()).await;
        assert_eq!(answer.status(), 405, "actix, no preflight");
    }
}

#[tokio::test]
async fn a_challenge_is_exposed_to_scripts_of_other_origins_when_asked_for() {
    let access = Access::Require(authenticated());
    let usual = builder().await.build().await.unwrap();
    assert_eq!(ask_all(&usual, &access, &Asked::default()).await.exposed, None);

    let server = builder().await.expose_challenges().build().await.unwrap();
    let exposed = Some("WWW-Authenticate".to_owned());
    for asked in [Asked::default(), Asked::bearing("x"), Asked::bearing("a b")] {
        let answer = ask_all(&server, &access, &asked).await;
        assert!(answer.challenge.is_some() && answer.exposed == exposed, "{answer:?}");
    }
    let good = Asked::bearing(&good_token().await.sign().unwrap());
    assert_eq!(ask_all(&server, &access, &good).await.exposed, None, "nothing was refused");
}

/// What the hook was told: code, status, method, route, rule, issuer, client, subject.
type Told = (String, u16, String, Option<String>, Option<String>, [Option<String>; 3]);

fn tell(told: &Arc<Mutex<Vec<Told>>>, builder: ResourceServerBuilder) -> ResourceServerBuilder {
    let told = Arc::clone(told);
    builder.on_decision(move |decision| {
        let Some(denial) = decision.denial() else { return };
        let owned = |text: Option<&str>| text.map(str::to_owned);
        told.lock().unwrap().push((
            decision.code().to_owned(),
            denial.status(),
            decision.method().unwrap().to_owned(),
            owned(decision.route()),
            decision.rule().map(Into::into),
            [decision.issuer(), decision.client_id(), decision.subject()].map(owned),
        ));
    })
}

#[tokio::test]
async fn the_hook_is_told_of_every_refusal_and_of_nothing_else() {
    let told = Arc::default();
    let server = tell(&told, builder().await).build().await.unwrap();
    let name = issuer().await.issuer();
    let rule = || scope!("orders.write") & role("Admin");
    let access = Access::Require(rule());
    let client = || Some("dev-client".to_owned());
    let (good, expired) = (good_token().await, good_token().await.claim("exp", NOW - 60));
    let forged = good_token().await.claim("iss", "https://evil.example").client_id("evil");
    let mut broken = good_token().await.sign().unwrap();
    broken.truncate(broken.len() - 4);
    broken.push_str("AAAA");
    for (token, code, status, who) in [
        (None, "credentials.missing", 401, [None, None, None]),
        (Some(good.sign().unwrap()), "rule.not_met", 403, [Some(name.to_owned()), client(), None]),
        (
            Some(expired.sign().unwrap()),
            "policy.expired",
            401,
            [Some(name.to_owned()), client(), None],
        ),
        // What nobody has signed is not told as a fact.
        (Some(forged.sign().unwrap()), "policy.untrusted_issuer", 401, [None, None, None]),
        (Some(broken), "signature.invalid", 401, [None, None, None]),
    ] {
        let asked = token.as_deref().map(Asked::bearing).unwrap_or_default();
        let answer = ask_all(&server, &access, &asked).await;
        assert_answer(&answer, status, Some(code));
        let told: Vec<Told> = std::mem::take(&mut *told.lock().unwrap());
        let rule = Some(rule().to_string());
        let expected = |route: Option<&str>| {
            let (route, who) = (route.map(str::to_owned), who.clone());
            (code.to_owned(), status, "GET".to_owned(), route, rule.clone(), who)
        };
        assert_eq!(told, [expected(None), expected(Some("/")), expected(Some("/"))], "{code}");
    }
    let met = Access::Require(authenticated());
    ask_all(&server, &met, &Asked::bearing(&good_token().await.sign().unwrap())).await;
    ask_all(&server, &Access::Optional, &Asked::default()).await;
    assert_eq!(told.lock().unwrap().len(), 0, "nothing was refused");
}

struct ReadAll;

impl doorward::rules::RequiredScopes for ReadAll {
    const SCOPES: &'static [Scope] = &[Scope::literal("read"), Scope::literal("all")];
}

#[tokio::test]
async fn an_extractor_that_asks_for_scopes_tells_them_as_a_rule_does() {
    use actix_web::test;
    use tower::ServiceExt as _;

    let told = Arc::default();
    let server = tell(&told, builder().await).resource(RESOURCE).build().await.unwrap();
    let optional = doorward_axum::Gate::new(server.clone()).optional();
    let handler = async |_: doorward_axum::Scoped<ReadAll>| "read";
    let handler = axum::routing::get(handler).layer(optional);
    let app: axum::Router = axum::Router::new().route("/all", handler);
    let request = http::Request::get("/all").body(axum::body::Body::empty()).unwrap();
    let answer = app.oneshot(request).await.unwrap();
    let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
    assert!(challenge.ends_with(r#", scope="read all""#), "{challenge}");

    let handler = async |_: doorward_actix::Scoped<ReadAll>| "read";
    let optional = doorward_actix::Gate::new(server).optional();
    let app = actix_web::App::new().route("/all", actix_web::web::get().to(handler).wrap(optional));
    let app = test::init_service(app).await;
    let answer = test::call_service(&app, test::TestRequest::with_uri("/all").to_request()).await;
    let challenge = answer.headers().get("www-authenticate").unwrap().to_str().unwrap();
    assert!(challenge.ends_with(r#", scope="read all""#), "{challenge}");

    let told = told.lock().unwrap();
    let rules: Vec<_> = told.iter().map(|told| (told.3.as_deref(), told.4.as_deref())).collect();
    assert_eq!(rules, [(Some("/all"), Some("scope read & scope all")); 2]);
}

#[tokio::test]
async fn the_subject_is_told_only_when_asked_for() {
    let told = Arc::default();
    let server = tell(&told, builder().await).log_subjects().build().await.unwrap();
    let access = Access::Require(role("Admin"));
    ask_all(&server, &access, &Asked::bearing(&good_token().await.sign().unwrap())).await;
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|told| told.5[2].as_deref() == Some("u1")), "{told:?}");
}

const RESOURCE: &str = "https://api.example.com/orders";
const METADATA: &str = "https://api.example.com/.well-known/oauth-protected-resource/orders";

#[tokio::test]
async fn every_challenge_names_the_metadata_of_the_resource_and_what_to_ask_for() {
    let server = builder().await.resource(RESOURCE).build().await.unwrap();
    let access = Access::Require(scope!("a") & (scope!("b") | scope!("c")) & role("Admin"));
    let start = format!(r#"Bearer realm="api", resource_metadata="{METADATA}""#);
    let invalid = r#"error="invalid_token", error_description="The access token is invalid""#;
    let lacking = r#"error="insufficient_scope", error_description="The access token does not grant what this resource requires""#;
    let request = r#"error="invalid_request", error_description="The request is malformed or carries several credentials""#;
    let good = good_token().await.scope("c").sign().unwrap();
    for (asked, rest) in [
        (Asked::default(), r#", scope="a b""#.to_owned()),
        (Asked::bearing("x"), format!(r#", {invalid}, scope="a b""#)),
        (Asked::bearing("x y"), format!(", {request}")),
        (Asked::bearing(&good), format!(r#", {lacking}, scope="a c""#)),
    ] {
        let answer = ask_all(&server, &access, &asked).await;
        assert_eq!(answer.challenge, Some(format!("{start}{rest}")));
    }
    let any = ask_all(&server, &Access::Require(authenticated()), &Asked::default()).await;
    assert_eq!(any.challenge, Some(start), "no scope is asked for");
}

#[tokio::test]
async fn the_metadata_lists_the_issuers_that_are_trusted_now() {
    let server = builder().await.resource(Resource::new(RESOURCE).name("Orders")).build().await;
    let server = server.unwrap();
    let metadata = ResourceMetadata::new(&server, []).unwrap();
    assert_eq!(metadata.path(), "/.well-known/oauth-protected-resource/orders");
    let tenant = "7fe81447-da57-4385-becb-6de57f21477e";
    let second = Issuer::fixed_keys("https://second.example", AUDIENCE, shared_keys().await);
    server.trust(second).await.unwrap();
    let document = |server: &ResourceServer| -> serde_json::Value {
        let scopes = [Scope::literal("orders.read")];
        let metadata = ResourceMetadata::new(server, scopes).unwrap();
        serde_json::from_str(&metadata.document()).unwrap()
    };
    assert_eq!(
        document(&server),
        serde_json::json!({
            "resource": RESOURCE,
            "resource_name": "Orders",
            "authorization_servers": [issuer().await.issuer(), "https://second.example"],
            "bearer_methods_supported": ["header"],
            "scopes_supported": ["orders.read"],
        })
    );
    server.distrust("https://second.example").unwrap();
    assert_eq!(
        document(&server)["authorization_servers"],
        serde_json::json!([issuer().await.issuer()])
    );

    let entra = ResourceServer::builder()
        .trust(Entra::tenant(tenant).client_id(tenant))
        .resource(RESOURCE)
        .tokens_from([TokenSource::cookie("t")])
        .lazy()
        .build()
        .await
        .unwrap();
    let told = document(&entra);
    let authority = format!("https://login.microsoftonline.com/{tenant}/v2.0");
    assert_eq!(told["authorization_servers"], serde_json::json!([authority]));
    assert_eq!(told["bearer_methods_supported"], serde_json::json!([]));
}

#[tokio::test]
async fn a_resource_that_is_no_url_is_refused_when_the_server_is_built() {
    for identifier in ["api://orders", "http://api.example.com", "https://api.example.com/#x"] {
        let built = builder().await.resource(identifier).build().await;
        assert_eq!(built.unwrap_err(), ConfigError::Resource, "{identifier}");
    }
    let without = builder().await.build().await.unwrap();
    assert!(ResourceMetadata::new(&without, []).is_none());
}
