use serde_json::{Value, json};

use super::{Authority, Place, System, names};
use crate::{
    directory::{CONSUMERS, Cloud, Directory},
    system::names::Shape,
};

/// Returns the key set of a place: the issuer's RSA keys in the form of the system. Only v2 says of
/// each key whose it is, by the consumers' own name or by a template for all tenants.
pub(crate) fn key_set(
    directory: &Directory,
    url: &str,
    place: &Place<'_>,
    published: &Value,
) -> Value {
    let keys = published.get("keys").and_then(Value::as_array).into_iter().flatten();
    let rs256 = keys.filter(|key| key.get("alg").and_then(Value::as_str) == Some("RS256"));
    let keys: Vec<Value> = rs256.map(|key| in_form_of(directory, url, place, key)).collect();
    json!({ "keys": keys })
}

fn in_form_of(directory: &Directory, url: &str, place: &Place<'_>, key: &Value) -> Value {
    if place.system == System::Oidc {
        return key.clone();
    }
    let kid = key.get("kid");
    let mut entry = json!({
        "kty": "RSA", "use": "sig", "kid": kid, "n": key.get("n"), "e": key.get("e"),
    });
    if let Some(members) = entry.as_object_mut() {
        match place.system {
            System::V1 => {
                members.insert("x5t".to_owned(), json!(kid));
            }
            System::V2 => {
                members.insert("x5t".to_owned(), json!(kid));
                members.insert("issuer".to_owned(), json!(issuer_of_key(directory, url, place)));
            }
            System::B2c | System::Oidc => {}
        }
    }
    entry
}

fn issuer_of_key(directory: &Directory, url: &str, place: &Place<'_>) -> String {
    match place.authority {
        Authority::Tenant(tenant) if tenant.id == CONSUMERS => {
            names::issuer(directory, url, Shape::V2, tenant)
        }
        // A tenant's tokens name the cloud that it lives in, and so must its keys.
        authority => {
            let cloud = authority.tenant().map_or(Cloud::Global, |tenant| tenant.cloud);
            names::template(directory, url, Shape::V2, cloud)
        }
    }
}
