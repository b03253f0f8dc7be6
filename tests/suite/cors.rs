//! A CORS layer around the gate: the well-kept ones, as browsers of another origin meet them.

use http::{Method, header};
use tower::{Layer as _, ServiceExt as _};

use crate::support::{good_token, issuer, shared_keys};

const APP: &str = "https://app.example";

/// What a browser looks at: status, who may read, what may be read.
type Seen = (u16, Option<String>, Option<String>);

fn preflight() -> Vec<(&'static str, String)> {
    vec![
        ("origin", APP.to_owned()),
        ("access-control-request-method", "GET".to_owned()),
        ("access-control-request-headers", "authorization".to_owned()),
    ]
}

fn bearing(token: &str) -> Vec<(&'static str, String)> {
    vec![("origin", APP.to_owned()), ("authorization", format!("Bearer {token}"))]
}

async fn exposing() -> doorward::ResourceServer {
    doorward::ResourceServer::builder()
        .trust(doorward::Issuer::fixed_keys(
            issuer().await.issuer(),
            crate::support::AUDIENCE,
            shared_keys().await,
        ))
        .clock(crate::support::TestClock::at(crate::support::NOW))
        .expose_challenges()
        .build()
        .await
        .unwrap()
}

async fn through_tower(method: Method, fields: &[(&'static str, String)]) -> Seen {
    use tower_http::cors::CorsLayer;

    let gate = doorward_tower::Gate::new(exposing().await);
    let handler = tower::service_fn(async |request: http::Request<String>| {
        assert_eq!(request.method(), Method::GET, "a preflight has reached the handler");
        Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
    });
    let cors = CorsLayer::new()
        .allow_origin(http::HeaderValue::from_static(APP))
        .allow_headers([header::AUTHORIZATION]);
    let service = cors.layer(gate.authenticated().layer(handler));
    let mut request = http::Request::builder().method(method).uri("/");
    for (name, value) in fields {
        request = request.header(*name, value);
    }
    let response = service.oneshot(request.body(String::new()).unwrap()).await.unwrap();
    let text = |name| {
        let value = response.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let allowed = text(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    (response.status().as_u16(), allowed, text(header::ACCESS_CONTROL_EXPOSE_HEADERS))
}

async fn through_actix(method: Method, fields: &[(&'static str, String)]) -> Seen {
    use actix_web::{App, HttpRequest, HttpResponse, http::header, test, web};

    let gate = doorward_actix::Gate::new(exposing().await);
    let handler = async |request: HttpRequest| {
        assert_eq!(request.method(), "GET", "a preflight has reached the handler");
        HttpResponse::Ok().finish()
    };
    let cors = actix_cors::Cors::default()
        .allowed_origin(APP)
        .allowed_methods(["GET"])
        .allowed_header(header::AUTHORIZATION);
    let guarded = web::resource("/").wrap(gate.authenticated()).route(web::route().to(handler));
    let app = test::init_service(App::new().service(guarded).wrap(cors)).await;
    let method = actix_web::http::Method::from_bytes(method.as_str().as_bytes()).unwrap();
    let mut request = test::TestRequest::with_uri("/").method(method);
    for (name, value) in fields {
        request = request.append_header((*name, value.as_str()));
    }
    let response = test::call_service(&app, request.to_request()).await;
    let text = |name| {
        let value = response.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let allowed = text(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    (response.status().as_u16(), allowed, text(header::ACCESS_CONTROL_EXPOSE_HEADERS))
}

#[tokio::test]
async fn a_cors_layer_outside_answers_preflights_and_lets_scripts_read_a_refusal() {
    let app = || Some(APP.to_owned());
    let challenge = || Some("WWW-Authenticate".to_owned());
    let good = good_token().await.sign().unwrap();
    for (method, fields, expected) in [
        (Method::OPTIONS, preflight(), (200, app(), None)),
        (Method::GET, bearing("x"), (401, app(), challenge())),
        (Method::GET, bearing(&good), (200, app(), None)),
    ] {
        assert_eq!(through_tower(method.clone(), &fields).await, expected, "tower-http: {method}");
        assert_eq!(through_actix(method.clone(), &fields).await, expected, "actix-cors: {method}");
    }
    // Without the setting, the challenge is there and cannot be read.
    let missing = doorward::errors::CredentialsError::Missing.into();
    let denial = doorward::conformance::deny(&missing);
    assert!(denial.fields().all(|(name, _)| name != "access-control-expose-headers"));
}
