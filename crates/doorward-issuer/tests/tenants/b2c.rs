//! "Request an access token in Azure Active Directory B2C", for the global cloud and for China: the
//! requests of the documents, word for word but for host, names and code.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward_issuer::{DevIssuer, Directory};
use serde_json::{Value, json};

use crate::wire::{get, issuer, members, parameter, post};

const GLOBAL: &str = "/contoso.onmicrosoft.com/B2C_1_signupsignin1/oauth2/v2.0";
const CHINA: &str = "/contoso.partner.onmschina.cn/B2C_1_signupsignin1/oauth2/v2.0";
const CLIENT: &str = "38307aee-303c-4fff-8087-d8d200000000";
const READ: &str = "https://contoso.onmicrosoft.com/api/read";

async fn code(issuer: &DevIssuer, base: &str, client: &str, scope: &str) -> String {
    let query = format!(
        "{base}/authorize?client_id={client}&nonce=anyRandomValue&redirect_uri=https://jwt.ms\
         &scope={scope}&response_type=code"
    );
    let answer = get(issuer, &query).await;
    assert!(answer.header("location").unwrap().starts_with("https://jwt.ms?code="), "{answer:?}");
    parameter(&answer.redirected('?'), "code").unwrap()
}

fn redeem(client: &str, scope: &str, code: &str) -> String {
    format!(
        "grant_type=authorization_code\n&client_id={client}\n&scope={scope}\n&code={code}\n\
         &redirect_uri=https://jwt.ms\n&client_secret=2hMG2-_:y12n10vwH"
    )
}

#[tokio::test]
async fn code_of_b2c_is_redeemed_as_in_the_documents() {
    let issuer = issuer().await;
    for (base, client, scope, api, tenant) in [
        (
            GLOBAL,
            CLIENT,
            READ,
            "f2a76e08-93f2-4350-833c-965c02483b11",
            "c64a4f7d-3091-4c73-a722-a3f069400000",
        ),
        (
            CHINA,
            "49418bff-414d-4000-9198-e9e311111111",
            "https://contoso.partner.onmschina.cn/api/read",
            "a3b87f19-a4f3-4461-944d-a76d13594c22",
            "d75b5a8e-41a2-4d84-b833-b4a17a511111",
        ),
    ] {
        let code = code(&issuer, base, client, scope).await;
        let answer = post(&issuer, &format!("{base}/token"), &redeem(client, scope, &code)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let body = answer.json();
        let documented = [
            "access_token",
            "expires_in",
            "expires_on",
            "not_before",
            "profile_info",
            "resource",
            "token_type",
        ];
        assert_eq!(members(&body), documented);
        assert_eq!((&body["expires_in"], &body["resource"]), (&3600.into(), &api.into()));
        assert_eq!(
            body["expires_on"].as_i64().unwrap() - body["not_before"].as_i64().unwrap(),
            3600
        );
        let profile = URL_SAFE_NO_PAD.decode(body["profile_info"].as_str().unwrap()).unwrap();
        let profile: Value = serde_json::from_slice(&profile).unwrap();
        assert_eq!((&profile["ver"], &profile["tid"]), (&"1.0".into(), &tenant.into()));

        let claims = answer.claims();
        let documented = [
            "aud", "azp", "exp", "iat", "iss", "name", "nbf", "nonce", "oid", "scp", "sub", "tfp",
            "ver",
        ];
        assert_eq!(members(&claims), documented);
        assert_eq!(claims["iss"], format!("{}/{tenant}/v2.0/", issuer.url()));
        assert_eq!((&claims["aud"], &claims["azp"]), (&api.into(), &client.into()));
        assert_eq!(
            (&claims["scp"], &claims["tfp"]),
            (&"read".into(), &"B2C_1_signupsignin1".into())
        );
        assert_eq!((&claims["nonce"], &claims["ver"]), (&"anyRandomValue".into(), &"1.0".into()));
        assert_eq!(claims["oid"], claims["sub"]);
    }
}

#[tokio::test]
async fn asking_for_more_than_is_granted_succeeds_with_what_is_granted() {
    let issuer = issuer().await;
    let scope =
        format!("{READ}%20https://contoso.onmicrosoft.com/api/write%20openid%20offline_access");
    let code = code(&issuer, GLOBAL, CLIENT, &scope).await;
    let answer = post(&issuer, &format!("{GLOBAL}/token"), &redeem(CLIENT, &scope, &code)).await;
    assert_eq!(answer.claims()["scp"], "read");
    assert_eq!(answer.json()["refresh_token_expires_in"], 14 * 24 * 3600);
    assert!(answer.json()["id_token"].is_string());
}

#[tokio::test]
async fn permission_is_granted_in_whatever_case_it_is_named() {
    let toml = Directory::DEMO.replace(
        "[\"https://contoso.onmicrosoft.com/api/read\"]",
        "[\"https://contoso.onmicrosoft.com/api/Read\"]",
    );
    let issuer = crate::wire::issuer_of(&toml).await;
    let code = code(&issuer, GLOBAL, CLIENT, READ).await;
    let answer = post(&issuer, &format!("{GLOBAL}/token"), &redeem(CLIENT, READ, &code)).await;
    assert_eq!(answer.claims()["scp"], "read");
}

#[tokio::test]
async fn asking_for_nothing_that_is_granted_fails() {
    let issuer = issuer().await;
    let query = format!(
        "{GLOBAL}/authorize?client_id={CLIENT}&redirect_uri=https://jwt.ms&response_type=code\
         &scope=https://contoso.onmicrosoft.com/api/write"
    );
    let parameters = get(&issuer, &query).await.redirected('?');
    assert_eq!(parameter(&parameters, "error").unwrap(), "access_denied");
    assert!(parameter(&parameters, "error_description").unwrap().starts_with("AADB2C90205: "));
}

#[tokio::test]
async fn client_id_as_scope_yields_a_token_for_the_application_itself() {
    let issuer = issuer().await;
    let scope = format!("openid%20{CLIENT}");
    let code = code(&issuer, GLOBAL, CLIENT, &scope).await;
    let answer = post(&issuer, &format!("{GLOBAL}/token"), &redeem(CLIENT, &scope, &code)).await;
    let claims = answer.claims();
    assert_eq!((&claims["aud"], claims.get("scp")), (&CLIENT.into(), None));
}

#[tokio::test]
async fn access_token_at_the_authorization_endpoint_needs_a_scope_of_an_api() {
    let issuer = issuer().await;
    let query = |scope: &str| {
        format!(
            "{GLOBAL}/authorize?client_id={CLIENT}&redirect_uri=https://jwt.ms&nonce=n\
             &response_type=id_token+token&scope={scope}"
        )
    };
    let refused = get(&issuer, &query("openid%20offline_access")).await.redirected('#');
    assert_eq!(parameter(&refused, "error").unwrap(), "invalid_scope");
    assert!(parameter(&refused, "error_description").unwrap().starts_with("AADB2C90117: "));
    let answer = get(&issuer, &query(&format!("openid%20{READ}"))).await.redirected('#');
    let token = parameter(&answer, "access_token").unwrap();
    assert_eq!(crate::wire::claims(&token)["scp"], "read");
    let id_token = crate::wire::claims(&parameter(&answer, "id_token").unwrap());
    assert_eq!(id_token["at_hash"].as_str().unwrap().len(), 22);
}

#[tokio::test]
async fn on_behalf_of_is_not_supported() {
    let issuer = issuer().await;
    let body = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&client_id={CLIENT}\
         &client_secret=2hMG2-_:y12n10vwH&assertion=x&requested_token_use=on_behalf_of&scope={READ}"
    );
    let answer = post(&issuer, &format!("{GLOBAL}/token"), &body).await;
    let refusal = (400, "unsupported_grant_type".to_owned(), "AADB2C90086".to_owned());
    assert_eq!(answer.refusal(), refusal);
    assert_eq!(members(&answer.json()), ["error", "error_description"]);
}

