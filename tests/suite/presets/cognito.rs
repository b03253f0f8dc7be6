use doorward::{ResourceServer, presets::Cognito, tokens::Actor};
use doorward_issuer::{Algorithm, Mint};
use serde_json::json;

use crate::{
    support::NOW,
    vendors::{Documents, Learned, accept, assert_refused, learned, refusal, token},
};

const ISSUER: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_aB3dE5f7G";
const WEB: &str = "63a3cr38i5iofnmtu8t0dh9bh4";
const SERVICE: &str = "7uh8lb2idnder3jkjte0kqub4g";

async fn server() -> ResourceServer {
    Documents::metadata(
        &format!("{ISSUER}/.well-known/openid-configuration"),
        ISSUER,
        &format!("{ISSUER}/.well-known/jwks.json"),
    )
    .await
    .server(Cognito::user_pool("eu-central-1_aB3dE5f7G").app_clients([WEB, SERVICE]))
    .await
}

async fn user() -> Mint {
    token(json!({
        "sub": "2e2a1907-86cc-4f7a-9a29-11732c9c3e2b",
        "cognito:groups": ["CreditAnalysts", "Clerks"],
        "iss": ISSUER,
        "version": 2,
        "client_id": WEB,
        "origin_jti": "d36f28d9-a4b2-4302-b9fa-a8081cbdf16a",
        "event_id": "02f03301-0998-4765-b0a6-8b050f475cc8",
        "token_use": "access",
        "scope": "openid email orders/read",
        "auth_time": NOW, "iat": NOW, "exp": NOW + 3600,
        "jti": "58f907f4-bd9c-4ba0-8691-e376c44857c0",
        "username": "jane",
    }))
    .await
}

#[tokio::test]
async fn a_group_of_cognito_is_a_role() {
    let token = accept(&server().await, &user().await).await;
    let expected = Learned {
        subject: "2e2a1907-86cc-4f7a-9a29-11732c9c3e2b",
        client_id: Some(WEB),
        scopes: vec!["openid", "email", "orders/read"],
        roles: vec!["CreditAnalysts", "Clerks"],
        actor: Actor::Delegated,
    };
    assert_eq!(learned(&token), expected);
}

#[tokio::test]
async fn an_app_of_cognito_acts_for_itself() {
    let app = token(json!({
        "sub": SERVICE,
        "token_use": "access",
        "scope": "orders/read orders/write",
        "auth_time": NOW, "iat": NOW, "exp": NOW + 3600,
        "iss": ISSUER,
        "version": 2,
        "jti": "7a3b1c9e-2f51-4c1e-8a5d-6f0e7b8c9d10",
        "client_id": SERVICE,
    }))
    .await;
    let token = accept(&server().await, &app).await;
    let expected = Learned {
        subject: SERVICE,
        client_id: Some(SERVICE),
        scopes: vec!["orders/read", "orders/write"],
        roles: vec![],
        actor: Actor::AppOnly,
    };
    assert_eq!(learned(&token), expected);
}

#[tokio::test]
async fn a_token_of_cognito_without_a_user_and_of_another_subject_does_not_say_who_acts() {
    let token = user().await.without("username");
    assert_eq!(accept(&server().await, &token).await.actor(), Actor::Unknown);
}

#[tokio::test]
async fn a_custom_claim_of_cognito_named_scp_grants_nothing() {
    let token = user().await.without("scope").claim("scp", "orders/write");
    assert!(accept(&server().await, &token).await.scopes().is_empty());
}

#[tokio::test]
async fn a_token_of_cognito_with_one_fault_is_refused() {
    assert_refused(
        &server().await,
        &user().await,
        &[
            (
                "issuer with a slash",
                |t| t.claim("iss", format!("{ISSUER}/")),
                "policy.untrusted_issuer",
            ),
            (
                "another pool",
                |t| t.claim("iss", ISSUER.replace("_aB3", "_aB4")),
                "policy.untrusted_issuer",
            ),
            ("another client", |t| t.client_id("1s3s6r0e517r5h7m00ab0t58ra"), "policy.audience"),
            (
                "another client, though the audience is one of ours",
                |t| t.client_id("1s3s6r0e517r5h7m00ab0t58ra").audience(WEB),
                "policy.audience",
            ),
            ("no client", |t| t.without("client_id"), "policy.required"),
            ("clients", |t| t.claim("client_id", json!([WEB])), "claims.malformed"),
            ("no subject", |t| t.without("sub"), "policy.missing"),
            ("no expiry", |t| t.without("exp"), "policy.missing"),
            ("ID token by its use", |t| t.claim("token_use", "id"), "policy.required"),
            ("no use", |t| t.without("token_use"), "policy.required"),
            ("groups as a number", |t| t.claim("cognito:groups", 5), "claims.malformed"),
            (
                "groups as an object",
                |t| t.claim("cognito:groups", json!({"Clerks": true})),
                "claims.malformed",
            ),
            ("scope as a number", |t| t.claim("scope", 5), "claims.malformed"),
            ("another algorithm", |t| t.algorithm(Algorithm::Es256), "key.unknown"),
            ("signed with a secret", |t| t.header("alg", "HS256"), "key.algorithm_mismatch"),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_id_token_of_cognito_names_its_client_elsewhere() {
    let id_token = token(json!({
        "sub": "2e2a1907-86cc-4f7a-9a29-11732c9c3e2b",
        "cognito:groups": ["Clerks"],
        "email_verified": true,
        "iss": ISSUER,
        "cognito:username": "jane",
        "origin_jti": "d36f28d9-a4b2-4302-b9fa-a8081cbdf16a",
        "aud": WEB,
        "event_id": "02f03301-0998-4765-b0a6-8b050f475cc8",
        "token_use": "id",
        "auth_time": NOW, "iat": NOW, "exp": NOW + 3600,
        "jti": "0b4d3e58-3c1f-4b4e-8f7f-0fd4a5c0e7f1",
        "email": "jane@acme.example",
    }))
    .await;
    assert_eq!(refusal(&server().await, id_token.clone()).await, "policy.required");
    let hosted = id_token.client_id(WEB).claim("at_hash", "UgU2L46RWptYhG-SpkWVaQ");
    assert_eq!(refusal(&server().await, hosted).await, "policy.id_token");
}
