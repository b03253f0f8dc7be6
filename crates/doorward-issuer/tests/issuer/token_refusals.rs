use doorward_issuer::{Client, DevIssuer};
use reqwest::Method;

use crate::wire::{Answer, http, issuer_with, quick_issuer, request_token, send, token_request};

const GRANT: &str = "grant_type=client_credentials";
const CHALLENGE: &str = "Basic realm=\"doorward-issuer\"";

fn assert_refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.refusal(), (status, error.to_owned()), "{}", answer.body);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    assert_eq!(answer.header("www-authenticate"), (status == 401).then_some(CHALLENGE));
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 2);
    // The characters that RFC 6749 §5.2 allows.
    let description = body["error_description"].as_str().unwrap();
    assert!(!description.is_empty());
    assert!(description.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\'));
}

async fn refused(issuer: &DevIssuer, form: &str, error: &str) {
    assert_refused(&request_token(issuer, form).await, 400, error);
}

#[tokio::test]
async fn grant_type_that_is_missing_is_an_invalid_request() {
    let issuer = quick_issuer().await;
    for form in ["", "scope=orders.read", "grant_type="] {
        refused(&issuer, form, "invalid_request").await;
    }
}

#[tokio::test]
async fn repeated_parameter_is_an_invalid_request() {
    let issuer = quick_issuer().await;
    for repeated in [
        "grant_type=client_credentials",
        "scope=orders.read&scope=orders.read",
        "audience=api://orders&audience=api://orders",
        "client_id=writer&%63lient_id=writer",
        "client_secret=writer-secret&client_secret=writer-secret",
    ] {
        refused(&issuer, &format!("{GRANT}&{repeated}"), "invalid_request").await;
    }
}

#[tokio::test]
async fn audience_together_with_resource_is_an_invalid_request() {
    let issuer = quick_issuer().await;
    let form = format!("{GRANT}&audience=api://orders&resource=api://orders");
    refused(&issuer, &form, "invalid_request").await;
}

#[tokio::test]
async fn other_content_type_is_an_invalid_request() {
    let issuer = quick_issuer().await;
    let plain = http().post(issuer.token_url()).basic_auth("reader", Some("reader-secret"));
    for content_type in [None, Some("application/json"), Some("text/plain"), Some("\u{e9}")] {
        let mut request = plain.try_clone().unwrap().body(GRANT);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        assert_refused(&send(request).await, 400, "invalid_request");
    }
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_an_invalid_request() {
    let issuer = quick_issuer().await;
    refused(&issuer, &format!("{GRANT}&scope=%FF"), "invalid_request").await;
    let request = token_request(&issuer, "").body(vec![0xff]).basic_auth("a", Some("b"));
    assert_refused(&send(request).await, 400, "invalid_request");
}

#[tokio::test]
async fn body_that_is_too_long_is_an_invalid_request() {
    let issuer = quick_issuer().await;
    let form = format!("{GRANT}&unknown={}", "x".repeat(64 * 1024));
    refused(&issuer, &form, "invalid_request").await;
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let issuer = quick_issuer().await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = http().request(method, issuer.token_url());
        let answer = send(request.basic_auth("reader", Some("reader-secret"))).await;
        assert_eq!(answer.status, 405);
        assert_eq!(answer.header("allow"), Some("POST"));
    }
}

#[tokio::test]
async fn secret_in_header_and_body_is_an_invalid_request() {
    let issuer = quick_issuer().await;
    refused(&issuer, &format!("{GRANT}&client_secret=writer-secret"), "invalid_request").await;
}

#[tokio::test]
async fn different_clients_in_header_and_body_are_an_invalid_request() {
    let issuer = quick_issuer().await;
    refused(&issuer, &format!("{GRANT}&client_id=reader"), "invalid_request").await;
}

#[tokio::test]
async fn several_authorization_headers_are_an_invalid_request() {
    let issuer = quick_issuer().await;
    let request = token_request(&issuer, GRANT)
        .basic_auth("reader", Some("reader-secret"))
        .header("authorization", "Basic cmVhZGVyOnJlYWRlci1zZWNyZXQ=");
    assert_refused(&send(request).await, 400, "invalid_request");
}

