//! A key that signs many tokens, under any name.

use doorward::{Issuer, Keys, ResourceServer, ResourceServerBuilder};
use doorward_issuer::{Algorithm, DevIssuer, MintError, StartError};
use serde_json::{Value, json};

use crate::claims::{AUDIENCE, Claims, ISSUER};

/// A new key of a development issuer.
#[derive(Debug)]
pub struct Signer {
    algorithm: Algorithm,
    issuer: DevIssuer,
}

impl Signer {
    /// Makes a key.
    ///
    /// # Errors
    ///
    /// When the development issuer does not start.
    pub async fn new(algorithm: Algorithm) -> Result<Self, StartError> {
        Ok(Self { algorithm, issuer: DevIssuer::builder().algorithms([algorithm]).start().await? })
    }

    /// Returns the name that the development issuer has given to the key.
    ///
    /// # Panics
    ///
    /// Never: the issuer has this one key.
    #[must_use]
    pub fn key_id(&self) -> String {
        self.issuer.key_id_of(self.algorithm).expect("the one key")
    }

    /// Returns the public key under a name.
    #[must_use]
    pub fn jwk(&self, key_id: &str) -> Value {
        let mut jwk = self.issuer.jwks()["keys"][0].take();
        jwk["kid"] = json!(key_id);
        jwk
    }

    /// Signs a token that names the key so.
    ///
    /// # Errors
    ///
    /// When the key does not sign.
    pub fn sign(&self, key_id: &str, claims: &Claims) -> Result<String, MintError> {
        self.sign_json(key_id, &claims.json())
    }

    /// Signs a token with these claims.
    ///
    /// # Errors
    ///
    /// When the key does not sign.
    pub fn sign_json(&self, key_id: &str, claims: &str) -> Result<String, MintError> {
        let header = format!(r#"{{"typ":"JWT","alg":"{}","kid":"{key_id}"}}"#, self.algorithm);
        self.issuer.sign_raw(self.algorithm, &header, claims.as_bytes())
    }

    /// Begins a server that trusts this one key and never does any IO.
    pub fn server(&self) -> ResourceServerBuilder {
        let keys = json!({ "keys": [self.jwk(&self.key_id())] }).to_string();
        ResourceServer::builder().trust(Issuer::fixed_keys(ISSUER, AUDIENCE, Keys::jwks(keys)))
    }
}
