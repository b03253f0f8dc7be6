//! The terms of the field as types, each with its own grammar: scopes, audiences, key IDs,
//! algorithms, times.
//!
//! In: text of a configuration or a token. Out: a value that has the grammar. Rejected: text that
//! does not have it. Nothing here uses a stage of the pipeline; every stage may use these.

pub(crate) mod algorithm;
pub(crate) mod app_id_uri;
pub(crate) mod audience;
pub(crate) mod claim_path;
pub(crate) mod codes;
pub(crate) mod error_chain;
pub(crate) mod implied_scopes;
pub(crate) mod key_id;
pub(crate) mod scope;

pub(crate) mod server_handle;
pub(crate) mod tenancy;
pub(crate) mod time;
pub(crate) mod unknown_name;
pub(crate) mod untrusted_text;
