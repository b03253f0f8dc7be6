#![doc = include_str!("../README.md")]

mod algorithm;
mod builder;
mod caching;
mod client;
mod client_error;
mod control;
mod dev_issuer;
mod fault;
mod forge;
mod grant_type;
mod issuer_state;
mod jwk;
mod key_ring;
mod metadata;
mod mint;
mod router;
mod server;
mod signing_key;
mod timeline;
mod token_endpoint;

/// The audience of a token or client for which none was named.
pub(crate) const DEFAULT_AUDIENCE: &str = "api://orders";

// The public interface.
pub use self::{
    algorithm::Algorithm,
    builder::{DevIssuerBuilder, StartError},
    caching::ETags,
    client::Client,
    client_error::ClientError,
    dev_issuer::DevIssuer,
    fault::{Fault, Target},
    forge::Flaw,
    grant_type::GrantType,
    mint::{Mint, MintError},
    server::Outage,
    signing_key::KeyGenerationError,
    timeline::{Timeline, TimelineError},
};
