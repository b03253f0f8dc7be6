//! "Refresh Tokens for Multiple Resources": the requests of the document, word for word but for host
//! and tokens.

use doorward_issuer::DevIssuer;

use crate::wire::{CONTOSO, claims, code, form, header, http, issuer, members, post, send};

const CLIENT: &str = "2d4d11a2-f814-46a7-890a-274a72a7309e";

/// v1 ignores `scope`.
async fn first(issuer: &DevIssuer) -> crate::wire::Answer {
    let query = format!(
        "/common/oauth2/authorize?response_type=code&client_id={CLIENT}\
         &redirect_uri=http%3A%2F%2Flocalhost%2Fnative&resource=https%3A%2F%2Fservice.contoso.com%2F\
         &login_hint=frankm@contoso.com&scope=no/heed"
    );
    let code = code(issuer, &query).await;
    let body = format!(
        "grant_type=authorization_code&client_id={CLIENT}&code={code}\
         &redirect_uri=http%3A%2F%2Flocalhost%2Fnative"
    );
    let answer = post(issuer, "/common/oauth2/token", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

/// The request of the document; the line break before `&resource` is the document's.
fn refresh(token: &str, resource: &str) -> String {
    format!("grant_type=refresh_token&refresh_token={token}\n&resource={resource}")
}

#[tokio::test]
async fn one_refresh_token_yields_tokens_for_other_resources() {
    let issuer = issuer().await;
    let first = first(&issuer).await;
    assert_eq!(first.claims()["aud"], "https://service.contoso.com/");
    let token = first.text("refresh_token");
    let body = refresh(&token, "https%3A%2F%2Fservice.fabrikam.com%2F");
    let answer = post(&issuer, "/common/oauth2/token", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.claims()["aud"], "https://service.fabrikam.com/");
    let json = answer.json();
    assert_eq!(json["resource"], "https://service.fabrikam.com/");
    assert_eq!(json["scope"], "user_impersonation");
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["expires_in"], "3599");
    assert_eq!(json["expires_on"], answer.claims()["exp"].to_string());
}

#[tokio::test]
async fn answer_of_v1_has_the_members_of_the_document() {
    let issuer = issuer().await;
    let json = first(&issuer).await.json();
    for documented in [
        "access_token",
        "expires_in",
        "expires_on",
        "refresh_token",
        "resource",
        "scope",
        "token_type",
    ] {
        assert!(json[documented].is_string(), "{documented}: {json}");
    }
}

#[tokio::test]
async fn token_of_a_user_in_v1_has_the_claims_of_the_document() {
    let issuer = issuer().await;
    let token = first(&issuer).await.text("access_token");
    let claims = claims(&token);
    assert_eq!(claims["iss"], format!("{}/{CONTOSO}/", issuer.url()));
    assert_eq!(claims["tid"], CONTOSO);
    assert_eq!(claims["oid"], "68389ae2-62fa-4b18-91fe-53dd109d74f5");
    assert_eq!(claims["upn"], "frankm@contoso.com");
    assert_eq!(claims["unique_name"], "frankm@contoso.com");
    assert_eq!(
        (&claims["family_name"], &claims["given_name"]),
        (&"Miller".into(), &"Frank".into())
    );
    assert_eq!((&claims["appid"], &claims["appidacr"]), (&CLIENT.into(), &"0".into()));
    assert_eq!((&claims["scp"], &claims["acr"]), (&"user_impersonation".into(), &"1".into()));
    assert_eq!(claims["ver"], "1.0");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3900);
    assert_eq!(claims["iat"], claims["nbf"]);
    assert_eq!(members(&header(&token)), ["alg", "kid", "typ", "x5t"]);
}

#[tokio::test]
async fn each_use_yields_another_refresh_token_and_the_old_one_stays_valid() {
    let issuer = issuer().await;
    let old = first(&issuer).await.text("refresh_token");
    let body = refresh(&old, "https%3A%2F%2Fservice.fabrikam.com%2F");
    let new = post(&issuer, "/common/oauth2/token", &body).await.text("refresh_token");
    assert_ne!(new, old);
    for token in [old, new] {
        let body = refresh(&token, "https%3A%2F%2Fservice.contoso.com%2F");
        assert_eq!(post(&issuer, "/common/oauth2/token", &body).await.status, 200);
    }
}

#[tokio::test]
async fn unknown_resource_is_invalid() {
    let issuer = issuer().await;
    let token = first(&issuer).await.text("refresh_token");
    for (resource, number) in [
        ("https%3A%2F%2Fservice.nobody.com%2F", "AADSTS500011"),
        ("https%3A%2F%2Fgraph.microsoft.com", "AADSTS650057"),
    ] {
        let answer = post(&issuer, "/common/oauth2/token", &refresh(&token, resource)).await;
        let refusal = (400, "invalid_resource".to_owned(), number.to_owned());
        assert_eq!(answer.refusal(), refusal);
    }
}

#[tokio::test]
async fn refresh_token_of_v1_is_valid_in_v2_for_the_same_resource_and_for_others() {
    let issuer = issuer().await;
    let token = first(&issuer).await.text("refresh_token");
    for (scope, audience, full) in [
        ("", "https://service.contoso.com/", "https://service.contoso.com//user_impersonation"),
        (
            "&scope=https://service.fabrikam.com/.default",
            "https://service.fabrikam.com",
            "https://service.fabrikam.com/user_impersonation",
        ),
    ] {
        let body = format!("grant_type=refresh_token&refresh_token={token}{scope}");
        let answer = post(&issuer, "/common/oauth2/v2.0/token", &body).await;
        assert_eq!(answer.claims()["aud"], audience);
        assert_eq!(answer.text("scope").split(' ').next(), Some(full));
    }
}

#[tokio::test]
async fn refresh_token_of_another_client_is_an_invalid_grant() {
    let issuer = issuer().await;
    let token = first(&issuer).await.text("refresh_token");
    let other = "client_id=11112222-bbbb-3333-cccc-4444dddd5555&client_secret=sampleCredentia1s&";
    let body = format!("{other}{}", refresh(&token, "https%3A%2F%2Fservice.contoso.com%2F"));
    let answer = post(&issuer, "/common/oauth2/token", &body).await;
    let refusal = (400, "invalid_grant".to_owned(), "AADSTS70000".to_owned());
    assert_eq!(answer.refusal(), refusal);
}

#[tokio::test]
async fn unused_refresh_token_expires_after_90_days() {
    let issuer = issuer().await;
    let token = first(&issuer).await.text("refresh_token");
    issuer.advance_clock(std::time::Duration::from_secs(90 * 24 * 3600));
    let body = refresh(&token, "https%3A%2F%2Fservice.contoso.com%2F");
    let refusal = (400, "invalid_grant".to_owned(), "AADSTS700082".to_owned());
    assert_eq!(post(&issuer, "/common/oauth2/token", &body).await.refusal(), refusal);
}

#[tokio::test]
async fn request_to_a_host_of_microsoft_is_answered_where_the_client_maps_its_name() {
    let issuer = issuer().await;
    let token = first(&issuer).await.text("refresh_token");
    let body = refresh(&token, "https%3A%2F%2Fservice.fabrikam.com%2F");
    let request = form(&issuer, "/common/oauth2/token", &body).header("host", "login.windows.net");
    assert_eq!(send(request).await.status, 200);
    let metadata = format!("{}/common/.well-known/openid-configuration", issuer.url());
    let answer = send(http().get(metadata).header("host", "login.windows.net")).await;
    assert_eq!(answer.json()["token_endpoint"], "http://login.windows.net/common/oauth2/token");
}
