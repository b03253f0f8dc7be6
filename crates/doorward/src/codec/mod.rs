//! The encodings of tokens and documents: base64url (RFC 4648 §5) and strict JSON (RFC 8259).
//!
//! In: bytes or text of an untrusted source. Out: decoded octets, typed members, the text of one
//! value. Rejected: a second spelling of the same octets; JSON that is not one object, has duplicate
//! members (RFC 7519 §4) or members that `serde_json` interprets, or nests deeper than the limit.

pub(crate) mod base64url;
pub(crate) mod json;
pub(crate) mod lookup;
mod member_name;
mod name_set;
