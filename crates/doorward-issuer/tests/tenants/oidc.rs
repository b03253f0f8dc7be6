//! A tenant of plain OpenID Connect.

use crate::wire::{code, header, issuer, post};

#[tokio::test]
async fn code_is_redeemed_for_an_access_token_of_rfc_9068() {
    let issuer = issuer().await;
    let query = "/plain/authorize?client_id=orders-web&response_type=code\
        &redirect_uri=http://localhost:3000/callback&scope=openid+offline_access+orders.read&nonce=n";
    let body = format!(
        "grant_type=authorization_code&client_id=orders-web&client_secret=orders-web-secret\
         &redirect_uri=http://localhost:3000/callback&code={}",
        code(&issuer, query).await
    );
    let answer = post(&issuer, "/plain/token", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(header(&answer.text("access_token"))["typ"], "at+jwt");
    let claims = answer.claims();
    assert_eq!(claims["iss"], format!("{}/plain", issuer.url()));
    assert_eq!(
        (&claims["aud"], &claims["client_id"]),
        (&"api://orders".into(), &"orders-web".into())
    );
    assert_eq!(claims["scope"], "orders.read");
    assert_eq!(answer.json()["expires_in"], 3600);
    assert_eq!(crate::wire::claims(&answer.text("id_token"))["nonce"], "n");

    let refresh = format!(
        "grant_type=refresh_token&client_id=orders-web&client_secret=orders-web-secret&refresh_token={}",
        answer.text("refresh_token")
    );
    assert_eq!(post(&issuer, "/plain/token", &refresh).await.claims()["scope"], "orders.read");
}

#[tokio::test]
async fn sign_in_alone_yields_an_access_token_for_the_application_itself() {
    let issuer = issuer().await;
    let query = "/plain/authorize?client_id=orders-web&response_type=code\
        &redirect_uri=http://localhost:3000/callback&scope=openid";
    let body = format!(
        "grant_type=authorization_code&client_id=orders-web&client_secret=orders-web-secret\
         &redirect_uri=http://localhost:3000/callback&code={}",
        code(&issuer, query).await
    );
    let answer = post(&issuer, "/plain/token", &body).await;
    let claims = answer.claims();
    assert_eq!((&claims["aud"], claims.get("scope")), (&"orders-web".into(), None));
    assert_eq!(answer.text("scope"), "openid profile");
}

#[tokio::test]
async fn error_is_that_of_rfc_6749_without_numbers() {
    let issuer = issuer().await;
    let answer = post(&issuer, "/plain/token", "grant_type=magic%22%0D%0A%C3%A9").await;
    assert_eq!(
        answer.json(),
        serde_json::json!({
            "error": "unsupported_grant_type",
            "error_description": "The supplied grant_type [magic'???] is not supported.",
        })
    );
    assert_eq!(answer.header("www-authenticate"), None);
}

#[tokio::test]
async fn client_that_fails_to_authenticate_is_challenged() {
    let issuer = issuer().await;
    let body =
        "grant_type=client_credentials&client_id=orders-web&client_secret=x&resource=api://orders";
    let answer = post(&issuer, "/plain/token", body).await;
    assert_eq!((answer.status.as_u16(), answer.text("error")), (401, "invalid_client".to_owned()));
    assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"doorward-issuer\""));
}
