//! "Service to Service Calls Using Client Credentials": the request of the document, word for word
//! but for the host.

use crate::wire::{CONTOSO, form, issuer, members, post, send};

const REQUEST: &str = "grant_type=client_credentials&client_id=625bc9f6-3bf6-4b6d-94ba-e97cf07a22de\
    &client_secret=qkDwDJlDfig2IpeuUZYKH1Wb8q1V0ju6sILxQQqhJ+s=\
    &resource=https%3A%2F%2Fservice.contoso.com%2F";

#[tokio::test]
async fn request_of_the_document_with_its_unencoded_secret_yields_a_token() {
    let issuer = issuer().await;
    let answer = post(&issuer, "/contoso.com/oauth2/token", REQUEST).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let json = answer.json();
    for documented in ["access_token", "expires_in", "expires_on", "resource", "token_type"] {
        assert!(json[documented].is_string(), "{documented}: {json}");
    }
    assert_eq!(json["expires_in"], "3599");
    assert_eq!(json["resource"], "https://service.contoso.com/");
    assert_eq!((json.get("refresh_token"), json.get("scope")), (None, None));
}

#[tokio::test]
async fn token_of_an_application_in_v1_has_the_claims_of_the_document() {
    let issuer = issuer().await;
    let claims = post(&issuer, "/contoso.com/oauth2/token", REQUEST).await.claims();
    let documented =
        ["appid", "appidacr", "aud", "exp", "iat", "idp", "iss", "nbf", "oid", "sub", "tid", "ver"];
    let mut expected = documented.to_vec();
    expected.insert(11, "uti");
    expected.sort_unstable();
    assert_eq!(members(&claims), expected);
    let iss = format!("{}/{CONTOSO}/", issuer.url());
    assert_eq!((&claims["iss"], &claims["idp"]), (&iss.clone().into(), &iss.into()));
    assert_eq!(claims["aud"], "https://service.contoso.com/");
    assert_eq!(claims["oid"], claims["sub"]);
    assert_eq!(claims["appid"], "625bc9f6-3bf6-4b6d-94ba-e97cf07a22de");
    assert_eq!(claims["appidacr"], "1");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3900);
}

#[tokio::test]
async fn encoded_secret_and_basic_credentials_do_as_well() {
    let issuer = issuer().await;
    let encoded = REQUEST.replace("+s=", "%2Bs%3D");
    assert_eq!(post(&issuer, "/contoso.com/oauth2/token", &encoded).await.status, 200);
    let (id, secret) =
        ("625bc9f6-3bf6-4b6d-94ba-e97cf07a22de", "qkDwDJlDfig2IpeuUZYKH1Wb8q1V0ju6sILxQQqhJ+s=");
    let rest = "grant_type=client_credentials&resource=https://service.contoso.com/";
    for secret in [secret.to_owned(), secret.replace('+', "%2B").replace('=', "%3D")] {
        let request = form(&issuer, "/contoso.com/oauth2/token", rest).basic_auth(id, Some(secret));
        assert_eq!(send(request).await.status, 200);
    }
}

#[tokio::test]
async fn tenant_has_its_id_and_its_domain_in_any_case_and_slashes_may_be_doubled() {
    let issuer = issuer().await;
    for path in [
        format!("/{CONTOSO}/oauth2/token"),
        format!("/{}/OAuth2/TOKEN", CONTOSO.to_uppercase()),
        "/Contoso.com//oauth2/token".to_owned(),
        "//contoso.com/oauth2//token".to_owned(),
    ] {
        assert_eq!(post(&issuer, &path, REQUEST).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn each_broken_request_has_its_error() {
    let issuer = issuer().await;
    for (from, to, status, error, number) in [
        ("+s=", "wrong", 401, "invalid_client", "AADSTS7000215"),
        ("&client_secret=", "&x=", 401, "invalid_client", "AADSTS7000218"),
        ("625bc9f6", "00000000", 400, "unauthorized_client", "AADSTS700016"),
        ("service.contoso.com", "nobody.com", 400, "invalid_resource", "AADSTS500011"),
        ("&resource=", "&x=", 400, "invalid_request", "AADSTS900144"),
        ("client_credentials", "password", 400, "unsupported_grant_type", "AADSTS70003"),
        ("grant_type=", "x=", 400, "invalid_request", "AADSTS900144"),
    ] {
        let body = REQUEST.replacen(from, to, 1);
        let answer = post(&issuer, "/contoso.com/oauth2/token", &body).await;
        let refusal = (status, error.to_owned(), number.to_owned());
        assert_eq!(answer.refusal(), refusal, "{from} -> {to}");
    }
}

#[tokio::test]
async fn tenant_must_be_named_and_known() {
    let issuer = issuer().await;
    for (path, number) in [
        ("/common/oauth2/token", "AADSTS50059"),
        ("/nobody.com/oauth2/token", "AADSTS90002"),
        ("/fabrikam.com/oauth2/token", "AADSTS700016"),
    ] {
        assert_eq!(post(&issuer, path, REQUEST).await.refusal().2, number, "{path}");
    }
}
