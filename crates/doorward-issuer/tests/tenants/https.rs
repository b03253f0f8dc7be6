//! https and http on one port.

use doorward_issuer::{Algorithm, DevIssuer, Directory};
use reqwest::Certificate;

async fn issuer() -> DevIssuer {
    DevIssuer::builder()
        .algorithms([Algorithm::Rs256])
        .directory(Directory::from_toml(Directory::DEMO).unwrap())
        .https()
        .start()
        .await
        .unwrap()
}

fn trusting(issuer: &DevIssuer) -> reqwest::ClientBuilder {
    let pem = Certificate::from_pem(issuer.ca_pem().unwrap().as_bytes()).unwrap();
    reqwest::Client::builder().no_proxy().tls_certs_only([pem])
}

#[tokio::test]
async fn metadata_over_https_names_endpoints_of_https() {
    let issuer = issuer().await;
    assert!(issuer.url().starts_with("https://127.0.0.1:"));
    let url = format!("{}/contoso.com/v2.0/.well-known/openid-configuration", issuer.url());
    let text =
        trusting(&issuer).build().unwrap().get(&url).send().await.unwrap().text().await.unwrap();
    let metadata: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        metadata["token_endpoint"],
        format!("{}/contoso.com/oauth2/v2.0/token", issuer.url())
    );
}

#[tokio::test]
async fn plain_http_still_works_and_serves_the_ca_certificate() {
    let issuer = issuer().await;
    let plain = issuer.url().replacen("https", "http", 1);
    let http = crate::wire::http();
    let pem = http.get(format!("{plain}/ca.pem")).send().await.unwrap().text().await.unwrap();
    assert_eq!(Some(pem.as_str()), issuer.ca_pem());
    let answer = http.get(format!("{plain}/common/.well-known/openid-configuration"));
    let metadata: serde_json::Value =
        serde_json::from_str(&answer.send().await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(metadata["jwks_uri"], format!("{plain}/common/discovery/keys"));
}

#[tokio::test]
async fn certificate_is_valid_for_the_host_names_of_the_directory_only() {
    let issuer = issuer().await;
    let address = issuer.url().strip_prefix("https://").unwrap().parse().unwrap();
    for (host, is_good) in
        [("login.partner.microsoftonline.cn", true), ("login.example.com", false)]
    {
        let client = trusting(&issuer).resolve(host, address).build().unwrap();
        let url = format!(
            "https://{host}:{}/common/v2.0/.well-known/openid-configuration",
            address.port()
        );
        let answer = client.get(&url).send().await;
        assert_eq!(answer.is_ok(), is_good, "{host}");
        if let Ok(answer) = answer {
            assert!(answer.text().await.unwrap().contains(&format!("https://{host}:")));
        }
    }
}

#[tokio::test]
async fn client_that_does_not_trust_the_certificate_is_not_served_and_others_are() {
    let issuer = issuer().await;
    let url = format!("{}/common/discovery/keys", issuer.url());
    assert!(crate::wire::http().get(&url).send().await.is_err());
    assert_eq!(trusting(&issuer).build().unwrap().get(&url).send().await.unwrap().status(), 200);
}
