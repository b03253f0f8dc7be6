//! Strict readers of the two encodings a token is made of.
//!
//! Bytes and text go in, values come out; what is ambiguous is refused, so that no two parsers can
//! read one token differently (RFC 7515 §10.12, RFC 8725 §3.7).

pub(crate) mod base64url;
pub(crate) mod json;
pub(crate) mod lookup;
