use doorward::{ResourceServer, presets::Keycloak, tokens::Actor};
use doorward_issuer::Mint;
use serde_json::{Value, json};

use crate::{
    support::{NOW, issuer},
    vendors::{Documents, Learned, accept, assert_refused, learned, refusal, token},
};

const ISSUER: &str = "https://id.acme.example/realms/shop";
const METADATA: &str = "https://id.acme.example/realms/shop/.well-known/openid-configuration";
const KEYS: &str = "https://id.acme.example/realms/shop/protocol/openid-connect/certs";

async fn server() -> ResourceServer {
    let trust = Keycloak::server("https://id.acme.example").realm("shop").client_id("orders");
    Documents::metadata(METADATA, ISSUER, KEYS).await.server(trust).await
}

async fn user() -> Mint {
    token(json!({
        "exp": NOW + 300, "iat": NOW, "auth_time": NOW - 30,
        "jti": "onrtac:3c2f5b3e-5c39-4a0e-9ad1-3f7a1c1f2b7d",
        "iss": ISSUER,
        "aud": ["orders", "account"],
        "sub": "f6c3a0b4-6d2e-4f0a-8a55-0f5b6f9d3c11",
        "typ": "Bearer",
        "azp": "shop-web",
        "sid": "e2b8a9a0-9d4f-4b58-9a86-1f1e9b6c7d88",
        "acr": "1",
        "allowed-origins": ["https://shop.acme.example"],
        "realm_access": {"roles": ["offline_access", "clerk"]},
        "resource_access": {
            "orders": {"roles": ["reader"]},
            "billing": {"roles": ["admin"]},
            "account": {"roles": ["manage-account", "view-profile"]},
        },
        "scope": "openid email orders:read",
        "email_verified": true,
        "preferred_username": "jane",
    }))
    .await
    .header("typ", "JWT")
}

#[tokio::test]
async fn roles_of_keycloak_are_those_of_the_realm_and_of_this_client_alone() {
    let token = accept(&server().await, &user().await).await;
    let expected = Learned {
        subject: "f6c3a0b4-6d2e-4f0a-8a55-0f5b6f9d3c11",
        client_id: Some("shop-web"),
        scopes: vec!["openid", "email", "orders:read"],
        roles: vec!["offline_access", "clerk", "reader"],
        actor: Actor::Unknown,
    };
    assert_eq!(learned(&token), expected);
}

#[tokio::test]
async fn a_service_account_of_keycloak_is_accepted_without_knowing_that_it_is_one() {
    let service = token(json!({
        "exp": NOW + 300, "iat": NOW,
        "jti": "trrtcc:5b0c8d54-6a0f-4e1f-9a0e-2a0b2d6c9f10",
        "iss": ISSUER,
        "aud": "orders",
        "sub": "0b7a7f0e-51f4-4b0a-a9ba-3d1d3a9b3c55",
        "typ": "Bearer",
        "azp": "nightly",
        "acr": "1",
        "resource_access": {"orders": {"roles": ["writer"]}},
        "scope": "email profile",
        "clientHost": "10.0.0.7", "clientAddress": "10.0.0.7", "client_id": "nightly",
        "preferred_username": "service-account-nightly",
    }))
    .await
    .header("typ", "JWT");
    let token = accept(&server().await, &service).await;
    let expected = Learned {
        subject: "0b7a7f0e-51f4-4b0a-a9ba-3d1d3a9b3c55",
        client_id: Some("nightly"),
        scopes: vec!["email", "profile"],
        roles: vec!["writer"],
        actor: Actor::Unknown,
    };
    assert_eq!(learned(&token), expected);
}

#[tokio::test]
async fn a_keycloak_below_a_path_is_found_with_or_without_a_slash_at_its_end() {
    let name = "https://id.acme.example/auth/realms/shop";
    for url in ["https://id.acme.example/auth", "https://id.acme.example/auth/"] {
        let server = Documents::metadata(
            "https://id.acme.example/auth/realms/shop/.well-known/openid-configuration",
            name,
            "https://id.acme.example/auth/realms/shop/protocol/openid-connect/certs",
        )
        .await
        .server(Keycloak::server(url).realm("shop").client_id("orders"))
        .await;
        accept(&server, &user().await.claim("iss", name)).await;
        assert_eq!(refusal(&server, user().await).await, "policy.untrusted_issuer", "{url}");
    }
}

#[tokio::test]
async fn a_custom_claim_of_keycloak_named_scp_grants_nothing() {
    let token = user().await.without("scope").claim("scp", "orders:write");
    assert!(accept(&server().await, &token).await.scopes().is_empty());
}

