use crate::Algorithm;

/// The error of a token that could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MintError {
    /// The issuer has no key for the algorithm.
    #[error(
        "the issuer has no key for {algorithm}; add it to `DevIssuerBuilder::algorithms` (it has {})",
        names(available)
    )]
    NoKey {
        /// The algorithm that was asked for.
        algorithm: Algorithm,
        /// The algorithms that the issuer has keys for.
        available: Vec<Algorithm>,
    },
    /// The issuer has no key of this ID: it never had, or the key has gone in a rotation without
    /// overlap.
    #[error("the issuer has no key {key_id:?}")]
    UnknownKey {
        /// The key ID that was asked for.
        key_id: String,
    },
    /// The cryptographic library gave no signature or no random `jti`.
    #[error("the token could not be signed with {algorithm}")]
    Unsigned {
        /// The algorithm that was asked for.
        algorithm: Algorithm,
    },
}

fn names(algorithms: &[Algorithm]) -> String {
    algorithms.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ")
}
