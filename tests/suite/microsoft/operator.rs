//! What the operator reads when a token of Microsoft's is refused. The client reads none of it.

use doorward::{
    Issuer, ResourceServer,
    adapter::Access,
    presets::{B2c, Entra},
    rules::authenticated,
};
use serde_json::{Value, json};

use super::{
    API, Documents, NOW, OTHER_TENANT, TENANT, entra_metadata, key, refusal, sign, trusting,
    v1_name, v2_claims, v2_name, v2_token, with,
};
use crate::adapters::{Asked, ask_all};

async fn keys() -> Value {
    json!([key(json!({ "kid": "k1" })).await])
}

async fn server(issuer: impl Into<Issuer>, metadata: &str) -> ResourceServer {
    let documents = Documents::of(metadata, &v2_name(TENANT), keys().await);
    trusting(issuer, documents, NOW).build().await.unwrap()
}

async fn entra() -> ResourceServer {
    server(Entra::tenant(TENANT).client_id(API), &entra_metadata(TENANT)).await
}

/// The code, and a piece of the reason; the client is told one sentence whatever it is.
async fn assert_told(server: &ResourceServer, token: &str, code: &str, reason: &str) {
    let error = refusal(server, token).await;
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(reason), "{error}");
    let answer = ask_all(server, &Access::Require(authenticated()), &Asked::bearing(token)).await;
    assert_eq!((answer.status, answer.body.as_str()), (401, ""));
    let told = answer.challenge.unwrap();
    assert_eq!(
        told,
        r#"Bearer realm="api", error="invalid_token", error_description="The access token is invalid""#
    );
}

#[tokio::test]
async fn another_tenant_is_named() {
    let token = v2_token(&v2_claims(OTHER_TENANT)).await;
    let reason = format!("{} \"is another tenant", v2_name(OTHER_TENANT)).replace(" \"", "\" ");
    assert_told(&entra().await, &token, "policy.other_tenant", &reason).await;
}

#[tokio::test]
async fn a_token_of_the_other_version_is_told_with_the_setting_that_decides_it() {
    let server = server(Issuer::discover(v2_name(TENANT), API), &entra_metadata(TENANT)).await;
    let v1 = with(v2_claims(TENANT), json!({ "iss": v1_name(TENANT) }));
    let reason = "is that of a v1 token";
    assert_told(&server, &v2_token(&v1).await, "policy.token_version", reason).await;
    let error = refusal(&server, &v2_token(&v1).await).await.to_string();
    assert!(error.contains("api.requestedAccessTokenVersion"), "{error}");
}

#[tokio::test]
async fn a_token_for_microsoft_graph_is_told_by_its_nonce() {
    let header = json!({ "typ": "JWT", "nonce": "n", "alg": "RS256", "kid": "k1" });
    let graph = with(v2_claims(TENANT), json!({ "aud": "00000003-0000-0000-c000-000000000000" }));
    // It is signed over a header with the hash of the nonce, so nobody else can verify it.
    let token = sign(&with(header.clone(), json!({ "nonce": "hash" })), &graph).await;
    let (_, signed) = token.split_once('.').unwrap();
    let sent = format!("{}.{signed}", base64url(&header.to_string()));
    let reason = "a token for Microsoft Graph";
    assert_told(&entra().await, &sent, "signature.microsoft_resource", reason).await;
}

fn base64url(text: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(text)
}

#[tokio::test]
async fn an_id_token_is_named_as_one() {
    let id_token = with(v2_claims(TENANT), json!({ "azp": null }));
    let reason = "the client must send the access token";
    assert_told(&entra().await, &v2_token(&id_token).await, "policy.id_token", reason).await;
}

#[tokio::test]
async fn the_audience_of_a_token_for_another_api_is_named() {
    let elsewhere = with(v2_claims(TENANT), json!({ "aud": "api://elsewhere" }));
    let reason = "its audience is \"api://elsewhere\"";
    assert_told(&entra().await, &v2_token(&elsewhere).await, "policy.audience", reason).await;
}

#[tokio::test]
async fn a_b2c_policy_that_is_not_allowed_is_named() {
    let name = format!("https://contoso.b2clogin.com/{TENANT}/v2.0/");
    let metadata = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_a/v2.0/.well-known/openid-configuration";
    let documents = Documents::of(metadata, &name, keys().await);
    let issuer = B2c::tenant("contoso", TENANT).client_id(API).policies(["B2C_1_a"]);
    let server = trusting(issuer, documents, NOW).build().await.unwrap();
    let token = with(v2_claims(TENANT), json!({ "iss": name, "tfp": "B2C_1_\nb" }));
    let reason = r#"the B2C policy "B2C_1_\nb""#;
    assert_told(&server, &v2_token(&token).await, "policy.user_flow", reason).await;
}

#[tokio::test]
async fn names_of_microsoft_are_explained_only_where_a_tenant_is_trusted() {
    let issuer = Issuer::jwks("https://a.example", API, "https://keys.example/");
    let server = server(issuer, "https://unused.example/").await;
    let token = v2_token(&v2_claims(TENANT)).await;
    assert_told(&server, &token, "policy.untrusted_issuer", "is not trusted").await;
}
