use crate::Algorithm;

/// The error of a token that could not be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MintError {
    /// The issuer has no key for the algorithm.
    #[error(
        "the issuer has no key for {algorithm}; add it to `DevIssuerBuilder::algorithms` (it has {})",
        names(available)
    )]
    NoKey {
        /// The requested algorithm.
        algorithm: Algorithm,
        /// The algorithms that the issuer has keys for.
        available: Vec<Algorithm>,
    },
    /// The issuer has no key with this ID. It never had one, or a rotation without overlap removed it.
    #[error("the issuer has no key {key_id:?}")]
    UnknownKey {
        /// The requested key ID.
        key_id: String,
    },
    /// The cryptographic library failed to sign the token or to generate a `jti`.
    #[error("cannot sign the token with {algorithm}")]
    Unsigned {
        /// The requested algorithm.
        algorithm: Algorithm,
    },
}

fn names(algorithms: &[Algorithm]) -> String {
    algorithms.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ")
}
