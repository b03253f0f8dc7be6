use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::Algorithm;

/// The public half of a signing key, as the key set publishes it (RFC 7517 §4).
#[derive(Clone, Debug)]
pub(crate) struct PublicJwk {
    algorithm: Algorithm,
    key_id: String,
    material: KeyMaterial,
}

/// The parameters of a public key, in base64url without padding.
#[derive(Clone, Debug)]
pub(crate) enum KeyMaterial {
    Rsa { n: String, e: String },
    Ec { crv: &'static str, x: String, y: String },
    Okp { crv: &'static str, x: String },
}

impl PublicJwk {
    /// Uses the thumbprint as the ID of a key that has none, so that the keys of an issuer never share an
    /// ID.
    pub(crate) fn new(algorithm: Algorithm, key_id: Option<String>, material: KeyMaterial) -> Self {
        let key_id = key_id.unwrap_or_else(|| material.thumbprint());
        Self { algorithm, key_id, material }
    }

    pub(crate) fn key_id(&self) -> &str {
        &self.key_id
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut jwk = match &self.material {
            KeyMaterial::Rsa { n, e } => json!({ "kty": "RSA", "n": n, "e": e }),
            KeyMaterial::Ec { crv, x, y } => json!({ "kty": "EC", "crv": crv, "x": x, "y": y }),
            KeyMaterial::Okp { crv, x } => json!({ "kty": "OKP", "crv": crv, "x": x }),
        };
        if let Some(members) = jwk.as_object_mut() {
            members.insert("kid".to_owned(), json!(self.key_id));
            members.insert("alg".to_owned(), json!(self.algorithm.name()));
            members.insert("use".to_owned(), json!("sig"));
        }
        jwk
    }
}

impl KeyMaterial {
    /// Returns the SHA-256 thumbprint (RFC 7638 §3, for OKP RFC 8037 §2).
    fn thumbprint(&self) -> String {
        let canonical = match self {
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Self::Ec { crv, x, y } => {
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Self::Okp { crv, x } => format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#),
        };
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbprint_of_the_rsa_example_in_rfc_7638_is_the_printed_one() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let material = KeyMaterial::Rsa { n: n.to_owned(), e: "AQAB".to_owned() };
        assert_eq!(material.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn thumbprint_of_the_ed25519_example_in_rfc_8037_is_the_printed_one() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".to_owned();
        let material = KeyMaterial::Okp { crv: "Ed25519", x };
        assert_eq!(material.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
