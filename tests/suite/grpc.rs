//! Calls of gRPC that the tower layer refuses.

use std::convert::Infallible;

use doorward::{
    Issuer, ResourceServer,
    rules::{authenticated, role},
};
use doorward_issuer::DevIssuer;
use doorward_tower::Gate;
use http::{Request, Response};
use tower::{Layer as _, ServiceExt as _};

use crate::support::{AUDIENCE, NOW, good_token, server};

async fn call(gate: &Gate, content_type: &str, token: Option<&str>) -> Response<String> {
    let handler = tower::service_fn(async |_: Request<String>| {
        Ok::<_, Infallible>(Response::new("served".to_owned()))
    });
    let mut request = Request::post("/grpc.health.v1.Health/Check");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.header("content-type", content_type).body(String::new()).unwrap();
    gate.require(authenticated() & role("Prober")).layer(handler).oneshot(request).await.unwrap()
}

fn told(response: &Response<String>) -> (u16, &str, &str) {
    let field = |name| response.headers().get(name).map_or("", |value| value.to_str().unwrap());
    (response.status().as_u16(), field("grpc-status"), field("grpc-message"))
}

#[tokio::test]
async fn a_refused_call_is_answered_with_a_status_of_grpc_and_a_message() {
    let gate = Gate::new(server().await);
    let expired = good_token().await.claim("exp", NOW - 60).sign().unwrap();
    let powerless = good_token().await.sign().unwrap();
    let missing = "The request carries no access token";
    let lacking = "The access token does not grant what this resource requires";
    let malformed = "The request is malformed or carries several credentials";
    for (token, http, status, message) in [
        (None, 401, "16", missing),
        (Some("x"), 401, "16", "The access token is invalid"),
        (Some("x y"), 401, "16", malformed),
        (Some(expired.as_str()), 401, "16", "The access token expired"),
        (Some(powerless.as_str()), 403, "7", lacking),
    ] {
        for content_type in ["application/grpc", "application/grpc+proto", "application/grpc;v=1"] {
            let response = call(&gate, content_type, token).await;
            assert_eq!(told(&response), (http, status, message));
            assert_eq!(response.headers()["content-type"], "application/grpc");
            assert!(response.headers().contains_key("www-authenticate"));
            assert_eq!(response.body(), "");
            assert!(response.extensions().get::<doorward::Error>().is_some());
        }
    }
}

#[tokio::test]
async fn without_keys_a_call_is_answered_unavailable() {
    let silent = DevIssuer::start().await.unwrap();
    let (name, token) =
        (silent.issuer().to_owned(), silent.mint().audience(AUDIENCE).sign().unwrap());
    drop(silent);
    let server = ResourceServer::builder()
        .trust(Issuer::discover(name, AUDIENCE))
        .allow_loopback_http()
        .lazy()
        .build()
        .await
        .unwrap();
    let response = call(&Gate::new(server), "application/grpc", Some(&token)).await;
    assert_eq!(told(&response), (503, "14", "The access token cannot be verified at the moment"));
}

#[tokio::test]
async fn what_is_no_call_of_grpc_is_answered_as_ever() {
    let gate = Gate::new(server().await);
    for content_type in ["application/json", "application/grpc-web", "application/grpcx", ""] {
        assert_eq!(told(&call(&gate, content_type, None).await), (401, "", ""), "{content_type}");
    }
    let token = good_token().await.roles(["Prober"]).sign().unwrap();
    let response = call(&gate, "application/grpc", Some(&token)).await;
    assert_eq!((told(&response), response.body().as_str()), ((200, "", ""), "served"));
}
