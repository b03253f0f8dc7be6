use serde_json::{Value, json};

use super::{Authority, Protocol, Route, issuer_identifier, token_format::TokenFormat};
use crate::directory::{CONSUMERS, Cloud, Directory};

/// Returns the key set of a route: the issuer's RSA keys with the members of the protocol. In v2 alone
/// each key has the member `issuer`: that of the consumers' tenant, or a template for all tenants.
pub(crate) fn key_set(
    directory: &Directory,
    url: &str,
    route: &Route<'_>,
    published: &Value,
) -> Value {
    let keys = published.get("keys").and_then(Value::as_array).into_iter().flatten();
    let rs256 = keys.filter(|key| key.get("alg").and_then(Value::as_str) == Some("RS256"));
    let keys: Vec<Value> = rs256.map(|key| entry(directory, url, route, key)).collect();
    json!({ "keys": keys })
}

fn entry(directory: &Directory, url: &str, route: &Route<'_>, key: &Value) -> Value {
    if route.protocol == Protocol::Oidc {
        return key.clone();
    }
    let kid = key.get("kid");
    let mut jwk = json!({
        "kty": "RSA", "use": "sig", "kid": kid, "n": key.get("n"), "e": key.get("e"),
    });
    if let Some(members) = jwk.as_object_mut() {
        match route.protocol {
            Protocol::V1 => {
                members.insert("x5t".to_owned(), json!(kid));
            }
            Protocol::V2 => {
                members.insert("x5t".to_owned(), json!(kid));
                members.insert("issuer".to_owned(), json!(issuer_of_key(directory, url, route)));
            }
            Protocol::B2c | Protocol::Oidc => {}
        }
    }
    jwk
}

fn issuer_of_key(directory: &Directory, url: &str, route: &Route<'_>) -> String {
    match route.authority {
        Authority::Tenant(tenant) if tenant.id == CONSUMERS => {
            issuer_identifier::issuer(directory, url, TokenFormat::V2, tenant)
        }
        // The template must match the tokens, which name the cloud of the tenant.
        authority => {
            let cloud = authority.tenant().map_or(Cloud::Global, |tenant| tenant.cloud);
            issuer_identifier::template(directory, url, TokenFormat::V2, cloud)
        }
    }
}
