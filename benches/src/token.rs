//! A token of the kind that Entra issues, with the key set that verifies it.

use std::error::Error;

use axum::http::HeaderValue;
use doorward::{Issuer, Keys, ResourceServer, ResourceServerBuilder};
use doorward_issuer::Algorithm;

use crate::{
    claims::{AUDIENCE, Claims, ISSUER},
    signer::Signer,
};

/// A signed token and the keys of its issuer.
#[derive(Clone, Debug)]
pub struct SignedToken {
    /// How it is signed.
    pub algorithm: Algorithm,
    /// The compact serialization.
    pub token: String,
    /// The one key of the issuer's set.
    pub jwk: serde_json::Value,
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
        let jwk = signer.jwk(&signer.key_id());
        let token = signer.sign(&signer.key_id(), &Claims::now())?;
        Ok(Self { algorithm, token, jwk })
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
        let keys = serde_json::json!({ "keys": [self.jwk] }).to_string();
        let issuer = Issuer::fixed_keys(ISSUER, AUDIENCE, Keys::jwks(keys));
        ResourceServer::builder().trust(issuer)
    }
}
