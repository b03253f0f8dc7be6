use doorward::{Actor, Issuer, ResourceServer};
use doorward_issuer::Mint;
use serde_json::json;

use super::{NOW, assert_refused, scopes, server, token, verified};

/// The example of RFC 9068 §3 names these.
const NAME: &str = "https://authorization-server.example.com/";
const API: &str = "https://rs.example.com/";

async fn strict() -> ResourceServer {
    server(Issuer::rfc9068(NAME, API), NAME).await
}

async fn user() -> Mint {
    let claims = json!({
        "iss": NAME, "sub": "5ba552d67", "aud": API, "exp": NOW + 3600, "iat": NOW,
        "jti": "dbe39bf3a3ba4238a513f51d6e1691c4", "client_id": "s6BhdRkqt3",
        "scope": "openid profile reademail", "auth_time": NOW - 10,
    });
    token(&claims).await.header("typ", "at+JWT")
}

#[tokio::test]
async fn the_token_of_the_example_is_accepted_and_delegated() {
    let token = verified(&strict().await, user().await).await.unwrap();
    assert_eq!(scopes(&token), ["openid", "profile", "reademail"]);
    assert_eq!(token.token_id(), Some("dbe39bf3a3ba4238a513f51d6e1691c4"));
    assert_eq!(token.actor(), Actor::Delegated);
}

#[tokio::test]
async fn an_app_that_is_its_own_subject_acts_for_itself() {
    let app = user().await.subject("s6BhdRkqt3");
    assert_eq!(verified(&strict().await, app).await.unwrap().actor(), Actor::AppOnly);
    let unsaid = user().await.without("auth_time");
    assert_eq!(verified(&strict().await, unsaid).await.unwrap().actor(), Actor::Unknown);
}

#[tokio::test]
async fn whatever_section_2_demands_must_be_there() {
    let breaks = [
        (json!({ "header typ": "JWT" }), "policy.token_type"),
        (json!({ "header typ": null }), "policy.token_type"),
        (json!({ "iss": null }), "policy.missing"),
        (json!({ "exp": null }), "policy.missing"),
        (json!({ "aud": null }), "policy.missing"),
        (json!({ "sub": null }), "policy.missing"),
        (json!({ "client_id": null }), "policy.required"),
        (json!({ "client_id": null, "azp": "s6BhdRkqt3" }), "policy.required"),
        (json!({ "iat": null }), "policy.required"),
        (json!({ "jti": null }), "policy.required"),
        (json!({ "jti": 5 }), "claims.malformed"),
        (json!({ "iss": "https://authorization-server.example.com" }), "policy.untrusted_issuer"),
        (json!({ "aud": "https://rs.example.com" }), "policy.audience"),
    ];
    assert_refused(&strict().await, user().await, breaks).await;
}
