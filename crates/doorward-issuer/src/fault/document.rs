use serde_json::{Value, json};

use super::Fault;

/// Returns the text of the key set, changed by a fault of its content.
pub(crate) fn key_set(fault: Option<&Fault>, mut document: Value) -> Vec<u8> {
    if let (Some(fault), Some(keys)) =
        (fault, document.get_mut("keys").and_then(Value::as_array_mut))
    {
        match fault {
            Fault::EmptySet => keys.clear(),
            Fault::OneBadKey => {
                keys.insert(0, json!({ "kty": "RSA", "kid": "bad", "use": "sig", "n": 17 }));
            }
            Fault::ManyKeys(count) => {
                let after = keys.split_off(0);
                let half = count.div_euclid(2);
                keys.extend((0..half).map(other_key));
                keys.extend(after);
                keys.extend((half..*count).map(other_key));
            }
            _ => {}
        }
    }
    text(fault, &document)
}

/// Returns the text of a document, truncated by [`Fault::Truncated`].
pub(crate) fn text(fault: Option<&Fault>, document: &Value) -> Vec<u8> {
    let mut text = document.to_string().into_bytes();
    if fault == Some(&Fault::Truncated) {
        text.truncate(text.len().div_euclid(2));
    }
    text
}

/// Returns the key of RFC 7517 appendix A.1 with an ID of its own, a valid key that needs no generation.
fn other_key(number: usize) -> Value {
    json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        "kid": format!("other-{number}"),
        "alg": "ES256",
        "use": "sig",
    })
}
