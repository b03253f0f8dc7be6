use doorward::{ResourceServer, presets::Rfc9068, tokens::Actor};
use doorward_issuer::Mint;
use serde_json::json;

use crate::{
    support::NOW,
    vendors::{Documents, Learned, accept, assert_refused, learned, refusal, token},
};

async fn server() -> ResourceServer {
    Documents::metadata(
        "https://login.acme.example/.well-known/openid-configuration",
        "https://login.acme.example",
        "https://login.acme.example/jwks",
    )
    .await
    .server(Rfc9068::issuer("https://login.acme.example").audience("https://orders.acme.example"))
    .await
}

/// The claims of RFC 9068 §2.2: those that are required, and those of a user's sign-in.
async fn user() -> Mint {
    token(json!({
        "iss": "https://login.acme.example",
        "sub": "5ba552d67",
        "aud": "https://orders.acme.example",
        "exp": NOW + 3600, "iat": NOW,
        "jti": "dbe39bf3a3ba4238a513f51d6e1691c4",
        "client_id": "s6BhdRkqt3",
        "scope": "openid profile orders.read",
        "auth_time": NOW - 60,
        "acr": "loa2", "amr": ["pwd", "otp"],
        "roles": ["clerk"],
    }))
    .await
    .header("typ", "at+jwt")
}

#[tokio::test]
async fn a_user_of_rfc_9068_acts_through_an_app() {
    let token = accept(&server().await, &user().await).await;
    let expected = Learned {
        subject: "5ba552d67",
        client_id: Some("s6BhdRkqt3"),
        scopes: vec!["openid", "profile", "orders.read"],
        roles: vec!["clerk"],
        actor: Actor::Delegated,
    };
    assert_eq!(learned(&token), expected);
}

#[tokio::test]
async fn an_app_of_rfc_9068_is_its_own_subject() {
    let app = user().await.without("auth_time").subject("s6BhdRkqt3");
    assert_eq!(accept(&server().await, &app).await.actor(), Actor::AppOnly);
    let silent = user().await.without("auth_time");
    assert_eq!(accept(&server().await, &silent).await.actor(), Actor::Unknown);
}

#[tokio::test]
async fn at_jwt_may_be_written_as_a_media_type_and_in_any_case() {
    for typ in ["application/at+jwt", "AT+JWT"] {
        accept(&server().await, &user().await.header("typ", typ)).await;
    }
}

#[tokio::test]
async fn a_token_of_rfc_9068_with_one_fault_is_refused() {
    assert_refused(
        &server().await,
        &user().await,
        &[
            (
                "issuer with a slash",
                |t| t.claim("iss", "https://login.acme.example/"),
                "policy.untrusted_issuer",
            ),
            (
                "audience with a slash",
                |t| t.audience("https://orders.acme.example/"),
                "policy.audience",
            ),
            ("typ JWT", |t| t.header("typ", "JWT"), "policy.token_type"),
            ("no typ", |t| t.without_header("typ"), "policy.token_type"),
            ("typ of a logout token", |t| t.header("typ", "logout+jwt"), "policy.token_type"),
            ("no issuer", |t| t.without("iss"), "policy.missing"),
            ("no subject", |t| t.without("sub"), "policy.missing"),
            ("no audience", |t| t.without("aud"), "policy.missing"),
            ("no expiry", |t| t.without("exp"), "policy.missing"),
            ("no client", |t| t.without("client_id"), "policy.required"),
            (
                "a client by another name",
                |t| t.without("client_id").claim("azp", "s6BhdRkqt3"),
                "policy.required",
            ),
            ("no time of issue", |t| t.without("iat"), "policy.required"),
            ("no token ID", |t| t.without("jti"), "policy.required"),
            ("scope as a number", |t| t.claim("scope", 5), "claims.malformed"),
            ("roles as an object", |t| t.claim("roles", json!({"a": 1})), "claims.malformed"),
            ("signed with a secret", |t| t.header("alg", "HS256"), "key.algorithm_mismatch"),
            ("at_hash", |t| t.claim("at_hash", "x"), "policy.id_token"),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_id_token_beside_rfc_9068_is_refused_for_its_type() {
    let id_token = token(json!({
        "iss": "https://login.acme.example", "sub": "5ba552d67", "aud": "s6BhdRkqt3",
        "exp": NOW + 3600, "iat": NOW, "auth_time": NOW - 60, "nonce": "n-0S6_WzA2Mj",
        "at_hash": "77QmUPtjPfzWtF2AnpK9RQ",
    }))
    .await
    .header("typ", "JWT");
    assert_eq!(refusal(&server().await, id_token).await, "policy.token_type");
}

/// `scp` is not RFC 9068's, and nothing says what another issuer means by it.
#[tokio::test]
async fn scp_grants_nothing_after_rfc_9068() {
    let token = user().await.without("scope").claim("scp", json!(["orders.write"]));
    assert!(accept(&server().await, &token).await.scopes().is_empty());
}
