//! Stage 5, claims: reads the claims of a verified payload.
//!
//! In: [`Payload`](crate::signature::Payload). Out: [`ClaimsSet`]. Rejected: a payload that is not one
//! strict JSON object, and any claim known here whose type or form differs from its specification. A
//! malformed claim is never skipped ([RFC 7519 §4](https://www.rfc-editor.org/rfc/rfc7519#section-4)).

mod claim_list;
mod claim_map;
mod claims_set;
mod date;
mod known_claims;
mod mismatch;
mod scopes;
mod strings;

pub use claim_list::ClaimList;
pub(crate) use claim_map::{ClaimMap, claim_says};
pub(crate) use claims_set::{
    ClaimsSet, unverified_claims, unverified_issuer, unverified_user_flow,
};
pub(crate) use known_claims::{KnownClaims, Permissions};
pub(crate) use mismatch::deserialize;
pub use scopes::Scopes;

use crate::terms::{claim_path::ClaimPath, codes::codes, untrusted_text::UntrustedText};

/// Why the claims of a verified token cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimsError {
    /// The payload is not one strict JSON object.
    #[error("the payload is not one strict JSON object")]
    Json,
    /// A member has a name that `serde_json` interprets, so that its value could pass for another.
    #[error(
        "the payload has a member that begins with `$serde_json::private::`: the issuer must not put such names into tokens"
    )]
    ReservedMember,
    /// A claim has a wrong type or an inadmissible value.
    #[error("the claim `{claim}` is malformed")]
    Malformed {
        /// The claim's name.
        claim: &'static str,
    },
    /// A claim that is configured to list scopes or roles, or to stand for the audience, has
    /// another form.
    #[error("the claim `{claim}` does not have the configured form")]
    List {
        /// Where the claim stands.
        claim: ClaimPath,
    },
    /// The claims of a valid token do not fit the type that the API reads them into.
    #[error("the claims do not fit `{wanted}`: at `{field}`: {reason}")]
    Mismatch {
        /// The type.
        wanted: &'static str,
        /// The path of the field; `.` where all claims together do not fit.
        field: UntrustedText,
        /// Why it does not fit. Values of claims are left out.
        reason: UntrustedText,
    },
}

codes!(ClaimsError {
    Json | ReservedMember => "claims.json",
    Malformed | List => "claims.malformed",
    Mismatch => "claims.mismatch",
});
