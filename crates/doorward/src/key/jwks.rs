use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{KeyFault, VerifyingKey, jwk};
use crate::{
    codec::json,
    limits,
    terms::{algorithm::AlgorithmSet, tenancy::Tenancy},
};

/// Which keys of a set may be used, and for what.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyRules {
    /// The accepted algorithms, where they are not the default.
    pub(crate) accepted: Option<AlgorithmSet>,
    /// The tenants among whom the keys are divided, at Microsoft.
    pub(crate) tenancy: Option<Arc<Tenancy>>,
}

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
    /// Reads a published set entry by entry: one that cannot be used is left out with a warning,
    /// and never costs the others.
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
        if keys.is_empty() { Err(JwksError::NoneUsable(faults)) } else { Ok(Self { keys }) }
    }
}
