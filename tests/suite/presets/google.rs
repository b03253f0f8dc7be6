use doorward::{ResourceServer, presets::Google, tokens::Actor};
use doorward_issuer::{Algorithm, Mint};
use serde_json::json;

use crate::{
    support::NOW,
    vendors::{Documents, Learned, accept, assert_refused, learned, refusal, token},
};

const API: &str = "https://orders-ab12cd34ef-ew.a.run.app";

async fn server() -> ResourceServer {
    Documents::metadata(
        "https://accounts.google.com/.well-known/openid-configuration",
        "https://accounts.google.com",
        "https://www.googleapis.com/oauth2/v3/certs",
    )
    .await
    .server(Google::audience(API))
    .await
}

async fn service_account() -> Mint {
    token(json!({
        "aud": API,
        "azp": "113774264463038321964",
        "email": "billing@acme.iam.gserviceaccount.com",
        "email_verified": true,
        "exp": NOW + 3600, "iat": NOW,
        "iss": "https://accounts.google.com",
        "sub": "113774264463038321964",
    }))
    .await
    .header("typ", "JWT")
}

#[tokio::test]
async fn a_service_account_of_google_is_known_by_its_email() {
    let token = accept(&server().await, &service_account().await).await;
    let expected = Learned {
        subject: "113774264463038321964",
        client_id: Some("113774264463038321964"),
        scopes: vec![],
        roles: vec![],
        actor: Actor::Unknown,
    };
    assert_eq!(learned(&token), expected);
    assert_eq!(token.claim("email"), Some("billing@acme.iam.gserviceaccount.com"));
    assert_eq!(token.claim("email_verified"), Some(true));
}

#[tokio::test]
async fn google_has_two_names_and_no_third() {
    let server = server().await;
    let token = service_account().await;
    accept(&server, &token.clone().claim("iss", "accounts.google.com")).await;
    for other in ["https://accounts.google.com/", "http://accounts.google.com", "google.com"] {
        let token = token.clone().claim("iss", other);
        assert_eq!(refusal(&server, token).await, "policy.untrusted_issuer", "{other}");
    }
}

#[tokio::test]
async fn a_token_of_google_with_one_fault_is_refused() {
    assert_refused(
        &server().await,
        &service_account().await,
        &[
            (
                "audience with a slash",
                |t| t.audience("https://orders-ab12cd34ef-ew.a.run.app/"),
                "policy.audience",
            ),
            (
                "audience with a path",
                |t| t.audience("https://orders-ab12cd34ef-ew.a.run.app/push"),
                "policy.audience",
            ),
            ("no audience", |t| t.without("aud"), "policy.missing"),
            ("no subject", |t| t.without("sub"), "policy.missing"),
            ("no expiry", |t| t.without("exp"), "policy.missing"),
            ("a user's sign-in", |t| t.claim("at_hash", "x"), "policy.id_token"),
            ("another algorithm", |t| t.algorithm(Algorithm::Es256), "key.unknown"),
            ("signed with a secret", |t| t.header("alg", "HS256"), "key.algorithm_mismatch"),
        ],
    )
    .await;
}

/// Google writes `at_hash` only where an access token came along, so the audience must tell too.
#[tokio::test]
async fn the_id_token_of_a_user_of_google_is_for_a_client() {
    let id_token = token(json!({
        "iss": "https://accounts.google.com",
        "azp": "1234987819200.apps.googleusercontent.com",
        "aud": "1234987819200.apps.googleusercontent.com",
        "sub": "10769150350006150715113082367",
        "hd": "acme.example",
        "email": "jane@acme.example",
        "email_verified": true,
        "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
        "iat": NOW, "exp": NOW + 3600,
    }))
    .await
    .header("typ", "JWT");
    assert_eq!(refusal(&server().await, id_token.clone()).await, "policy.audience");
    let without_access_token = id_token.clone().without("at_hash");
    assert_eq!(refusal(&server().await, without_access_token).await, "policy.audience");
    assert_eq!(refusal(&server().await, id_token.audience(API)).await, "policy.id_token");
}
