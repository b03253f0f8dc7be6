//! Stage 3: from a token's header and an issuer's key set to the keys that may verify it.
//!
//! In: the header, and the [`KeySet`] of one issuer. Out: [`Candidates`], at most four keys of that
//! issuer, each fit for the header's algorithm. Rejected: a key ID that is not in the set, a forgotten
//! key, an algorithm that the key may not be used with, a token without a key ID where several
//! different keys would fit
//! ([RFC 7517 §4](https://www.rfc-editor.org/rfc/rfc7517#section-4),
//! [RFC 8725 §3.1](https://www.rfc-editor.org/rfc/rfc8725#section-3.1)).

mod ed25519;
mod fixed;
mod forgotten_keys;
mod jwk;
mod jwks;
#[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "sets succeed with `remote`"))]
mod key_fault;
mod key_rules;
mod key_set;
mod roca;
mod rsa;
mod select;
mod thumbprint;
mod verifying_key;

pub use fixed::{Keys, KeysError, SymmetricKey};
pub(crate) use forgotten_keys::ForgottenKeys;
#[cfg(feature = "conformance")]
pub(crate) use jwk::read as read_jwk;
pub(crate) use jwks::Jwks;
pub use jwks::JwksError;
pub use key_fault::KeyFault;
pub(crate) use key_rules::{KeyRules, WithoutKeyId};
#[cfg(feature = "remote")]
pub(crate) use key_set::Changes;
pub(crate) use key_set::{KeySet, KeySetView};
pub(crate) use select::Candidates;
use thumbprint::KeyThumbprint;
#[cfg(test)]
pub(crate) use verifying_key::KeyName;
pub(crate) use verifying_key::VerifyingKey;

use crate::terms::{codes::codes, key_id::KeyId};

/// Why no key of the issuer may verify the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The issuer's key set has no key of this ID or thumbprint.
    #[error("the issuer has no key {id}")]
    Unknown {
        /// The key ID or thumbprint of the token's header.
        id: KeyId,
    },
    /// The operator has had the token's key forgotten.
    #[error("the key {id} was forgotten by `forget_key` or `forget_keys`")]
    Forgotten {
        /// The key ID or thumbprint of the token's header.
        id: KeyId,
    },
    /// The token names no key, and no key of the issuer fits its algorithm.
    #[error("the token names no key, and the issuer has none for {algorithm}")]
    NoneFits {
        /// The algorithm of the token's header.
        algorithm: &'static str,
    },
    /// The token names no key, and several different keys of the issuer fit its algorithm.
    #[error(
        "the token names no key, and several different keys of the issuer fit {algorithm}; to try at most four of them, trust the issuer with `.try_all_keys()`"
    )]
    Ambiguous {
        /// The algorithm of the token's header.
        algorithm: &'static str,
    },
    /// The key that the token names is another tenant's.
    #[error("the key {id} is not the one of the token's tenant")]
    OtherTenant {
        /// The key ID or thumbprint of the token's header.
        id: KeyId,
    },
    /// The key that the token names may not be used with the token's algorithm.
    #[error("the key may not be used with {algorithm}")]
    AlgorithmMismatch {
        /// The algorithm of the token's header.
        algorithm: &'static str,
    },
}

codes!(KeyError {
    Unknown => "key.unknown",
    Forgotten => "key.forgotten",
    NoneFits => "key.none_fits",
    Ambiguous => "key.ambiguous",
    OtherTenant => "key.other_tenant",
    AlgorithmMismatch => "key.algorithm_mismatch",
});

impl KeyError {
    /// Returns whether a newer key set may have the key.
    pub(crate) const fn may_be_new(&self) -> bool {
        matches!(self, Self::Unknown { .. } | Self::NoneFits { .. })
    }
}
