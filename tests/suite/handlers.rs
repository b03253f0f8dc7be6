//! Handlers behind the gate, and without one: any state, claims of one's own, methods.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{Request, StatusCode, header},
    routing::get,
};
use doorward::{ResourceServer, rules::authenticated, scope};
use doorward_axum::{AccessToken, Claims, Gate, Scoped, guarded};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::{
    logs::Log,
    support::{AUDIENCE, NOW, good_token, server},
};

#[derive(serde::Deserialize)]
struct MyClaims {
    department: String,
}

/// A state of the application's own, which knows nothing of a gate.
struct AppState {
    shop: &'static str,
}

fn app(server: ResourceServer) -> Router {
    let department = async |Claims(claims): Claims<MyClaims>| claims.department;
    Gate::new(server)
        .router()
        .optional("/profile", get(profile))
        .optional(
            "/department-if-known",
            get(async |claims: Option<Claims<MyClaims>>| {
                claims.map_or("unknown".to_owned(), |Claims(claims)| claims.department)
            }),
        )
        .route("/orders", guarded::get(scope!("orders.read"), list))
        .route("/department", guarded::get(authenticated(), department))
        .with_state(Arc::new(AppState { shop: "lamps" }))
}

async fn list(State(state): State<Arc<AppState>>, token: AccessToken) -> String {
    format!("orders of {} at {}", token.subject(), state.shop)
}

pub async fn greet(token: AccessToken) -> String {
    token.subject().to_owned()
}

pub async fn profile(token: Option<AccessToken>) -> String {
    token.map_or_else(|| "anonymous".to_owned(), |token| token.subject().to_owned())
}

