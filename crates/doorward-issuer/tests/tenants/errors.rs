//! The shape of errors, as the document of v2 prints it.

use crate::wire::{form, issuer, members, send};

#[tokio::test]
async fn error_has_the_members_of_the_document_and_the_clients_own_correlation_id() {
    let issuer = issuer().await;
    let body = "grant_type=client_credentials&client_id=11112222-bbbb-3333-cccc-4444dddd5555\
        &client_secret=sampleCredentia1s&scope=https://foo.microsoft.com/mail.read";
    let id = "aaaa0000-bb11-2222-33cc-444444dddddd";
    let request =
        form(&issuer, "/contoso.com/oauth2/v2.0/token", body).header("client-request-id", id);
    let answer = send(request).await;
    let json = answer.json();
    let documented = [
        "correlation_id",
        "error",
        "error_codes",
        "error_description",
        "error_uri",
        "timestamp",
        "trace_id",
    ];
    assert_eq!(members(&json), documented);
    assert_eq!(json["error"], "invalid_scope");
    assert_eq!(json["error_codes"], serde_json::json!([1_002_012]));
    assert_eq!(json["correlation_id"], id);
    let description = answer.text("error_description");
    let lines: Vec<&str> = description.split("\r\n").collect();
    let [sentence, trace, correlation, timestamp] = lines[..] else { panic!("{description}") };
    assert!(sentence.starts_with("AADSTS1002012: "));
    assert_eq!(trace, format!("Trace ID: {}", json["trace_id"].as_str().unwrap()));
    assert_eq!(correlation, format!("Correlation ID: {id}"));
    assert_eq!(timestamp, format!("Timestamp: {}", json["timestamp"].as_str().unwrap()));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn other_methods_and_content_types_are_invalid_requests() {
    let issuer = issuer().await;
    let answer = crate::wire::get(&issuer, "/contoso.com/oauth2/v2.0/token").await;
    assert_eq!(answer.refusal(), (405, "invalid_request".to_owned(), "AADSTS900561".to_owned()));
    let url = format!("{}/contoso.com/oauth2/v2.0/token", issuer.url());
    let request = crate::wire::http().post(url).header("content-type", "text/plain");
    assert_eq!(send(request).await.refusal().2, "AADSTS9002313");
}

#[tokio::test]
async fn unknown_parameters_of_clients_are_ignored() {
    let issuer = issuer().await;
    let body = "grant_type=client_credentials&client_id=11112222-bbbb-3333-cccc-4444dddd5555\
        &client_secret=sampleCredentia1s&scope=api://orders/.default&client_info=1&x-client-SKU=msal.js.node\
        &claims=%7B%22access_token%22%3A%7B%7D%7D";
    let path = "/contoso.com/oauth2/v2.0/token?client-request-id=1";
    assert_eq!(crate::wire::post(&issuer, path, body).await.status, 200);
}

#[tokio::test]
async fn scope_of_no_api_is_refused_in_the_words_of_the_document() {
    let issuer = issuer().await;
    let query = "/common/oauth2/v2.0/authorize?client_id=00001111-aaaa-2222-bbbb-3333cccc4444\
        &response_type=code&redirect_uri=http://localhost/myapp/&scope=mail.read";
    let body = format!(
        "client_id=00001111-aaaa-2222-bbbb-3333cccc4444&client_secret=sampleCredentia1s\
         &grant_type=authorization_code&redirect_uri=http://localhost/myapp/&code={}\
         &scope=https%3A%2F%2Ffoo.microsoft.com%2Fmail.read",
        crate::wire::code(&issuer, query).await
    );
    let answer = crate::wire::post(&issuer, "/common/oauth2/v2.0/token", &body).await;
    assert_eq!((answer.status.as_u16(), answer.text("error")), (400, "invalid_scope".to_owned()));
    assert_eq!(
        answer.text("error_description").split("\r\n").next().unwrap(),
        "AADSTS70011: The provided value for the input parameter 'scope' is not valid. \
         The scope https://foo.microsoft.com/mail.read is not valid."
    );
}
