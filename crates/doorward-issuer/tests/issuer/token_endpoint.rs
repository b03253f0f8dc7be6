use doorward_issuer::{Algorithm, Client, DevIssuer};
use serde_json::json;

use crate::{
    published_key::verifies,
    wire::{Answer, header, issuer_with, quick_issuer, request_token, send, token_request},
};

const GRANT: &str = "grant_type=client_credentials";

fn two_audiences() -> Client {
    Client::new("writer", "writer-secret").audiences(["api://orders", "api://billing"])
}

async fn ask_as(issuer: &DevIssuer, client: &str) -> Answer {
    let form = format!("{GRANT}&client_id={client}&client_secret={client}-secret");
    send(token_request(issuer, &form)).await
}

#[tokio::test]
async fn client_gets_a_token_that_verifies_and_has_its_id() {
    let issuer = quick_issuer().await;
    let answer = request_token(&issuer, &format!("{GRANT}&scope=orders.read")).await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    let token = body["access_token"].as_str().unwrap();
    assert!(verifies(token, &issuer.jwks()));
    assert_eq!(header(token)["typ"], "at+jwt");
    let claims = answer.claims();
    assert_eq!(claims["iss"], issuer.url());
    assert_eq!(claims["sub"], "writer");
    assert_eq!(claims["client_id"], "writer");
    assert_eq!(claims["aud"], "api://orders");
    assert_eq!(claims["scope"], "orders.read");
    assert_eq!(claims.get("roles"), None);
}

#[tokio::test]
async fn answer_with_a_token_has_the_members_of_rfc_6749_and_is_not_stored() {
    let issuer = quick_issuer().await;
    let answer = request_token(&issuer, GRANT).await;
    let body = answer.json();
    let rest = json!({
        "access_token": body["access_token"],
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "orders.read orders.write",
    });
    assert_eq!(body, rest);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
}

#[tokio::test]
async fn each_demo_client_gets_its_scopes_and_roles() {
    let issuer = quick_issuer().await;
    for (client, scope, roles) in [
        ("reader", "orders.read", None),
        ("writer", "orders.read orders.write", None),
        ("admin", "orders.read orders.write", Some(json!(["Orders.Admin"]))),
        ("reports", "reports.read", None),
    ] {
        let claims = ask_as(&issuer, client).await.claims();
        assert_eq!(claims["sub"], client);
        assert_eq!(claims["aud"], "api://orders");
        assert_eq!(claims["scope"], scope);
        assert_eq!(claims.get("roles"), roles.as_ref());
    }
}

#[tokio::test]
async fn credentials_in_the_header_are_form_encoded() {
    let issuer = issuer_with(Client::new("a:b c", "p%+ä&=:")).await;
    let request =
        token_request(&issuer, GRANT).basic_auth("a%3Ab+c", Some("p%25%2B%C3%A4%26%3D%3A"));
    assert_eq!(send(request).await.claims()["sub"], "a:b c");
}

#[tokio::test]
async fn scheme_name_is_read_in_any_case() {
    let issuer = quick_issuer().await;
    // `reader:reader-secret`
    let request =
        token_request(&issuer, GRANT).header("authorization", "bAsIc cmVhZGVyOnJlYWRlci1zZWNyZXQ=");
    assert_eq!(send(request).await.claims()["sub"], "reader");
}

#[tokio::test]
async fn body_may_repeat_the_client_of_the_header() {
    let issuer = quick_issuer().await;
    assert_eq!(request_token(&issuer, &format!("{GRANT}&client_id=writer")).await.status, 200);
}

#[tokio::test]
async fn scopes_are_granted_once_in_the_order_of_the_request() {
    let issuer = quick_issuer().await;
    let form = format!("{GRANT}&scope=orders.write+orders.read%20orders.write");
    let answer = request_token(&issuer, &form).await;
    assert_eq!(answer.json()["scope"], "orders.write orders.read");
    assert_eq!(answer.claims()["scope"], "orders.write orders.read");
}

#[tokio::test]
async fn client_without_scopes_gets_a_token_without_scope() {
    let issuer = issuer_with(Client::new("writer", "writer-secret").roles(["Task.Run"])).await;
    let answer = request_token(&issuer, GRANT).await;
    assert_eq!(answer.json().get("scope"), None);
    assert_eq!(answer.claims().get("scope"), None);
    assert_eq!(answer.claims()["roles"], json!(["Task.Run"]));
}

#[tokio::test]
async fn first_audience_is_the_default_and_others_can_be_requested() {
    let issuer = issuer_with(two_audiences()).await;
    for (requested, granted) in [
        ("", json!("api://orders")),
        ("&audience=api%3A%2F%2Fbilling", json!("api://billing")),
        ("&resource=api://billing", json!("api://billing")),
        ("&resource=api://billing&resource=api://orders", json!(["api://billing", "api://orders"])),
    ] {
        assert_eq!(
            request_token(&issuer, &format!("{GRANT}{requested}")).await.claims()["aud"],
            granted
        );
    }
}

#[tokio::test]
async fn unknown_and_empty_parameters_are_ignored() {
    let issuer = quick_issuer().await;
    let form = format!("{GRANT}&scope=&audience=&resource=&unknown=1&unknown=2&%ff=3&&scope");
    assert_eq!(request_token(&issuer, &form).await.claims()["scope"], "orders.read orders.write");
}

#[tokio::test]
async fn content_type_may_have_parameters_and_any_case() {
    let issuer = quick_issuer().await;
    let request = reqwest::Client::builder().no_proxy().build().unwrap().post(issuer.token_url());
    let request = request
        .header("content-type", "Application/X-WWW-Form-Urlencoded; charset=UTF-8")
        .basic_auth("reader", Some("reader-secret"))
        .body(GRANT);
    assert_eq!(send(request).await.status, 200);
}

#[tokio::test]
async fn token_of_a_client_is_signed_with_its_algorithm() {
    let issuer = DevIssuer::builder()
        .algorithms([Algorithm::Es256, Algorithm::EdDsa])
        .client(Client::new("writer", "writer-secret").algorithm(Algorithm::EdDsa))
        .start()
        .await
        .unwrap();
    let answer = request_token(&issuer, GRANT).await.json();
    assert_eq!(header(answer["access_token"].as_str().unwrap())["alg"], "EdDSA");
}