#[tokio::test]
async fn roles_of_an_application_are_in_scp() {
    let issuer = issuer().await;
    let body = format!(
        "grant_type=client_credentials&client_id={CLIENT}&client_secret=2hMG2-_:y12n10vwH\
         &scope=https://contoso.onmicrosoft.com/api/.default"
    );
    let claims = post(&issuer, &format!("{GLOBAL}/token"), &body).await.claims();
    assert_eq!((&claims["scp"], claims.get("roles")), (&"app.read".into(), None));
}

#[tokio::test]
async fn refresh_token_belongs_to_its_policy() {
    let issuer = issuer().await;
    let scope = format!("{READ}%20offline_access");
    let code = code(&issuer, GLOBAL, CLIENT, &scope).await;
    let first = post(&issuer, &format!("{GLOBAL}/token"), &redeem(CLIENT, &scope, &code)).await;
    let body = format!(
        "grant_type=refresh_token&client_id={CLIENT}&client_secret=2hMG2-_:y12n10vwH\
         &refresh_token={}",
        first.text("refresh_token")
    );
    assert_eq!(post(&issuer, &format!("{GLOBAL}/token"), &body).await.status, 200);
    let other = "/contoso.onmicrosoft.com/B2C_1_edit/oauth2/v2.0/token";
    let refusal = (400, "invalid_grant".to_owned(), "AADB2C90088".to_owned());
    assert_eq!(post(&issuer, other, &body).await.refusal(), refusal);
}

#[tokio::test]
async fn each_policy_has_metadata_and_keys_of_its_own_address() {
    let issuer = issuer().await;
    for path in [
        "/contoso.onmicrosoft.com/b2c_1_EDIT/v2.0/.well-known/openid-configuration",
        "/tfp/contoso.onmicrosoft.com/B2C_1_edit/v2.0/.well-known/openid-configuration",
        "/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration?p=B2C_1_edit",
    ] {
        let metadata = get(&issuer, path).await.json();
        let base = format!("{}/contoso.onmicrosoft.com/b2c_1_edit", issuer.url());
        assert_eq!(metadata["jwks_uri"], format!("{base}/discovery/v2.0/keys"));
        assert_eq!(metadata["token_endpoint"], format!("{base}/oauth2/v2.0/token"));
        let issuer_name = format!("{}/c64a4f7d-3091-4c73-a722-a3f069400000/v2.0/", issuer.url());
        assert_eq!(metadata["issuer"], json!(issuer_name));
    }
    let keys = get(&issuer, "/contoso.onmicrosoft.com/b2c_1_edit/discovery/v2.0/keys").await.json();
    assert_eq!(members(&keys["keys"][0]), ["e", "kid", "kty", "n", "use"]);
}
