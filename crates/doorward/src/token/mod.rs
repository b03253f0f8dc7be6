//! Stage 2, token: splits a bearer token and decodes its parts.
//!
//! In: [`BearerToken`](crate::credentials::BearerToken). Out: [`Jws`]: the header parsed, the signature decoded, the payload sealed.
//! Rejected: anything but three parts of canonical base64url, a header that is not one strict JSON
//! object, an unsupported algorithm, critical extensions, encrypted and nested tokens
//! ([RFC 7515 §5.2](https://www.rfc-editor.org/rfc/rfc7515#section-5.2)).

mod compact;
mod header;

pub(crate) use compact::{Jws, UnverifiedPayload};
pub(crate) use header::{Header, KeyHint, TokenType};

use crate::terms::codes::codes;

/// Why a bearer token is not a signed token that this library reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The token is longer than the limit.
    #[error("the token is longer than the limit")]
    TooLong,
    /// The token does not have three parts, so it is not a JWT; it may be an opaque token.
    #[error("the token is not three parts of base64url; an opaque token is not supported")]
    NotCompact,
    /// The token has five parts, so it is encrypted.
    #[error("the token is encrypted (five parts); configure the issuer to sign access tokens only")]
    Encrypted,
    /// A part is not canonical base64url without padding.
    #[error("the {part} is not canonical base64url")]
    Encoding {
        /// Which part: `header`, `payload` or `signature`.
        part: &'static str,
    },
    /// The header is not one strict JSON object.
    #[error("the header is not one strict JSON object")]
    HeaderJson,
    /// A member of the header has a wrong type or an inadmissible value.
    #[error("the header's `{member}` is malformed")]
    HeaderMember {
        /// The member's name.
        member: &'static str,
    },
    /// The header names no algorithm.
    #[error("the header names no algorithm")]
    AlgorithmMissing,
    /// The algorithm is `none` or another one that this library does not verify.
    #[error("the header's algorithm is not supported")]
    AlgorithmUnsupported,
    /// The header requires an extension: `crit`, `b64` or `zip`.
    #[error("the header requires the extension `{member}`, which is not supported")]
    Extension {
        /// The member's name.
        member: &'static str,
    },
    /// The header declares that the payload is another token.
    #[error("the token holds another token (`cty`), which is not supported")]
    Nested,
}

codes!(TokenError {
    TooLong => "token.too_long",
    NotCompact => "token.not_compact",
    Encrypted => "token.encrypted",
    Encoding => "token.encoding",
    HeaderJson => "token.header_json",
    HeaderMember => "token.header_member",
    AlgorithmMissing => "token.algorithm_missing",
    AlgorithmUnsupported => "token.algorithm_unsupported",
    Extension => "token.extension",
    Nested => "token.nested",
});
