use doorward_issuer::{Algorithm, DevIssuer};
use serde_json::json;

use crate::wire::{claims, get, quick_issuer};

const ENTRA: &str = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";

#[tokio::test]
async fn metadata_names_the_endpoints_and_what_they_do() {
    let issuer = quick_issuer().await;
    let answer = get(&issuer.metadata_url()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        answer.json(),
        json!({
            "issuer": issuer.url(),
            "token_endpoint": issuer.token_url(),
            "jwks_uri": issuer.jwks_url(),
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "scopes_supported": ["orders.read", "orders.write", "reports.read"],
            "response_types_supported": [],
            "subject_types_supported": ["public"],
        })
    );
}

#[tokio::test]
async fn both_well_known_addresses_serve_the_same_metadata() {
    let issuer = quick_issuer().await;
    let url = format!("{}/.well-known/oauth-authorization-server", issuer.url());
    assert_eq!(get(&url).await.json(), get(&issuer.metadata_url()).await.json());
}

#[tokio::test]
async fn addresses_are_below_the_url() {
    let issuer = quick_issuer().await;
    let url = issuer.url();
    assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with('/'));
    assert_eq!(issuer.metadata_url(), format!("{url}/.well-known/openid-configuration"));
    assert_eq!(issuer.jwks_url(), format!("{url}/jwks"));
    assert_eq!(issuer.token_url(), format!("{url}/token"));
    assert_eq!(issuer.issuer(), url);
}

#[tokio::test]
async fn issuer_identifier_can_be_another_than_the_url() {
    let issuer =
        DevIssuer::builder().algorithms([Algorithm::Es256]).issuer(ENTRA).start().await.unwrap();
    assert_eq!(issuer.issuer(), ENTRA);
    let metadata = get(&issuer.metadata_url()).await.json();
    assert_eq!(metadata["issuer"], ENTRA);
    assert_eq!(metadata["jwks_uri"], format!("{}/jwks", issuer.url()));
    assert_eq!(claims(&issuer.mint().sign().unwrap())["iss"], ENTRA);
}

#[tokio::test]
async fn key_set_is_served_as_it_is_and_may_be_cached_for_five_minutes() {
    let issuer = quick_issuer().await;
    let answer = get(&issuer.jwks_url()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json(), issuer.jwks());
}

#[tokio::test]
async fn each_request_for_a_document_is_counted() {
    let issuer = quick_issuer().await;
    assert_eq!((issuer.metadata_requests(), issuer.jwks_requests()), (0, 0));
    get(&issuer.metadata_url()).await;
    get(&format!("{}/.well-known/oauth-authorization-server", issuer.url())).await;
    get(&issuer.jwks_url()).await;
    assert_eq!((issuer.metadata_requests(), issuer.jwks_requests()), (2, 1));
    let _not_served = issuer.jwks();
    assert_eq!(issuer.jwks_requests(), 1);
}

#[tokio::test]
async fn unknown_path_is_not_found() {
    let issuer = quick_issuer().await;
    assert_eq!(get(&format!("{}/authorize", issuer.url())).await.status, 404);
}
