use doorward::{Actor, Issuer, ResourceServer};
use serde_json::{Value, json};

use super::{NOW, assert_refused, scopes, server, token, verified};

const NAME: &str = "https://acme.okta.com/oauth2/aus1a2b3c";

async fn acme() -> ResourceServer {
    server(Issuer::okta("acme.okta.com", "aus1a2b3c", "api://orders"), NAME).await
}

fn user() -> Value {
    json!({
        "ver": 1, "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE", "iss": NAME,
        "aud": "api://orders", "iat": NOW, "exp": NOW + 3600, "cid": "nmdP1fcyvdVO11AL7ECm",
        "uid": "00ujmkLgagxeRrAg20g3", "scp": ["openid", "orders.read"],
        "sub": "john.doe@example.com", "auth_time": NOW,
    })
}

#[tokio::test]
async fn a_user_is_delegated_and_has_the_scopes_of_the_array() {
    // Okta sends no `typ`.
    let token = token(&user()).await.without_header("typ");
    let token = verified(&acme().await, token).await.unwrap();
    assert_eq!(token.client_id(), Some("nmdP1fcyvdVO11AL7ECm"));
    assert_eq!(scopes(&token), ["openid", "orders.read"]);
    assert_eq!(token.actor(), Actor::Delegated);
}

#[tokio::test]
async fn an_app_acts_for_itself_as_its_own_subject() {
    let app =
        token(&user()).await.without("uid").without("auth_time").subject("nmdP1fcyvdVO11AL7ECm");
    assert_eq!(verified(&acme().await, app).await.unwrap().actor(), Actor::AppOnly);
    let odd = token(&user()).await.without("uid");
    assert_eq!(verified(&acme().await, odd).await.unwrap().actor(), Actor::Unknown);
}

#[tokio::test]
async fn what_is_not_of_this_authorization_server_and_api_is_refused() {
    let breaks = [
        (json!({ "iss": "https://acme.okta.com" }), "policy.untrusted_issuer"),
        (json!({ "iss": "https://acme.okta.com/oauth2/default" }), "policy.untrusted_issuer"),
        (json!({ "iss": format!("{NAME}/") }), "policy.untrusted_issuer"),
        (json!({ "aud": "nmdP1fcyvdVO11AL7ECm", "at_hash": "x" }), "policy.audience"),
        (json!({ "at_hash": "x" }), "policy.id_token"),
        (json!({ "scp": { "orders.read": true } }), "claims.malformed"),
        (json!({ "scp": ["a", 1] }), "claims.malformed"),
    ];
    assert_refused(&acme().await, token(&user()).await, breaks).await;
    let scope = token(&user()).await.without("scp").scope("orders.read");
    let token = verified(&acme().await, scope).await.unwrap();
    assert!(token.scopes().is_empty(), "Okta has no `scope`");
}
