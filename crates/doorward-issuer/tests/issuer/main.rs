//! The development issuer over HTTP, by its public keys, and as a program.

// Clippy's own exception for tests ends at the functions marked as one, and helpers are not.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod caching;
mod client_settings;
mod control;
mod documents;
mod faults;
mod faults_of_content;
mod minting;
mod outages;
mod program;
mod published_key;
mod rotation;
mod signatures;
mod starting;
mod timeline;
mod timeline_text;
mod token_endpoint;
mod token_refusals;
mod wire;
