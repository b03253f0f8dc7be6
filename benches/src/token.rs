//! A token of the kind that Entra issues, with the key set that verifies it.

use std::error::Error;

use axum::http::HeaderValue;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{Issuer, Keys, ResourceServer, ResourceServerBuilder};
use doorward_issuer::Algorithm;

use crate::{
    claims::{AUDIENCE, Claims, ISSUER, LIFETIME},
    signer::Signer,
};

/// In which way a token is wrong that nobody has signed.
pub const FORGED: &str = "with a flipped bit in the signature";

/// A signed token and the keys of its issuer.
#[derive(Clone, Debug)]
pub struct SignedToken {
    /// How it is signed.
    pub algorithm: Algorithm,
    /// The compact serialization.
    pub token: String,
    /// The one key of the issuer's set.
    pub jwk: serde_json::Value,
    /// Tokens that are wrong in one way each, and in which; signed with the same key.
    pub wrong: Vec<(&'static str, String)>,
}

impl SignedToken {
    /// Signs a new token with a new key; it is valid for an hour.
    ///
    /// It has 1.26 kB with RS256 and 2048 bits, 1.0 kB with ES256 and EdDSA.
    ///
    /// # Errors
    ///
    /// When the development issuer does not start or does not sign.
    pub async fn new(algorithm: Algorithm) -> Result<Self, Box<dyn Error>> {
        let signer = Signer::new(algorithm).await?;
        let key_id = signer.key_id();
        let sign = |claims: String| signer.sign_json(&key_id, &claims);
        let claims = Claims::now();
        let stale = Claims { issued_at: claims.issued_at - 2 * LIFETIME, ..claims.clone() };
        let token = sign(claims.json())?;
        let wrong = vec![
            (FORGED, flip(&token)),
            ("for another audience", sign(claims.json().replace(AUDIENCE, "api://elsewhere"))?),
            (
                "of another issuer",
                sign(claims.json().replace(ISSUER, "https://elsewhere.example"))?,
            ),
            ("that has expired", sign(stale.json())?),
            ("without the scope", sign(claims.json().replace("orders.read ", ""))?),
        ];
        Ok(Self { algorithm, token, jwk: signer.jwk(&key_id), wrong })
    }

    /// Returns the value of the `Authorization` field that carries the token.
    ///
    /// # Panics
    ///
    /// Never: a compact serialization is printable ASCII.
    #[must_use]
    pub fn field(&self) -> HeaderValue {
        HeaderValue::try_from(format!("Bearer {}", self.token)).expect("printable ASCII")
    }

    /// Builds a server that accepts the token, never does any IO, and remembers no token.
    ///
    /// # Errors
    ///
    /// When the key set is not usable.
    pub async fn server(&self) -> Result<ResourceServer, doorward::ConfigError> {
        self.builder().max_cached_tokens(0).build().await
    }

    /// Builds a server that accepts the token, never does any IO, and remembers tokens.
    ///
    /// # Errors
    ///
    /// When the key set is not usable.
    pub async fn remembering_server(&self) -> Result<ResourceServer, doorward::ConfigError> {
        self.builder().build().await
    }

    fn builder(&self) -> ResourceServerBuilder {
        let issuer = Issuer::fixed_keys(ISSUER, AUDIENCE, Keys::jwks(self.jwks().to_string()));
        ResourceServer::builder().trust(issuer)
    }

    /// Returns the issuer's key set.
    #[must_use]
    pub fn jwks(&self) -> serde_json::Value {
        serde_json::json!({ "keys": [self.jwk] })
    }
}

/// Flips the lowest bit of the middle byte of the signature.
fn flip(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').expect("a compact JWS");
    let mut signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let middle = signature.len() / 2;
    signature[middle] ^= 1;
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
