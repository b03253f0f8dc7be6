//! Room 5: from a believed payload to claims.
//!
//! In: [`Payload`](crate::signature::Payload). Out: [`ClaimsSet`]. Refused: a payload that is no
//! strict JSON object, and any claim known here that has another type or form than its
//! specification says: a malformed claim is never skipped
//! ([RFC 7519 §4](https://www.rfc-editor.org/rfc/rfc7519#section-4)).

mod claim_list;
mod claim_map;
mod claims_set;
mod date;
mod scopes;
mod strings;

pub use claim_list::ClaimList;
pub(crate) use claim_map::{ClaimMap, claim_says};
pub(crate) use claims_set::{
    ClaimsSet, KnownClaims, Permissions, unverified_claims, unverified_issuer, unverified_user_flow,
};
pub use scopes::Scopes;

use crate::terms::claim_path::ClaimPath;

/// Why a payload is not a set of claims.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimsError {
    /// The payload is not one strict JSON object.
    #[error("the payload is not one strict JSON object")]
    Json,
    /// A claim has a wrong type or an inadmissible value.
    #[error("the claim `{claim}` is malformed")]
    Malformed {
        /// The claim's name.
        claim: &'static str,
    },
    /// A claim that is configured to list scopes or roles, or to stand for the audience, has
    /// another form.
    #[error("the claim `{claim}` has not the form that is configured for it")]
    List {
        /// Where the claim stands.
        claim: ClaimPath,
    },
    /// The claims do not fit the type that the API reads them into.
    #[error("the claims do not fit `{wanted}` (line {line}, column {column} of the claims)")]
    Mismatch {
        /// The type.
        wanted: &'static str,
        /// The line of the claims' JSON, counted from 1.
        line: usize,
        /// The column of the claims' JSON, counted from 1.
        column: usize,
    },
}

impl ClaimsError {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Json => "claims.json",
            Self::Malformed { .. } | Self::List { .. } => "claims.malformed",
            Self::Mismatch { .. } => "claims.mismatch",
        }
    }
}
