//! Single-page applications: PKCE, the `Origin` field, and a day of refresh tokens.

use std::time::Duration;

use doorward_issuer::DevIssuer;

use crate::wire::{Answer, code, form, get, issuer, parameter, post, send};

const CLIENT: &str = "22223333-cccc-4444-dddd-5555eeee6666";
const ORIGIN: &str = "http://localhost:5173";
const TOKEN: &str = "/contoso.com/oauth2/v2.0/token";
const QUERY: &str = "/contoso.com/oauth2/v2.0/authorize?client_id=22223333-cccc-4444-dddd-5555eeee6666\
    &response_type=code&redirect_uri=http://localhost:5173/&scope=offline_access+api://orders/orders.read";
const PKCE: &str =
    "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

async fn redemption(issuer: &DevIssuer) -> String {
    let code = code(issuer, &format!("{QUERY}{PKCE}")).await;
    format!(
        "grant_type=authorization_code&client_id={CLIENT}&code={code}\
         &redirect_uri=http://localhost:5173/&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
}

async fn from_browser(issuer: &DevIssuer, body: &str) -> Answer {
    send(form(issuer, TOKEN, body).header("origin", ORIGIN)).await
}

#[tokio::test]
async fn script_redeems_its_code_and_may_read_the_answer() {
    let issuer = issuer().await;
    let answer = from_browser(&issuer, &redemption(&issuer).await).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(answer.claims()["azpacr"], "0");
}

#[tokio::test]
async fn code_challenge_is_required() {
    let issuer = issuer().await;
    let parameters = get(&issuer, QUERY).await.redirected('?');
    assert!(parameter(&parameters, "error_description").unwrap().starts_with("AADSTS9002325: "));
}

#[tokio::test]
async fn origin_is_required_of_scripts_and_refused_of_others() {
    let issuer = issuer().await;
    let answer = post(&issuer, TOKEN, &redemption(&issuer).await).await;
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned(), "AADSTS9002327".to_owned()));

    let secret = "grant_type=client_credentials&client_id=11112222-bbbb-3333-cccc-4444dddd5555\
        &client_secret=sampleCredentia1s&scope=api://orders/.default";
    let answer = from_browser(&issuer, secret).await;
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned(), "AADSTS90023".to_owned()));

    let native = "/contoso.com/oauth2/authorize?client_id=2d4d11a2-f814-46a7-890a-274a72a7309e\
        &response_type=code&redirect_uri=http://localhost/native";
    let body = format!(
        "grant_type=authorization_code&client_id=2d4d11a2-f814-46a7-890a-274a72a7309e&code={}\
         &redirect_uri=http://localhost/native&resource=https://service.contoso.com/",
        code(&issuer, native).await
    );
    let request = form(&issuer, "/contoso.com/oauth2/token", &body).header("origin", ORIGIN);
    let refusal = (400, "invalid_request".to_owned(), "AADSTS9002326".to_owned());
    assert_eq!(send(request).await.refusal(), refusal);
}

#[tokio::test]
async fn public_client_must_not_send_a_secret() {
    let issuer = issuer().await;
    let body = format!("{}&client_secret=x", redemption(&issuer).await);
    let refusal = (401, "invalid_client".to_owned(), "AADSTS700025".to_owned());
    assert_eq!(post(&issuer, TOKEN, &body).await.refusal(), refusal);
}

#[tokio::test]
async fn refresh_tokens_inherit_the_day_of_the_first() {
    let issuer = issuer().await;
    let first = from_browser(&issuer, &redemption(&issuer).await).await.text("refresh_token");
    let refresh =
        |token: &str| format!("grant_type=refresh_token&client_id={CLIENT}&refresh_token={token}");
    issuer.advance_clock(Duration::from_secs(23 * 3600));
    let second = from_browser(&issuer, &refresh(&first)).await.text("refresh_token");
    issuer.advance_clock(Duration::from_secs(3600));
    for token in [first, second] {
        let refusal = (400, "invalid_grant".to_owned(), "AADSTS700084".to_owned());
        assert_eq!(from_browser(&issuer, &refresh(&token)).await.refusal(), refusal);
    }
}

#[tokio::test]
async fn preflight_of_a_registered_origin_alone_is_allowed() {
    let issuer = issuer().await;
    // A redirect URI may have any port on this machine, and so may the script behind it.
    let other_port = "http://localhost:4200";
    for (origin, allowed) in [
        (ORIGIN, Some(ORIGIN)),
        (other_port, Some(other_port)),
        ("http://localhost:4200@evil.example", None),
        ("http://127.0.0.1:5173", None),
        ("https://localhost:5173", None),
        ("http://evil.example", None),
    ] {
        let url = format!("{}{TOKEN}", issuer.url());
        let request =
            crate::wire::http().request(reqwest::Method::OPTIONS, url).header("origin", origin);
        let answer = send(request.header("access-control-request-headers", "x-client-sku")).await;
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
        assert_eq!(answer.header("access-control-allow-headers"), allowed.map(|_| "x-client-sku"));
    }
}
