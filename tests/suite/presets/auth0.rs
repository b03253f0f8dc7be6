use doorward::{Actor, Issuer, ResourceServer};
use serde_json::{Value, json};

use super::{NOW, assert_refused, scopes, server, token, verified};

const NAME: &str = "https://acme.eu.auth0.com/";
const API: &str = "https://api.acme.example";

async fn acme() -> ResourceServer {
    server(Issuer::auth0("acme.eu.auth0.com", API), NAME).await
}

fn user() -> Value {
    json!({
        "iss": NAME, "sub": "auth0|5f7c8ec7c33c6c004bbafe82",
        "aud": [API, "https://acme.eu.auth0.com/userinfo"],
        "iat": NOW, "exp": NOW + 86400, "azp": "my_client_id",
        "scope": "openid profile read:orders", "permissions": ["read:orders", "write:orders"],
    })
}

#[tokio::test]
async fn a_user_is_delegated_and_has_the_scopes_that_were_granted() {
    let token = verified(&acme().await, token(&user()).await).await.unwrap();
    assert_eq!(token.subject(), "auth0|5f7c8ec7c33c6c004bbafe82");
    assert_eq!(token.client_id(), Some("my_client_id"));
    assert_eq!(scopes(&token), ["openid", "profile", "read:orders"]);
    assert_eq!(token.actor(), Actor::Delegated);
}

#[tokio::test]
async fn a_machine_acts_for_itself_in_both_token_profiles() {
    let machine = json!({
        "iss": NAME, "sub": "m2m_client@clients", "aud": API, "iat": NOW, "exp": NOW + 86400,
        "azp": "m2m_client", "scope": "read:orders", "gty": "client-credentials",
    });
    let by_grant = verified(&acme().await, token(&machine).await).await.unwrap();
    assert_eq!(by_grant.actor(), Actor::AppOnly);
    let rfc9068 = token(&machine).await.without("gty").without("azp").header("typ", "at+jwt");
    let rfc9068 = rfc9068.claim("client_id", "m2m_client").claim("jti", "j");
    let by_subject = verified(&acme().await, rfc9068).await.unwrap();
    assert_eq!((by_subject.actor(), by_subject.client_id()), (Actor::AppOnly, Some("m2m_client")));
}

#[tokio::test]
async fn permissions_of_role_based_access_control_may_be_the_scopes() {
    let described = Issuer::auth0("acme.eu.auth0.com", API).scopes_from(["permissions"]);
    let server = server(described, NAME).await;
    let token = verified(&server, token(&user()).await).await.unwrap();
    assert_eq!(scopes(&token), ["read:orders", "write:orders"]);
}

#[tokio::test]
async fn what_is_not_of_this_tenant_and_api_is_refused() {
    let breaks = [
        (json!({ "iss": "https://acme.eu.auth0.com" }), "policy.untrusted_issuer"),
        (json!({ "iss": "https://other.eu.auth0.com/" }), "policy.untrusted_issuer"),
        (json!({ "aud": "https://acme.eu.auth0.com/userinfo" }), "policy.audience"),
        (json!({ "aud": "my_client_id" }), "policy.audience"),
        (json!({ "at_hash": "x", "nonce": "n" }), "policy.id_token"),
        (json!({ "scope": 5 }), "claims.malformed"),
        (json!({ "exp": NOW - 60 }), "policy.expired"),
    ];
    assert_refused(&acme().await, token(&user()).await, breaks).await;
}
