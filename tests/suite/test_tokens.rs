//! Tokens for tests: a server that is built for a test accepts and rejects them as production would.

use doorward::{
    ResourceServer, ResourceServerBuilder,
    presets::{Auth0, Entra},
    rules::role,
    scope,
    testing::TestToken,
};
use doorward_axum::{Gate, guarded};
use http::{Request, StatusCode, header::AUTHORIZATION};
use tower::ServiceExt as _;

const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";
const CLIENT_ID: &str = "f2a76e08-93f2-4350-833c-965c02483b11";

fn entra() -> ResourceServerBuilder {
    ResourceServer::builder().trust(Entra::tenant(TENANT).client_id(CLIENT_ID))
}

fn auth0() -> ResourceServerBuilder {
    let auth0 = Auth0::domain("acme.eu.auth0.com").audience("https://orders.acme.example");
    ResourceServer::builder().trust(auth0.require_claim("jti"))
}

/// Returns the status and, of a rejected request, the code.
async fn send(
    configuration: ResourceServerBuilder,
    describe: impl FnOnce(TestToken) -> TestToken,
) -> (StatusCode, &'static str) {
    let gate = Gate::new(configuration.build_for_test().unwrap());
    let token = describe(gate.test_token()).bearer();
    send_to(&gate, &token).await
}

async fn send_to(gate: &Gate, field: &str) -> (StatusCode, &'static str) {
    let rule = scope!("orders.read") | role("Orders.Read.All");
    let app: axum::Router =
        gate.router().route("/", guarded::get(rule, async || "orders")).with_state(());
    let request = Request::get("/").header(AUTHORIZATION, field).body(String::new()).unwrap();
    let response = app.oneshot(request).await.unwrap();
    let code =
        response.extensions().get::<doorward::Error>().map_or("accepted", |error| error.code());
    (response.status(), code)
}

#[tokio::test]
async fn a_token_of_a_test_has_by_default_what_every_token_of_the_issuer_has() {
    for configuration in [entra, auth0] {
        let granted = send(configuration(), |token| token.scopes("orders.read")).await;
        assert_eq!(granted, (StatusCode::OK, "accepted"));
        // No scope, as a test of a missing scope would have it.
        let nothing = send(configuration(), |token| token).await;
        assert_eq!(nothing, (StatusCode::FORBIDDEN, "rule.not_met"));
    }
    let app = send(entra(), |token| token.roles(["Orders.Read.All"])).await;
    assert_eq!(app, (StatusCode::OK, "accepted"));
}

#[tokio::test]
async fn a_token_of_a_test_is_rejected_where_production_rejects() {
    for configuration in [entra, auth0] {
        let read = |token: TestToken| token.scopes("orders.read");
        let expired = send(configuration(), |token| read(token).expired()).await;
        assert_eq!(expired, (StatusCode::UNAUTHORIZED, "policy.expired"));
        let elsewhere = send(configuration(), |token| read(token).audience("api://billing")).await;
        assert_eq!(elsewhere, (StatusCode::UNAUTHORIZED, "policy.audience"));
    }
    let other = |token: TestToken| {
        token.scopes("orders.read").claim("tid", "11111111-1111-1111-1111-111111111111")
    };
    let other = send(entra(), other).await;
    assert_eq!(other, (StatusCode::UNAUTHORIZED, "policy.tenant_mismatch"));
}

#[tokio::test]
async fn a_token_of_a_test_is_accepted_by_its_own_server_only() {
    let (own, other) = (Gate::for_test(), Gate::for_test());
    let field = own.test_token().scopes("orders.read").bearer();
    assert_eq!(send_to(&own, &field).await, (StatusCode::OK, "accepted"));
    assert_eq!(send_to(&other, &field).await, (StatusCode::UNAUTHORIZED, "token.not_compact"));
}

#[tokio::test]
async fn a_token_of_a_test_has_the_type_and_the_subject_that_are_configured() {
    let issuer = || doorward::Issuer::discover("https://login.example.com", "api://orders");
    for issuer in [issuer().token_types(["x-at+jwt"]), issuer().subject_from(["client_id"])] {
        let configuration = ResourceServer::builder().trust(issuer);
        let granted = send(configuration, |token| token.scopes("orders.read")).await;
        assert_eq!(granted, (StatusCode::OK, "accepted"));
    }
}
