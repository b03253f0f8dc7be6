use serde_json::{Value, json};

use super::{Protocol, Route, issuer_identifier};
use crate::directory::{Cloud, Directory};

/// Returns the metadata of a route (OpenID Connect Discovery 1.0 §3), with the members that the
/// documents of its protocol have. `origin` is the one of the request, `url` the issuer's own.
pub(crate) fn metadata(directory: &Directory, url: &str, origin: &str, route: &Route<'_>) -> Value {
    let at = |path: &str| format!("{origin}{}{path}", route.prefix);
    let issuer = issuer_identifier::issuer_of_route(directory, url, route);
    let mut document = json!({
        "issuer": issuer,
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    let rest = match route.protocol {
        Protocol::V1 => json!({
            "authorization_endpoint": at("/oauth2/authorize"),
            "token_endpoint": at("/oauth2/token"),
            "end_session_endpoint": at("/oauth2/logout"),
            "jwks_uri": at("/discovery/keys"),
            "response_types_supported":
                ["code", "id_token", "code id_token", "token id_token", "token"],
            "scopes_supported": ["openid"],
            "microsoft_multi_refresh_token": true,
            "claims_supported": ["sub", "iss", "cloud_instance_name", "aud", "exp", "iat",
                "auth_time", "acr", "amr", "nonce", "email", "given_name", "family_name"],
        }),
        Protocol::V2 => json!({
            "authorization_endpoint": at("/oauth2/v2.0/authorize"),
            "token_endpoint": at("/oauth2/v2.0/token"),
            "end_session_endpoint": at("/oauth2/v2.0/logout"),
            "jwks_uri": at("/discovery/v2.0/keys"),
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "request_uri_parameter_supported": false,
            "claims_supported": ["sub", "iss", "cloud_instance_name", "aud", "exp", "iat", "nonce",
                "preferred_username", "name", "tid", "ver", "at_hash", "c_hash"],
        }),
        Protocol::B2c => json!({
            "authorization_endpoint": at("/oauth2/v2.0/authorize"),
            "token_endpoint": at("/oauth2/v2.0/token"),
            "end_session_endpoint": at("/oauth2/v2.0/logout"),
            "jwks_uri": at("/discovery/v2.0/keys"),
            "response_types_supported":
                ["code", "code id_token", "code token", "code id_token token", "id_token",
                "id_token token", "token", "token id_token"],
            "scopes_supported": ["openid"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": ["name", "sub", "tfp", "iss", "iat", "exp", "aud", "nonce"],
        }),
        Protocol::Oidc => json!({
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "jwks_uri": at("/jwks"),
            "response_types_supported":
                ["code", "id_token", "code id_token", "id_token token", "token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "code_challenge_methods_supported": ["S256", "plain"],
            "subject_types_supported": ["public"],
        }),
    };
    extend(&mut document, rest);
    if matches!(route.protocol, Protocol::V1 | Protocol::V2) {
        let cloud = route.authority.tenant().map_or(Cloud::Global, |tenant| tenant.cloud);
        let region = route.authority.tenant().map(|_| "EU");
        extend(
            &mut document,
            json!({
                "cloud_instance_name": cloud.instance_name(),
                "tenant_region_scope": region,
                "http_logout_supported": true,
                "frontchannel_logout_supported": true,
            }),
        );
    }
    document
}

fn extend(document: &mut Value, more: Value) {
    if let (Value::Object(document), Value::Object(more)) = (document, more) {
        document.extend(more);
    }
}
