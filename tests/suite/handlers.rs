//! Handlers behind the gate: tokens made by hand, claims of one's own, methods, other gates.

use axum::{
    Router,
    extract::FromRef,
    http::{Request, StatusCode, header},
    routing::get,
};
use doorward::{ResourceServer, scope};
use doorward_axum::{AccessToken, Claims, Gate, OptionalToken, guarded};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::support::{AUDIENCE, TestClock, good_token, issuer, server, shared_keys};

#[derive(serde::Deserialize)]
struct MyClaims {
    department: String,
}

#[derive(Clone, FromRef)]
struct AppState {
    gate: Gate,
}

fn app(server: ResourceServer) -> Router {
    let gate = Gate::new(server);
    gate.router()
        .public("/profile", get(profile))
        .route("/orders", guarded::get(scope!("orders.read"), list))
        .route(
            "/department",
            guarded::get(
                doorward::rules::authenticated(),
                async |Claims(claims): Claims<MyClaims>| claims.department,
            ),
        )
        .with_state(AppState { gate })
}

async fn list(token: AccessToken) -> String {
    format!("orders of {}", token.subject())
}

async fn profile(OptionalToken(token): OptionalToken) -> String {
    token.map_or_else(|| "anonymous".to_owned(), |token| token.subject().to_owned())
}

async fn send(app: Router, request: Request<String>) -> (StatusCode, String) {
    let response = app.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn with_token(path: &str, token: &str) -> Request<String> {
    let field = format!("Bearer {token}");
    Request::get(path).header(header::AUTHORIZATION, field).body(String::new()).unwrap()
}

#[tokio::test]
async fn a_token_made_by_hand_reaches_the_handler_if_it_meets_the_rule() {
    let request = |scopes: &str| {
        let token = AccessToken::for_test().subject("u7").scopes(scopes).token();
        Request::get("/orders").extension(token).body(String::new()).unwrap()
    };
    let app = app(server().await);
    let served = (StatusCode::OK, "orders of u7".to_owned());
    assert_eq!(send(app.clone(), request("orders.read")).await, served);
    assert_eq!(send(app, request("orders.write")).await.0, StatusCode::FORBIDDEN);
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
    let routes = doorward_actix::guarded::get(doorward::rules::authenticated(), handler);
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
    assert_eq!(send(app, with_token("/department", &without)).await.0, StatusCode::UNAUTHORIZED);
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

#[tokio::test]
async fn what_one_gate_admits_is_verified_again_by_another() {
    let lenient = Gate::new(server().await);
    let other_keys = doorward::Keys::jwks(
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"rfc8037",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
    );
    let strict = ResourceServer::builder()
        .trust(doorward::Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, other_keys))
        .build()
        .await
        .unwrap();
    let app: Router = Router::new()
        .route("/orders", get(list))
        .with_state(AppState { gate: Gate::new(strict) })
        .route_layer(lenient.authenticated());
    let token = good_token().await.sign().unwrap();
    assert_eq!(send(app, with_token("/orders", &token)).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_a_layer_has_verified_is_not_verified_again() {
    // The clock passes the token's end between the layer and the extractor.
    let clock = TestClock::at(crate::support::NOW);
    let server = ResourceServer::builder()
        .trust(doorward::Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, shared_keys().await))
        .clock(clock.clone())
        .build()
        .await
        .unwrap();
    let gate = Gate::new(server);
    let aging = axum::middleware::from_fn(move |request, next: axum::middleware::Next| {
        clock.advance(std::time::Duration::from_secs(7200));
        next.run(request)
    });
    let app: Router = Router::new()
        .route("/orders", get(list))
        .with_state(AppState { gate: gate.clone() })
        .route_layer(aging)
        .route_layer(gate.authenticated());
    let token = good_token().await.sign().unwrap();
    assert_eq!(send(app, with_token("/orders", &token)).await.0, StatusCode::OK);
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
