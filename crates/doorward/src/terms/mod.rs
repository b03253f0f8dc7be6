//! The words of the field as types, each with its own grammar.
//!
//! Nothing here knows of a room; every room may use these.

pub(crate) mod algorithm;
pub(crate) mod app_id_uri;
pub(crate) mod audience;
pub(crate) mod claim_path;
#[cfg(feature = "remote")]
pub(crate) mod error_chain;
pub(crate) mod implied_scopes;
pub(crate) mod key_id;
pub(crate) mod scope;

pub(crate) mod server_handle;
pub(crate) mod tenancy;
pub(crate) mod time;
pub(crate) mod untrusted_text;
