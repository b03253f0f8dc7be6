//! The generated client of gRPC's health service, against the example, over a socket.

use doorward::{AccessToken, Issuer, ResourceServerBuilder};
use doorward_examples::short::{self, AUDIENCE};
use doorward_issuer::{DevIssuer, Mint};
use doorward_tower::Gate;
use tokio::net::TcpListener;
use tonic::{
    Code, Request, Response, Status,
    service::interceptor::InterceptedService,
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus,
    health_client::HealthClient,
};

#[path = "../short/grpc.rs"]
#[expect(dead_code, reason = "`main` is not for here")]
mod grpc;

/// Describes a server that trusts the issuer.
fn trusting(issuer: &DevIssuer) -> ResourceServerBuilder {
    short::server([Issuer::discover(issuer.url(), AUDIENCE)])
}

/// Builds the server, serves the example behind its gate, and connects a client.
async fn connect(server: ResourceServerBuilder) -> HealthClient<Channel> {
    let gate = Gate::new(server.build().await.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let channel = channel(&listener);
    tokio::spawn(async move { grpc::serve(&gate, listener).await });
    HealthClient::new(channel)
}

/// Connects with the first call.
fn channel(listener: &TcpListener) -> Channel {
    let url = format!("http://{}", listener.local_addr().unwrap());
    Endpoint::from_shared(url).unwrap().connect_lazy()
}

/// Makes a request of the service with a token, or without.
fn request(token: Option<Mint>) -> Request<HealthCheckRequest> {
    let mut request = Request::new(HealthCheckRequest::default());
    if let Some(token) = token {
        let field = format!("Bearer {}", token.sign().unwrap());
        request.metadata_mut().insert("authorization", field.parse().unwrap());
    }
    request
}

fn status_of(answer: Result<Response<HealthCheckResponse>, Status>) -> ServingStatus {
    answer.unwrap().into_inner().status()
}

/// What a client is told of a refused call: code, message, and a field beside them.
fn told<'s>(refused: &'s Status, field: &str) -> (Code, &'s str, &'s str) {
    let field = refused.metadata().get(field).map_or("", |value| value.to_str().unwrap());
    (refused.code(), refused.message(), field)
}

#[tokio::test]
async fn with_the_scope_a_call_is_served() {
    let issuer = short::issuer().await.unwrap();
    let mut client = connect(trusting(&issuer)).await;
    let reader = issuer.mint().scope("health.read");
    assert_eq!(status_of(client.check(request(Some(reader))).await), ServingStatus::Serving);
}

#[tokio::test]
async fn with_the_scope_a_stream_is_served() {
    let issuer = short::issuer().await.unwrap();
    let mut client = connect(trusting(&issuer)).await;
    let reader = issuer.mint().scope("health.read");
    let mut stream = client.watch(request(Some(reader))).await.unwrap().into_inner();
    let first = stream.message().await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::Serving);
}

#[tokio::test]
async fn a_refused_call_has_a_code_a_message_and_the_challenge() {
    let issuer = short::issuer().await.unwrap();
    let mut client = connect(trusting(&issuer)).await;
    let reader = || issuer.mint().scope("health.read");
    let invalid = "Bearer realm=\"api\", error=\"invalid_token\", error_description=";
    for (token, code, message, challenge) in [
        (
            None,
            Code::Unauthenticated,
            "The request carries no access token",
            "Bearer realm=\"api\"".to_owned(),
        ),
        (
            Some(reader().expired()),
            Code::Unauthenticated,
            "The access token expired",
            format!("{invalid}\"The access token expired\""),
        ),
        (
            Some(reader().audience("api://elsewhere")),
            Code::Unauthenticated,
            "The access token is invalid",
            format!("{invalid}\"The access token is invalid\""),
        ),
        (
            Some(issuer.mint()),
            Code::PermissionDenied,
            "The access token does not grant what this resource requires",
            "Bearer realm=\"api\", error=\"insufficient_scope\", error_description=\"The access \
             token does not grant what this resource requires\", scope=\"health.read\""
                .to_owned(),
        ),
    ] {
        let expected = (code, message, challenge.as_str());
        let refused = client.check(request(token.clone())).await.unwrap_err();
        assert_eq!(told(&refused, "www-authenticate"), expected);
        let refused = client.watch(request(token)).await.unwrap_err();
        assert_eq!(told(&refused, "www-authenticate"), expected);
    }
}

#[tokio::test]
async fn while_the_issuer_is_down_a_call_is_unavailable() {
    let issuer = short::issuer().await.unwrap();
    let (server, token) = (trusting(&issuer).lazy(), issuer.mint().scope("health.read"));
    drop(issuer);
    let mut client = connect(server).await;
    let refused = client.check(request(Some(token))).await.unwrap_err();
    let (code, message, retry) = told(&refused, "retry-after");
    assert_eq!(
        (code, message),
        (Code::Unavailable, "The access token cannot be verified at the moment")
    );
    assert!(retry.parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn a_method_finds_the_token_in_its_request() {
    let issuer = short::issuer().await.unwrap();
    let gate = Gate::new(trusting(&issuer).build().await.unwrap());
    let layer = gate.authenticated();
    // An interceptor sees the request's extensions as a method does.
    let only_ada = move |request: Request<()>| match gate
        .verified(request.extensions())
        .map(AccessToken::subject)
    {
        Some("ada") => Ok(request),
        other => Err(Status::failed_precondition(format!("{other:?}"))),
    };
    let (_reporter, health) = tonic_health::server::health_reporter();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = HealthClient::new(channel(&listener));
    let server =
        Server::builder().layer(layer).add_service(InterceptedService::new(health, only_ada));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));

    let ada = issuer.mint().subject("ada");
    assert_eq!(status_of(client.check(request(Some(ada))).await), ServingStatus::Serving);
    let bob = issuer.mint().subject("bob");
    let refused = client.check(request(Some(bob))).await.unwrap_err();
    assert_eq!((refused.code(), refused.message()), (Code::FailedPrecondition, "Some(\"bob\")"));
}
