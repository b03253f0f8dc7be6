use std::fmt;

use aws_lc_rs::digest;

use crate::codec::base64url;

/// The SHA-256 thumbprint of a key ([RFC 7638](https://www.rfc-editor.org/rfc/rfc7638)): two entries
/// with the same key have the same thumbprint, even if their key IDs or spellings differ.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct KeyThumbprint([u8; 32]);

impl KeyThumbprint {
    /// Returns the thumbprint of an RSA key: modulus and exponent without leading zeros.
    pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Self {
        let (n, e) = (base64url::encode(modulus), base64url::encode(exponent));
        Self::of_members(&format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#))
    }

    /// Returns the thumbprint of a point of a NIST curve.
    pub(super) fn elliptic_curve(curve: &str, x: &[u8], y: &[u8]) -> Self {
        let (x, y) = (base64url::encode(x), base64url::encode(y));
        Self::of_members(&format!(r#"{{"crv":"{curve}","kty":"EC","x":"{x}","y":"{y}"}}"#))
    }

    /// Returns the thumbprint of an octet key pair (RFC 8037 §2).
    pub(super) fn octet_key_pair(curve: &str, x: &[u8]) -> Self {
        let x = base64url::encode(x);
        Self::of_members(&format!(r#"{{"crv":"{curve}","kty":"OKP","x":"{x}"}}"#))
    }

    /// Returns the thumbprint of a symmetric key. It is derived from the secret, so it is never shown.
    pub(super) fn symmetric(secret: &[u8]) -> Self {
        let k = base64url::encode(secret);
        Self::of_members(&format!(r#"{{"k":"{k}","kty":"oct"}}"#))
    }

    fn of_members(json: &str) -> Self {
        let digest = digest::digest(&digest::SHA256, json.as_bytes());
        let mut bytes = [0; 32];
        for (byte, of_digest) in bytes.iter_mut().zip(digest.as_ref()) {
            *byte = *of_digest;
        }
        Self(bytes)
    }

    /// Returns the thumbprint in base64url, as it is written.
    pub(super) fn to_text(self) -> String {
        base64url::encode(self.0)
    }
}

impl fmt::Debug for KeyThumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyThumbprint")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_rfc_7638_and_rfc_8037() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS\
                 oc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65\
                 YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyr\
                 dkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK\
                 nqDKgw";
        let rsa = KeyThumbprint::rsa(&base64url::decode(n).unwrap(), &[1, 0, 1]);
        assert_eq!(rsa.to_text(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        let x = base64url::decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let ed25519 = KeyThumbprint::octet_key_pair("Ed25519", &x);
        assert_eq!(ed25519.to_text(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
