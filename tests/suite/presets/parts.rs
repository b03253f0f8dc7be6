//! What a developer reads when a part of a preset cannot be meant.

use doorward::{
    ConfigError, Issuer, ResourceServer,
    presets::{Auth0, Cognito, ExternalId, Google, Keycloak, Okta, Rfc9068},
};

const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";
const API: &str = "f2a76e08-93f2-4350-833c-965c02483b11";

async fn refused(issuer: impl Into<Issuer>) -> ConfigError {
    ResourceServer::builder().trust(issuer).lazy().build().await.unwrap_err()
}

#[tokio::test]
async fn a_part_in_another_form_is_refused_with_the_fix() {
    let auth0 = |domain: &str| Issuer::from(Auth0::domain(domain).audience("api://orders"));
    let okta = |domain: &str, server: &str| {
        let okta = Okta::domain(domain).authorization_server(server).audience("api://orders");
        Issuer::from(okta)
    };
    let keycloak = |server: &str, realm: &str, client: &str| {
        Issuer::from(Keycloak::server(server).realm(realm).client_id(client))
    };
    let cognito = |pool: &str| Issuer::from(Cognito::user_pool(pool).app_clients(["c1"]));
    for (issuer, message) in [
        (
            auth0("https://acme.eu.auth0.com/"),
            "the domain \"https://acme.eu.auth0.com/\" is a URL: write the host name alone, without `https://`, slash and path",
        ),
        (
            auth0("https://u:p@acme.eu.auth0.com"),
            "the domain \"…@acme.eu.auth0.com\" is a URL: write the host name alone, without `https://`, slash and path",
        ),
        (auth0("acme"), "the domain \"acme\" is not a full host name, such as `login.example.com`"),
        (
            okta("acme-admin.okta.com", "default"),
            "the domain \"acme-admin.okta.com\" is the domain of the admin console: leave `-admin` out",
        ),
        (
            okta("acme.okta.com", "https://acme.okta.com/oauth2/default"),
            "the authorization server \"https://acme.okta.com/oauth2/default\" is not an ID: use `default`, or one like `aus1a2b3c`, not the issuer's URL",
        ),
        (
            keycloak("id.example.com", "acme", "orders"),
            "the server \"id.example.com\" is not a URL: write the scheme too, such as `https://id.example.com`",
        ),
        (
            keycloak("https://id.example.com/realms/acme", "acme", "orders"),
            "the server \"https://id.example.com/realms/acme\" goes on to a realm: leave out `/realms/…`, and name the realm with `.realm(…)`",
        ),
        (
            keycloak("https://id.example.com", "", "orders"),
            "the realm \"\" is not the name of a realm: write it as in the issuer's URL, after `/realms/`",
        ),
        (
            keycloak("https://id.example.com", "acme", " "),
            "the client ID \" \" is blank or has white space: use the client ID under which the API is registered",
        ),
        (
            cognito(
                "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_aB3dE5f7G",
            ),
            "the user pool \"arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_aB3dE5f7G\" is not the ID of a user pool: write its region, `_` and the rest, such as `eu-central-1_aB3dE5f7G`",
        ),
        (
            ExternalId::tenant(TENANT, "contoso").client_id(API).into(),
            "the tenant name \"7fe81447-da57-4385-becb-6de57f21477e\" is the tenant's ID: use the first word of its domain, such as `contoso` of `contoso.onmicrosoft.com`",
        ),
        (
            Google::audience("https://a.example https://b.example").into(),
            "the audience \"https://a.example https://b.example\" of the issuer https://accounts.google.com has white space: write several as an array",
        ),
        (
            Rfc9068::issuer("https://login.example.com").audience("").into(),
            "the issuer https://login.example.com has no audience, or a blank one: name this API as its tokens do in `aud`",
        ),
    ] {
        assert_eq!(refused(issuer).await.to_string(), message);
    }
}

#[tokio::test]
async fn a_user_pool_without_app_clients_is_refused() {
    let none: [&str; 0] = [];
    let refused = refused(Cognito::user_pool("eu-central-1_aB3dE5f7G").app_clients(none)).await;
    assert!(matches!(refused, ConfigError::Part { part: "app client", .. }), "{refused}");
}