#[tokio::test]
async fn a_token_of_keycloak_with_one_fault_is_refused() {
    assert_refused(
        &server().await,
        &user().await,
        &[
            (
                "issuer with a slash",
                |t| t.claim("iss", "https://id.acme.example/realms/shop/"),
                "policy.untrusted_issuer",
            ),
            (
                "another realm",
                |t| t.claim("iss", "https://id.acme.example/realms/master"),
                "policy.untrusted_issuer",
            ),
            ("audience by default", |t| t.audience("account"), "policy.audience"),
            ("no audience", |t| t.without("aud"), "policy.missing"),
            ("no subject", |t| t.without("sub"), "policy.missing"),
            ("no expiry", |t| t.without("exp"), "policy.missing"),
            ("an ID token by its type", |t| t.claim("typ", "ID"), "policy.required"),
            ("a refresh token by its type", |t| t.claim("typ", "Refresh"), "policy.required"),
            ("type in lower case", |t| t.claim("typ", "bearer"), "policy.required"),
            ("types", |t| t.claim("typ", json!(["Bearer"])), "policy.required"),
            ("no type", |t| t.without("typ"), "policy.required"),
            ("a logout token", |t| t.header("typ", "logout+jwt"), "policy.token_type"),
            (
                "roles of the realm as an object",
                |t| t.claim("realm_access", json!({"roles": {"clerk": true}})),
                "claims.malformed",
            ),
            (
                "roles of the client as a number",
                |t| t.claim("resource_access", json!({"orders": {"roles": 5}})),
                "claims.malformed",
            ),
            ("scope as a number", |t| t.claim("scope", 5), "claims.malformed"),
            ("signed with a secret", |t| t.header("alg", "HS512"), "key.algorithm_mismatch"),
            ("bound to a key", |t| t.claim("cnf", json!({"jkt": "x"})), "policy.bound"),
        ],
    )
    .await;
}

/// A client that signs users in and serves an API is the audience of ID tokens too.
#[tokio::test]
async fn an_id_token_of_keycloak_is_refused_whoever_it_is_for() {
    let id_token = token(json!({
        "exp": NOW + 300, "iat": NOW, "auth_time": NOW - 30,
        "jti": "5f2d9c0e-44b4-4a7c-8f0f-0a9b0d1e2f3a",
        "iss": ISSUER,
        "aud": "orders",
        "sub": "f6c3a0b4-6d2e-4f0a-8a55-0f5b6f9d3c11",
        "typ": "ID",
        "azp": "orders",
        "nonce": "n-0S6_WzA2Mj",
        "sid": "e2b8a9a0-9d4f-4b58-9a86-1f1e9b6c7d88",
        "at_hash": "wfgvmE9VxjAudsl9lc6TqA",
        "acr": "1",
        "preferred_username": "jane",
    }))
    .await
    .header("typ", "JWT");
    for (id_token, expected) in [
        (id_token.clone().audience("shop-web").claim("azp", "shop-web"), "policy.audience"),
        (id_token.clone(), "policy.id_token"),
        (id_token.without("at_hash"), "policy.required"),
    ] {
        assert_eq!(refusal(&server().await, id_token).await, expected);
    }
}

#[tokio::test]
async fn a_refresh_token_of_keycloak_is_refused() {
    let refresh_token = token(json!({
        "exp": NOW + 1800, "iat": NOW,
        "jti": "8a6e4c2b-2f0a-4a9c-8c1e-6b5a4d3c2b1a",
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": "f6c3a0b4-6d2e-4f0a-8a55-0f5b6f9d3c11",
        "typ": "Refresh",
        "azp": "shop-web",
        "sid": "e2b8a9a0-9d4f-4b58-9a86-1f1e9b6c7d88",
        "scope": "openid email",
    }))
    .await
    .header("typ", "JWT");
    assert_eq!(refusal(&server().await, refresh_token.clone()).await, "policy.audience");
    let as_it_is_signed = refresh_token.header("alg", "HS512").header("kid", "hmac");
    assert_eq!(refusal(&server().await, as_it_is_signed).await, "key.unknown");
}

#[tokio::test]
async fn the_key_with_which_keycloak_encrypts_verifies_nothing() {
    let mut keys = issuer().await.jwks();
    let all = keys["keys"].as_array_mut().unwrap();
    let mut encrypts = all.iter().find(|key| key["alg"] == "RS256").unwrap().clone();
    for (member, value) in [("kid", "enc"), ("use", "enc"), ("alg", "RSA-OAEP")] {
        encrypts[member] = Value::from(value);
    }
    all.push(encrypts);
    let server = Documents::metadata(METADATA, ISSUER, KEYS)
        .await
        .with(KEYS, &keys)
        .server(Keycloak::server("https://id.acme.example").realm("shop").client_id("orders"))
        .await;
    accept(&server, &user().await).await;
    assert_eq!(refusal(&server, user().await.header("kid", "enc")).await, "key.unknown");
}
