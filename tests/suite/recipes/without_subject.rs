//! Issuers whose client-credentials tokens have no `sub`.

use doorward::{Issuer, presets::Keycloak, tokens::Actor};
use doorward_issuer::Mint;
use serde_json::json;

use crate::{
    support::NOW,
    vendors::{Documents, Learned, accept, assert_refused, learned, refusal, token},
};

fn duende() -> Issuer {
    Issuer::discover("https://login.acme.example", "orders")
        .require_at_jwt()
        .subject_from(["sub", "client_id"])
        .actor_by(|token| match token.claim::<&str>("sub") {
            Some(_) => Actor::Delegated,
            None => Actor::AppOnly,
        })
}

async fn app() -> Mint {
    token(json!({
        "iss": "https://login.acme.example", "aud": "orders",
        "nbf": NOW, "iat": NOW, "exp": NOW + 3600,
        "client_id": "nightly", "jti": "9B1F3B4A1E6B5DE9", "scope": ["orders.read"],
    }))
    .await
    .header("typ", "at+jwt")
}

#[tokio::test]
async fn a_client_of_duende_is_its_own_subject_and_acts_for_itself() {
    let server = Documents::metadata(
        "https://login.acme.example/.well-known/openid-configuration",
        "https://login.acme.example",
        "https://login.acme.example/.well-known/openid-configuration/jwks",
    )
    .await
    .server(duende())
    .await;
    let app = app().await;
    let expected = |subject, actor| Learned {
        subject,
        client_id: Some("nightly"),
        scopes: vec!["orders.read"],
        roles: vec![],
        actor,
    };
    assert_eq!(learned(&accept(&server, &app).await), expected("nightly", Actor::AppOnly));
    let user = app.clone().claim("sub", "88421113").claim("amr", json!(["pwd"]));
    assert_eq!(learned(&accept(&server, &user).await), expected("88421113", Actor::Delegated));
    assert_refused(
        &server,
        &app,
        &[
            ("neither user nor client", |t| t.without("client_id"), "policy.missing"),
            ("an ID token", |t| t.header("typ", "JWT"), "policy.token_type"),
            ("a client that is no name", |t| t.claim("client_id", ""), "claims.malformed"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_service_of_keycloak_without_the_scope_basic_is_its_own_subject() {
    let documents = Documents::metadata(
        "https://id.acme.example/realms/shop/.well-known/openid-configuration",
        "https://id.acme.example/realms/shop",
        "https://id.acme.example/realms/shop/protocol/openid-connect/certs",
    )
    .await;
    let shop = || Keycloak::server("https://id.acme.example").realm("shop").client_id("orders");
    let service = token(json!({
        "iss": "https://id.acme.example/realms/shop", "aud": "orders", "typ": "Bearer",
        "iat": NOW, "exp": NOW + 300, "azp": "nightly", "scope": "profile",
    }))
    .await
    .header("typ", "JWT");
    let usual = documents.clone().server(shop()).await;
    assert_eq!(refusal(&usual, service.clone()).await, "policy.missing");
    let listing = documents.server(shop().subject_from(["sub", "client_id", "azp"])).await;
    assert_eq!(accept(&listing, &service).await.subject(), "nightly");
}