pub async fn send(app: Router, request: Request<String>) -> (StatusCode, String) {
    let response = app.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

pub fn with_token(path: &str, token: &str) -> Request<String> {
    let field = format!("Bearer {token}");
    Request::get(path).header(header::AUTHORIZATION, field).body(String::new()).unwrap()
}

#[tokio::test]
async fn test_token_of_a_gate_is_judged_by_the_rule_of_the_route() {
    let gate = Gate::for_test();
    let routes = gate.router().route("/", guarded::get(scope!("orders.read"), greet));
    let app: Router = routes.with_state(());
    let request = |scopes: &str| {
        let field = gate.test_token().subject("u7").scopes(scopes).bearer();
        Request::get("/").header(header::AUTHORIZATION, field).body(String::new()).unwrap()
    };
    let served = (StatusCode::OK, "u7".to_owned());
    assert_eq!(send(app.clone(), request("orders.read")).await, served);
    assert_eq!(send(app.clone(), request("orders.write")).await.0, StatusCode::FORBIDDEN);
    // What a test puts into the extensions by itself counts for nothing.
    let token = doorward::AccessToken::for_test().scopes("orders.read").token();
    let by_hand = Request::get("/").extension(token).body(String::new()).unwrap();
    assert_eq!(send(app, by_hand).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn handler_is_called_as_a_function_with_a_token_for_tests() {
    let state = State(Arc::new(AppState { shop: "chairs" }));
    let token = AccessToken::for_test().subject("u2").into();
    assert_eq!(list(state, token).await, "orders of u2 at chairs");
}

#[tokio::test]
async fn test_token_of_a_gate_for_tests_is_accepted_by_tower_and_actix_too() {
    use tower::Layer as _;

    let gate = doorward_tower::Gate::for_test();
    let field = gate.test_token().subject("u7").bearer();
    let inside = gate.clone();
    let service = tower::service_fn(move |request: Request<String>| {
        let subject = inside.verified(request.extensions()).map(|token| token.subject().to_owned());
        async move { Ok::<_, std::convert::Infallible>(http::Response::new(subject.unwrap())) }
    });
    let request = Request::get("/").header(header::AUTHORIZATION, field).body(String::new());
    let service = gate.authenticated().layer(service);
    assert_eq!(service.oneshot(request.unwrap()).await.unwrap().body(), "u7");

    let gate = doorward_actix::Gate::for_test();
    let handler = async |token: doorward_actix::AccessToken| token.subject().to_owned();
    let routes = doorward_actix::guarded::get(authenticated(), handler);
    let app = actix_web::App::new().service(gate.guarded_scope("").route("/", routes));
    let app = actix_web::test::init_service(app).await;
    let field = ("authorization", gate.test_token().subject("u7").bearer());
    let request = actix_web::test::TestRequest::get().uri("/").insert_header(field);
    let body = actix_web::test::call_and_read_body(&app, request.to_request()).await;
    assert_eq!(body, "u7");
}

#[tokio::test]
async fn claims_are_read_into_a_type_of_ones_own() {
    let app = app(server().await);
    let token = good_token().await.claim("department", "lamps").sign().unwrap();
    let answer = send(app.clone(), with_token("/department", &token)).await;
    assert_eq!(answer, (StatusCode::OK, "lamps".to_owned()));
    let without = good_token().await.sign().unwrap();
    for path in ["/department", "/department-if-known"] {
        let answer = send(app.clone(), with_token(path, &without)).await;
        assert_eq!(answer.0, StatusCode::FORBIDDEN, "a new token would not help: {path}");
    }
    let anonymous = Request::get("/department-if-known").body(String::new()).unwrap();
    assert_eq!(send(app, anonymous).await, (StatusCode::OK, "unknown".to_owned()));
}

#[tokio::test]
async fn extractors_need_nothing_of_the_state() {
    let app = app(server().await);
    let token = good_token().await.scope("orders.read").sign().unwrap();
    let answer = send(app.clone(), with_token("/orders", &token)).await;
    assert_eq!(answer, (StatusCode::OK, "orders of u1 at lamps".to_owned()));
    let answer = send(app.clone(), with_token("/profile", &token)).await;
    assert_eq!(answer, (StatusCode::OK, "u1".to_owned()));
    let anonymous = Request::get("/profile").body(String::new()).unwrap();
    assert_eq!(send(app.clone(), anonymous).await, (StatusCode::OK, "anonymous".to_owned()));
    let expired = good_token().await.claim("exp", NOW - 60).sign().unwrap();
    assert_eq!(send(app, with_token("/profile", &expired)).await.0, StatusCode::UNAUTHORIZED);
}

struct ReadOrders;

impl doorward::rules::RequiredScopes for ReadOrders {
    const SCOPES: &'static [doorward::Scope] = &[doorward::Scope::literal("orders.read")];
}

#[tokio::test]
async fn extractor_without_a_gate_in_front_answers_500_and_the_log_names_the_fix() {
    let token = good_token().await.scope("orders.read").sign().unwrap();
    let any = async |_: AccessToken| "reached";
    let optional = async |_: Option<AccessToken>| "reached";
    let claims = async |_: Claims<MyClaims>| "reached";
    let optional_claims = async |_: Option<Claims<MyClaims>>| "reached";
    let scoped = async |_: Scoped<ReadOrders>| "reached";
    // A public route of the guarded router has no gate in front either.
    let app: Router = Gate::new(server().await)
        .router()
        .public("/token", get(any))
        .public("/optional-token", get(optional))
        .public("/claims", get(claims))
        .public("/optional-claims", get(optional_claims))
        .public("/scoped", get(scoped))
        .with_state(());
    for (path, name) in [
        ("/token", "AccessToken"),
        ("/optional-token", "Option<AccessToken>"),
        ("/claims", "Claims"),
        ("/optional-claims", "Option<Claims>"),
        ("/scoped", "Scoped"),
    ] {
        let without = Request::get(path).body(String::new()).unwrap();
        for request in [with_token(path, &token), without] {
            let log = Log::begin();
            let answer = send(app.clone(), request).await;
            let log = log.end();
            assert_eq!(answer, (StatusCode::INTERNAL_SERVER_ERROR, String::new()), "{name}");
            assert!(log.contains("ERROR") && log.contains("gate.require(rule)"), "{log}");
            assert!(log.contains(&format!("extractor=\"{name}\"")), "{log}");
        }
    }
}

#[tokio::test]
async fn handler_may_look_at_the_rejection_of_an_extractor() {
    let handler = async |token: Result<AccessToken, doorward_axum::Rejection>| {
        let rejection = token.unwrap_err();
        let code = rejection.error().map_or("none", doorward::Error::code);
        format!("{} {code} {rejection}", rejection.status())
    };
    let gate = Gate::for_test();
    let app: Router =
        gate.router().optional("/a", get(handler)).public("/b", get(handler)).with_state(());
    let ask =
        async |path| send(app.clone(), Request::get(path).body(String::new()).unwrap()).await.1;
    assert!(ask("/a").await.starts_with("401 Unauthorized credentials.missing "));
    let missing = "500 Internal Server Error none no gate is in front of the handler";
    assert_eq!(ask("/b").await, missing);
}

/// A client that was told 401 would fetch another token of the same kind, again and again.
#[tokio::test]
async fn a_valid_token_that_does_not_fit_the_claims_type_is_forbidden_with_the_field_for_the_operator()
 {
    let app = app(server().await);
    for (token, reason) in [
        (
            good_token().await.claim("department", 17),
            "the claims do not fit `suite::handlers::MyClaims`: at `department`: invalid type: integer, expected a string",
        ),
        (
            good_token().await,
            "the claims do not fit `suite::handlers::MyClaims`: at `.`: missing field `department`",
        ),
    ] {
        let request = with_token("/department", &token.sign().unwrap());
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(
            response.headers()["www-authenticate"],
            r#"Bearer realm="api", error="insufficient_scope", error_description="The access token does not grant what this resource requires""#
        );
        let error = response.extensions().get::<doorward::Error>().unwrap();
        assert_eq!((error.code(), error.to_string().as_str()), ("claims.mismatch", reason));
    }
}

#[tokio::test]
async fn a_method_that_a_route_does_not_support_stays_405_and_head_follows_get() {
    let app = app(server().await);
    let token = good_token().await.scope("orders.read").sign().unwrap();
    let request = |method: &str, token: Option<&str>| {
        let mut request = Request::builder().method(method).uri("/orders");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        request.body(String::new()).unwrap()
    };
    for (method, token, expected) in [
        ("POST", None, StatusCode::METHOD_NOT_ALLOWED),
        ("POST", Some(token.as_str()), StatusCode::METHOD_NOT_ALLOWED),
        ("HEAD", None, StatusCode::UNAUTHORIZED),
        ("HEAD", Some(token.as_str()), StatusCode::OK),
        ("GET", Some(token.as_str()), StatusCode::OK),
    ] {
        assert_eq!(send(app.clone(), request(method, token)).await.0, expected, "{method}");
    }
    let in_the_query = format!("/orders?access_token={token}");
    let in_the_query = Request::get(in_the_query).body(String::new()).unwrap();
    assert_eq!(send(app.clone(), in_the_query).await.0, StatusCode::UNAUTHORIZED);
    let elsewhere = Request::get("/nothing").body(String::new()).unwrap();
    assert_eq!(send(app, elsewhere).await.0, StatusCode::NOT_FOUND);
}

/// A service that must be polled ready before each call.
#[derive(Debug, Default)]
struct Reserving {
    reserved: bool,
}

impl Clone for Reserving {
    /// A reservation is not shared.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl tower::Service<Request<String>> for Reserving {
    type Response = http::Response<String>;
    type Error = &'static str;
    type Future = std::future::Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        self.reserved = true;
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<String>) -> Self::Future {
        let reserved = std::mem::take(&mut self.reserved);
        std::future::ready(if reserved {
            Ok(http::Response::new("served".to_owned()))
        } else {
            Err("called without being ready")
        })
    }
}

#[tokio::test]
async fn the_service_that_was_polled_ready_is_the_one_that_is_called() {
    use tower::{Layer as _, Service as _};

    let token = good_token().await.sign().unwrap();
    let ready_keys = doorward_tower::Gate::new(server().await);
    let mut guard = ready_keys.authenticated().layer(Reserving::default());
    for _ in 0..2 {
        let response = guard.ready().await.unwrap().call(with_token("/", &token)).await.unwrap();
        assert_eq!(response.body(), "served");
    }

    // A key that must be fetched first takes the waiting path.
    let issuer = doorward_issuer::DevIssuer::start().await.unwrap();
    let server = ResourceServer::builder()
        .trust(doorward::Issuer::discover(issuer.issuer(), AUDIENCE))
        .allow_loopback_http()
        .build()
        .await
        .unwrap();
    issuer.rotate().await.unwrap();
    let token = issuer.mint().sign().unwrap();
    let mut guard = doorward_tower::Gate::new(server).authenticated().layer(Reserving::default());
    let response = guard.ready().await.unwrap().call(with_token("/", &token)).await.unwrap();
    assert_eq!(response.body(), "served");
}
