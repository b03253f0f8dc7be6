//! Verifies tokens with nothing but the published key set and the cryptographic library.

use aws_lc_rs::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::wire::{decoded, header};

/// Returns whether the key with the token's key ID is published and has signed it.
pub(crate) fn verifies(token: &str, jwks: &Value) -> bool {
    let kid = &header(token)["kid"];
    let keys = jwks["keys"].as_array().unwrap();
    keys.iter().find(|key| key["kid"] == *kid).is_some_and(|key| verifies_with(token, key))
}

pub(crate) fn verifies_with(token: &str, jwk: &Value) -> bool {
    let (message, _) = token.rsplit_once('.').unwrap();
    let (message, signature) = (message.as_bytes(), decoded(token, 2));
    let ec = |algorithm| {
        let point = [vec![4], member(jwk, "x"), member(jwk, "y")].concat();
        UnparsedPublicKey::new(algorithm, point).verify(message, &signature).is_ok()
    };
    match jwk["alg"].as_str().unwrap() {
        "ES256" => ec(&signature::ECDSA_P256_SHA256_FIXED),
        "ES384" => ec(&signature::ECDSA_P384_SHA384_FIXED),
        "ES512" => ec(&signature::ECDSA_P521_SHA512_FIXED),
        "EdDSA" => UnparsedPublicKey::new(&signature::ED25519, member(jwk, "x"))
            .verify(message, &signature)
            .is_ok(),
        rsa => RsaPublicKeyComponents { n: member(jwk, "n"), e: member(jwk, "e") }
            .verify(rsa_parameters(rsa), message, &signature)
            .is_ok(),
    }
}

/// The decoded bytes of a member of a key.
pub(crate) fn member(jwk: &Value, name: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap()
}

fn rsa_parameters(algorithm: &str) -> &'static RsaParameters {
    match algorithm {
        "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &signature::RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
        "PS384" => &signature::RSA_PSS_2048_8192_SHA384,
        "PS512" => &signature::RSA_PSS_2048_8192_SHA512,
        other => panic!("no key of this issuer is for {other}"),
    }
}
