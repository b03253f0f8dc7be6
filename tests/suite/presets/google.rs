use doorward::{Issuer, ResourceServer};
use serde_json::{Value, json};

use super::{NOW, assert_refused, server, token, verified};

const NAME: &str = "https://accounts.google.com";
const SERVICE: &str = "https://orders-abc123.a.run.app";

async fn google() -> ResourceServer {
    server(Issuer::google(SERVICE), NAME).await
}

fn service_account() -> Value {
    json!({
        "iss": NAME, "aud": SERVICE, "azp": "113774264463038321964",
        "sub": "113774264463038321964", "email": "caller@acme.iam.gserviceaccount.com",
        "email_verified": true, "iat": NOW, "exp": NOW + 3600,
    })
}

#[tokio::test]
async fn a_service_account_is_known_under_both_names_of_the_issuer() {
    let server = google().await;
    for name in [NAME, "accounts.google.com"] {
        let token = token(&service_account()).await.claim("iss", name);
        let token = verified(&server, token).await.unwrap();
        assert_eq!(token.subject(), "113774264463038321964");
        assert_eq!(token.claim::<bool>("email_verified"), Some(true));
        assert!(token.scopes().is_empty());
    }
}

#[tokio::test]
async fn what_is_for_another_service_or_of_a_user_who_signed_in_is_refused() {
    let breaks = [
        (json!({ "aud": "https://other-abc123.a.run.app" }), "policy.audience"),
        (json!({ "iss": "https://accounts.google.com/" }), "policy.untrusted_issuer"),
        (json!({ "iss": "http://accounts.google.com" }), "policy.untrusted_issuer"),
        (json!({ "at_hash": "x", "hd": "example.com" }), "policy.id_token"),
    ];
    assert_refused(&google().await, token(&service_account()).await, breaks).await;
}