#[tokio::test]
async fn wrong_credentials_in_the_header_are_an_invalid_client() {
    let issuer = quick_issuer().await;
    for (client, secret) in [
        ("reader", "writer-secret"),
        ("reader", "reader-secre"),
        ("reader", "reader-secret2"),
        ("reader", ""),
        ("nobody", "reader-secret"),
        ("", ""),
    ] {
        let request = token_request(&issuer, GRANT).basic_auth(client, Some(secret));
        assert_refused(&send(request).await, 401, "invalid_client");
    }
}

#[tokio::test]
async fn malformed_credentials_in_the_header_are_an_invalid_client() {
    let issuer = quick_issuer().await;
    for value in [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic cmVhZGVy",
        "Basic cmVhZGVyOnJlYWRlci1zZWNyZXQ",
        "Basic cmVhZGVyOiVGRg==",
        "Bearer cmVhZGVyOnJlYWRlci1zZWNyZXQ=",
    ] {
        let request = token_request(&issuer, GRANT).header("authorization", value);
        assert_refused(&send(request).await, 401, "invalid_client");
    }
}

#[tokio::test]
async fn wrong_or_missing_credentials_in_the_body_are_an_invalid_client() {
    let issuer = quick_issuer().await;
    for credentials in [
        "",
        "&client_id=reader",
        "&client_secret=reader-secret",
        "&client_id=reader&client_secret=writer-secret",
        "&client_id=nobody&client_secret=reader-secret",
    ] {
        let request = token_request(&issuer, &format!("{GRANT}{credentials}"));
        assert_refused(&send(request).await, 401, "invalid_client");
    }
}

#[tokio::test]
async fn unknown_client_and_wrong_secret_are_the_same_error() {
    let issuer = quick_issuer().await;
    let answer = async |client: &str| {
        send(token_request(&issuer, GRANT).basic_auth(client, Some("wrong"))).await.body
    };
    assert_eq!(answer("reader").await, answer("nobody").await);
}

#[tokio::test]
async fn client_that_may_not_use_the_grant_type_is_unauthorized() {
    let client = Client::new("writer", "writer-secret").grant_types([]);
    refused(&issuer_with(client).await, GRANT, "unauthorized_client").await;
}

#[tokio::test]
async fn other_grant_types_are_unsupported() {
    let issuer = quick_issuer().await;
    for grant_type in ["password", "refresh_token", "CLIENT_CREDENTIALS"] {
        let form = format!("grant_type={grant_type}");
        refused(&issuer, &form, "unsupported_grant_type").await;
    }
}

#[tokio::test]
async fn scope_beyond_the_allowed_ones_is_invalid() {
    let issuer = quick_issuer().await;
    for scope in [
        "reports.read",
        "orders.read+reports.read",
        "Orders.Read",
        "orders.read++orders.write",
        "+",
    ] {
        refused(&issuer, &format!("{GRANT}&scope={scope}"), "invalid_scope").await;
    }
    let answer = request_token(&issuer, &format!("{GRANT}&scope=reports.read")).await;
    let description = "the client may ask for these scopes: orders.read orders.write";
    assert_eq!(answer.json()["error_description"], description);
}

#[tokio::test]
async fn any_scope_of_a_client_without_scopes_is_invalid() {
    let issuer = issuer_with(Client::new("writer", "writer-secret")).await;
    refused(&issuer, &format!("{GRANT}&scope=orders.read"), "invalid_scope").await;
}

#[tokio::test]
async fn audience_beyond_the_allowed_ones_is_an_invalid_target() {
    let client = Client::new("writer", "writer-secret").audiences(["api://\"ö\\\""]);
    for issuer in [quick_issuer().await, issuer_with(client).await] {
        for requested in ["audience=api://billing", "resource=api://billing", "resource=relative"] {
            refused(&issuer, &format!("{GRANT}&{requested}"), "invalid_target").await;
        }
    }
}

#[tokio::test]
async fn one_audience_too_many_is_an_invalid_target() {
    let issuer = quick_issuer().await;
    let form = format!("{GRANT}&resource=api://orders&resource=api://billing");
    refused(&issuer, &form, "invalid_target").await;
}
