use doorward::{Issuer, ResourceServer};
use serde_json::{Value, json};

use super::{NOW, assert_refused, roles, scopes, server, token, verified};

const NAME: &str = "https://id.example.com/auth/realms/acme";

async fn acme() -> ResourceServer {
    server(Issuer::keycloak("https://id.example.com/auth/", "acme", "orders"), NAME).await
}

fn user() -> Value {
    json!({
        "exp": NOW + 300, "iat": NOW, "auth_time": NOW, "jti": "onrtac:9e1c", "iss": NAME,
        "aud": ["orders", "account"], "sub": "5b3f2a43-8b1b-4b39-a5b4-3a7c1d2e4f60",
        "typ": "Bearer", "azp": "web", "sid": "s", "acr": "1",
        "allowed-origins": ["https://app.example.com"],
        "realm_access": { "roles": ["offline_access", "staff"] },
        "resource_access": {
            "orders": { "roles": ["Orders.Admin"] },
            "account": { "roles": ["manage-account"] },
        },
        "scope": "openid email orders.read", "email_verified": true,
        "preferred_username": "frank",
    })
}

#[tokio::test]
async fn roles_are_those_of_the_realm_and_of_this_client() {
    let token = verified(&acme().await, token(&user()).await).await.unwrap();
    assert_eq!(roles(&token), ["offline_access", "staff", "Orders.Admin"]);
    assert_eq!(scopes(&token), ["openid", "email", "orders.read"]);
    assert_eq!(token.client_id(), Some("web"));
}

#[tokio::test]
async fn a_user_without_roles_has_none() {
    let bare = token(&user()).await.without("realm_access").claim("resource_access", json!({}));
    assert!(roles(&verified(&acme().await, bare).await.unwrap()).is_empty());
}

#[tokio::test]
async fn what_is_no_access_token_of_this_realm_for_this_api_is_refused() {
    let breaks = [
        (json!({ "typ": "ID" }), "policy.required"),
        (json!({ "typ": "Refresh" }), "policy.required"),
        (json!({ "typ": null }), "policy.required"),
        (json!({ "typ": "ID", "at_hash": "x" }), "policy.id_token"),
        (json!({ "iss": "https://id.example.com/auth/realms/other" }), "policy.untrusted_issuer"),
        (json!({ "iss": "https://id.example.com/realms/acme" }), "policy.untrusted_issuer"),
        (json!({ "aud": "account" }), "policy.audience"),
        (json!({ "aud": null }), "policy.missing"),
        (json!({ "realm_access": { "roles": { "staff": true } } }), "claims.malformed"),
    ];
    assert_refused(&acme().await, token(&user()).await, breaks).await;
}
