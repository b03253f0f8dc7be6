use serde_json::{Value, json};

use crate::{
    Algorithm,
    jwk::PublicJwk,
    signing_key::{KeyGenerationError, SigningKey, generate_keys},
};

/// The keys that sign now, one for each algorithm, and the public halves of earlier ones that are
/// still published.
#[derive(Debug)]
pub(crate) struct KeyRing {
    signing: Vec<SigningKey>,
    retired: Vec<PublicJwk>,
}

impl KeyRing {
    pub(crate) async fn generate(algorithms: &[Algorithm]) -> Result<Self, KeyGenerationError> {
        Ok(Self { signing: generate_keys(algorithms).await?, retired: Vec::new() })
    }

    pub(crate) fn signing_key(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        self.signing.iter().find(|key| key.algorithm() == algorithm)
    }

    /// Signs with `keys` from now on and keeps publishing what was published.
    pub(crate) fn replace_with_overlap(&mut self, keys: Vec<SigningKey>) {
        self.retired.extend(self.signing.iter().map(|key| key.public().clone()));
        self.signing = keys;
    }

    /// Signs with `keys` from now on and publishes nothing else.
    pub(crate) fn replace_without_overlap(&mut self, keys: Vec<SigningKey>) {
        self.retired.clear();
        self.signing = keys;
    }

    /// Returns the key set (RFC 7517 §5), the keys that sign now first.
    pub(crate) fn jwks(&self) -> Value {
        let keys: Vec<Value> = self
            .signing
            .iter()
            .map(SigningKey::public)
            .chain(&self.retired)
            .map(PublicJwk::to_json)
            .collect();
        json!({ "keys": keys })
    }
}
