//! Metadata, key sets and instance discovery.

use doorward_issuer::{Algorithm, DevIssuer, Directory, Fault, Flaw, Target};
use serde_json::json;

use crate::wire::{CONTOSO, claims, get, header, issuer, issuer_of, members, post};

#[tokio::test]
async fn metadata_names_the_issuer_of_its_authority() {
    let issuer = issuer().await;
    let url = issuer.url();
    for (path, name) in [
        ("/contoso.com", format!("{url}/{CONTOSO}/")),
        ("/common", format!("{url}/{{tenantid}}/")),
        ("/contoso.com/v2.0", format!("{url}/{CONTOSO}/v2.0")),
        ("/organizations/v2.0", format!("{url}/{{tenantid}}/v2.0")),
        ("/consumers/v2.0", format!("{url}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0")),
        ("/plain", format!("{url}/plain")),
    ] {
        let answer = get(&issuer, &format!("{path}/.well-known/openid-configuration")).await;
        assert_eq!(answer.json()["issuer"], name, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
}

#[tokio::test]
async fn issuer_identifiers_are_those_of_microsoft_if_the_directory_sets_it() {
    let toml = Directory::DEMO.replace("issuer_names = \"own\"", "issuer_names = \"microsoft\"");
    let issuer = issuer_of(&toml).await;
    for (path, name) in [
        ("/contoso.com", format!("https://sts.windows.net/{CONTOSO}/")),
        ("/contoso.com/v2.0", format!("https://login.microsoftonline.com/{CONTOSO}/v2.0")),
        (
            "/contoso.partner.cn/v2.0",
            "https://login.partner.microsoftonline.cn/9a2d0c3e-6c1f-4b1e-8a53-7b1f0d0e5c21/v2.0"
                .to_owned(),
        ),
        (
            "/contoso.partner.cn",
            "https://sts.chinacloudapi.cn/9a2d0c3e-6c1f-4b1e-8a53-7b1f0d0e5c21/".to_owned(),
        ),
        (
            "/contoso.onmicrosoft.com/b2c_1_edit/v2.0",
            "https://contoso.b2clogin.com/c64a4f7d-3091-4c73-a722-a3f069400000/v2.0/".to_owned(),
        ),
        (
            "/contoso.partner.onmschina.cn/b2c_1_signupsignin1/v2.0",
            "https://contoso.b2clogin.cn/d75b5a8e-41a2-4d84-b833-b4a17a511111/v2.0/".to_owned(),
        ),
    ] {
        let answer = get(&issuer, &format!("{path}/.well-known/openid-configuration")).await;
        assert_eq!(answer.json()["issuer"], name, "{path}");
    }
    for (tenant, host) in [
        ("contoso.com", "login.microsoftonline.com"),
        ("common", "login.microsoftonline.com"),
        ("contoso.partner.cn", "login.partner.microsoftonline.cn"),
    ] {
        let keys = get(&issuer, &format!("/{tenant}/discovery/v2.0/keys")).await.json();
        let template = format!("https://{host}/{{tenantid}}/v2.0");
        assert_eq!(keys["keys"][0]["issuer"], template, "{tenant}");
    }
}

#[tokio::test]
async fn only_keys_of_v2_have_an_issuer() {
    let issuer = issuer().await;
    let key = async |path: &str| get(&issuer, path).await.json()["keys"][0].clone();
    let v1 = key("/common/discovery/keys").await;
    assert_eq!(members(&v1), ["e", "kid", "kty", "n", "use", "x5t"]);
    let v2 = key("/contoso.com/discovery/v2.0/keys").await;
    assert_eq!(v2["issuer"], format!("{}/{{tenantid}}/v2.0", issuer.url()));
    let consumers = key("/consumers/discovery/v2.0/keys").await;
    let name = format!("{}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", issuer.url());
    assert_eq!((&consumers["issuer"], &consumers["kid"]), (&json!(name), &v2["kid"]));
}

#[tokio::test]
async fn keys_of_tenants_rotate_with_those_of_the_issuer_and_sign_its_forged_tokens() {
    let issuer = issuer().await;
    let kid =
        async || get(&issuer, "/common/discovery/v2.0/keys").await.json()["keys"][0]["kid"].clone();
    let before = kid().await;
    assert_eq!(issuer.key_id_of(Algorithm::Rs256), before.as_str().map(str::to_owned));
    issuer.rotate_without_overlap().await.unwrap();
    assert_ne!(kid().await, before);
    let forged =
        issuer.mint().claim("iss", format!("{}/{CONTOSO}/v2.0", issuer.url())).sign().unwrap();
    assert_eq!(header(&forged)["kid"], kid().await);
}

#[tokio::test]
async fn instance_discovery_leads_to_the_metadata_of_the_tenant() {
    let issuer = issuer().await;
    let query = "/common/discovery/instance?api-version=1.1\
        &authorization_endpoint=https://localhost/contoso.com/oauth2/v2.0/authorize";
    let url = issuer.url();
    let host = url.strip_prefix("http://").unwrap();
    assert_eq!(
        get(&issuer, query).await.json(),
        json!({
            "tenant_discovery_endpoint": format!("{url}/contoso.com/v2.0/.well-known/openid-configuration"),
            "api-version": "1.1",
            "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
        })
    );
}

#[tokio::test]
async fn issuer_without_a_directory_has_no_tenants() {
    let issuer = DevIssuer::builder().algorithms([Algorithm::Es256]).start().await.unwrap();
    assert_eq!(get(&issuer, "/common/v2.0/.well-known/openid-configuration").await.status, 404);
    assert_eq!(post(&issuer, "/contoso.com/oauth2/token", "").await.status, 404);
    assert_eq!(issuer.authorities(), Vec::<String>::new());
}

#[tokio::test]
async fn unknown_tenant_and_unknown_path_have_different_errors() {
    let issuer = issuer().await;
    let answer = get(&issuer, "/nobody.com/v2.0/.well-known/openid-configuration").await;
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned(), "AADSTS90002".to_owned()));
    assert_eq!(get(&issuer, "/common/userrealm/frankm@contoso.com").await.status, 404);
}

#[tokio::test]
async fn documents_of_tenants_have_the_faults_of_the_issuer() {
    let issuer = issuer().await;
    issuer.fail(Target::KeySet, Fault::Status(503));
    assert_eq!(get(&issuer, "/common/discovery/keys").await.status, 503);
    assert_eq!(get(&issuer, "/common/.well-known/openid-configuration").await.status, 200);
    issuer.clear_fault(Target::Both);
    assert_eq!(get(&issuer, "/common/discovery/keys").await.status, 200);
    assert_eq!((issuer.jwks_requests(), issuer.metadata_requests()), (2, 1));
}

#[tokio::test]
async fn forged_token_of_a_tenant_is_wrong_in_one_way() {
    let issuer = issuer().await;
    let name = format!("{}/{CONTOSO}/v2.0", issuer.url());
    let mint = issuer.mint().claim("iss", name.clone()).claim("tid", CONTOSO);
    let fields = mint.forge(Flaw::Expired).unwrap();
    let claims = claims(fields[0].strip_prefix("Bearer ").unwrap());
    assert_eq!((&claims["iss"], &claims["tid"]), (&name.into(), &CONTOSO.into()));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert!(claims["exp"].as_u64().unwrap() < now.as_secs());
}
