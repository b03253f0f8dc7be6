//! One tenant of Entra ID, whose metadata is that of a local issuer.

use doorward::{ConfigError, ResourceServer, presets::Entra};
use doorward_issuer::{Algorithm, DevIssuer, Mint};

use crate::support::{chain, code};

const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";
const CLIENT_ID: &str = "f2a76e08-93f2-4350-833c-965c02483b11";
const V1: &str = "https://sts.windows.net/7fe81447-da57-4385-becb-6de57f21477e/";
const V2: &str = "https://login.microsoftonline.com/7fe81447-da57-4385-becb-6de57f21477e/v2.0";

async fn tenant(name: &str) -> (DevIssuer, Result<ResourceServer, ConfigError>) {
    let local = DevIssuer::builder()
        .issuer(name)
        .algorithms([Algorithm::Rs256, Algorithm::Es256])
        .start()
        .await
        .unwrap();
    let server = ResourceServer::builder()
        .trust(
            Entra::tenant(TENANT)
                .client_id(CLIENT_ID)
                .app_id_uri("https://contoso.example/orders/")
                .metadata_url(local.metadata_url()),
        )
        .allow_loopback_http()
        .build()
        .await;
    (local, server)
}

/// A token of the shape that v2 has.
fn v2(local: &DevIssuer) -> Mint {
    local
        .mint()
        .without("client_id")
        .header("typ", "JWT")
        .audience(CLIENT_ID)
        .claim("azp", "38307aee-303c-4fff-8087-d8d2c1a1f8a9")
        .claim("tid", TENANT)
        .claim("ver", "2.0")
        .claim("scp", "Orders.Read")
}

#[tokio::test]
async fn tokens_of_v1_and_v2_are_accepted_for_each_form_of_the_audience() {
    let (local, server) = tenant(V2).await;
    let server = server.unwrap();
    for audience in [
        CLIENT_ID,
        "api://f2a76e08-93f2-4350-833c-965c02483b11",
        "https://contoso.example/orders",
        "https://contoso.example/orders/",
    ] {
        let token = v2(&local).audience(audience);
        assert_eq!(code(&server, &token.clone().sign().unwrap()).await, "accepted", "{audience}");
        let v1 = token.claim("iss", V1).without("azp").claim("appid", "c").claim("ver", "1.0");
        assert_eq!(code(&server, &v1.sign().unwrap()).await, "accepted", "{audience}");
    }
    let elsewhere = v2(&local).audience("https://contoso.example").sign().unwrap();
    assert_eq!(code(&server, &elsewhere).await, "policy.audience");
}

#[tokio::test]
async fn metadata_may_name_either_form_of_the_issuer_and_no_other() {
    for name in [V1, V2] {
        assert!(tenant(name).await.1.is_ok(), "{name}");
    }
    let common = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let (_local, refused) = tenant(common).await;
    let message = chain(&refused.unwrap_err());
    assert!(message.contains("exactly as its metadata names it"), "{message}");
}

#[tokio::test]
async fn tokens_of_another_tenant_are_refused() {
    let (local, server) = tenant(V2).await;
    let server = server.unwrap();
    let other = V2.replace("7fe8", "7fe9");
    let token = v2(&local).claim("iss", other).sign().unwrap();
    assert_eq!(code(&server, &token).await, "policy.other_tenant");
}

#[tokio::test]
async fn only_rs256_is_accepted() {
    let (local, server) = tenant(V2).await;
    let token = v2(&local).algorithm(Algorithm::Es256).sign().unwrap();
    assert_eq!(code(&server.unwrap(), &token).await, "key.unknown");
}

#[tokio::test]
async fn id_tokens_are_refused_though_they_look_alike() {
    let (local, server) = tenant(V2).await;
    let id_token = v2(&local).without("azp").without("scp").claim("nonce", "n").sign().unwrap();
    assert_eq!(code(&server.unwrap(), &id_token).await, "policy.id_token");
}

#[tokio::test]
async fn a_tenant_by_its_domain_is_refused_when_the_server_is_built() {
    let refused = ResourceServer::builder()
        .trust(Entra::tenant("contoso.onmicrosoft.com").client_id(CLIENT_ID))
        .build()
        .await
        .unwrap_err();
    assert!(matches!(refused, ConfigError::Part { part: "tenant ID", .. }), "{refused:?}");
}
