use std::{collections::HashSet, sync::Arc};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{KeyFault, KeyRules, VerifyingKey, WithoutKeyId, jwk};
use crate::{codec::json, limits, terms::algorithm::JwsAlgorithm};

/// The usable keys of one issuer (RFC 7517 §5), prepared.
#[derive(Clone, Debug)]
pub(crate) struct Jwks {
    pub(crate) keys: Vec<Arc<VerifyingKey>>,
}

/// Why a document is not a key set with at least one usable key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwksError {
    /// The document is not one strict JSON object with an array `keys`.
    #[error("not a JWKS document: expected one JSON object with an array `keys`")]
    Unreadable,
    /// The set has more keys than the limit of 256.
    #[error("the key set has more than 256 keys")]
    TooMany,
    /// The set has no key, or none that could be used.
    #[error("the key set has no usable key{}", first_fault(.0))]
    NoneUsable(Vec<KeyFault>),
}

fn first_fault(faults: &[KeyFault]) -> String {
    faults.first().map(|fault| format!(" (the first: {fault})")).unwrap_or_default()
}

#[derive(Deserialize)]
struct Document<'d> {
    #[serde(borrow)]
    keys: Vec<&'d RawValue>,
}

impl Jwks {
    /// Parses a published set entry by entry. One that cannot be used is left out with a warning; the
    /// others stay usable.
    pub(crate) fn parse(document: &str, rules: &KeyRules) -> Result<Self, JwksError> {
        json::check_members(document).map_err(|_| JwksError::Unreadable)?;
        let document: Document<'_> =
            serde_json::from_str(document).map_err(|_| JwksError::Unreadable)?;
        if document.keys.len() > limits::KEYS {
            return Err(JwksError::TooMany);
        }
        let (mut keys, mut faults) = (Vec::new(), Vec::new());
        for (index, entry) in document.keys.iter().enumerate() {
            match jwk::read(entry.get(), rules) {
                Ok(key) => keys.push(Arc::new(key.of_entry(entry.get()))),
                Err(fault) => {
                    tracing::warn!(index, %fault, "a key of the set is left out");
                    faults.push(fault);
                }
            }
        }
        if keys.is_empty() {
            return Err(JwksError::NoneUsable(faults));
        }
        let jwks = Self { keys };
        if rules.without_key_id == WithoutKeyId::Refuse {
            jwks.warn_of_ambiguity();
        }
        Ok(jwks)
    }

    /// Logs a warning where tokens without a key ID must be expected and several keys fit them: some
    /// key has no key ID, and it is not the only one of its algorithm.
    fn warn_of_ambiguity(&self) {
        let nameless = self.keys.iter().filter(|key| key.id().is_none());
        let mut algorithms: Vec<JwsAlgorithm> = Vec::new();
        for algorithm in nameless.flat_map(|key| key.algorithms()) {
            if !algorithms.contains(&algorithm) {
                algorithms.push(algorithm);
            }
        }
        for algorithm in algorithms {
            let fitting = self.keys.iter().filter(|key| key.fits(algorithm));
            let different: HashSet<_> = fitting.map(|key| key.thumbprint).collect();
            if different.len() > 1 {
                tracing::warn!(
                    algorithm = algorithm.name(),
                    keys = different.len(),
                    "several keys of the set fit tokens without a key ID, which are refused: have the issuer publish a `kid` for each key, or set `.try_all_keys()`"
                );
            }
        }
    }
}
