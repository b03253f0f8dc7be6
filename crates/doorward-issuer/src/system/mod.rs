//! What differs between the systems that the issuer speaks as: Azure AD (v1), Entra ID (v2), B2C and
//! plain OpenID Connect.
//!
//! A path comes in and becomes a [`Place`]: a system, whose authority, and one of its endpoints.
//! From there the endpoints ask this folder for documents, names, claims and the shape of answers and
//! refusals, and know no system themselves.

pub(crate) mod answer;
pub(crate) mod claims;
pub(crate) mod id_token;
pub(crate) mod instance;
mod key_set;
mod metadata;
pub(crate) mod names;
mod place;
pub(crate) mod refusal;
mod refusals_of_proofs;
mod refusals_of_requests;

pub(crate) use self::{
    key_set::key_set,
    metadata::metadata,
    place::{Authority, Endpoint, Place},
    refusal::Refusal,
};

/// A system whose paths, names and habits the issuer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    /// Azure AD, endpoints of v1.
    V1,
    /// Microsoft Entra ID, endpoints of v2.
    V2,
    /// Azure AD B2C.
    B2c,
    /// OpenID Connect and RFC 9068, without quirks.
    Oidc,
}
