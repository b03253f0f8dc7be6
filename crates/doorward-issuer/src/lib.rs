#![doc = include_str!("../README.md")]

mod algorithm;
mod authorize;
mod builder;
mod caching;
mod client;
mod client_error;
mod clock;
mod control;
mod dev_issuer;
mod directory;
mod fault;
mod forge;
mod form;
mod grant;
mod grant_type;
mod issuer_state;
mod jwk;
mod key_ring;
mod metadata;
mod mint;
mod random;
mod router;
mod server;
mod signing_key;
mod system;
mod tenant_token;
mod tenants;
mod timeline;
mod token_endpoint;
mod world;

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
    directory::{Directory, DirectoryError},
    fault::{Fault, Target},
    forge::Flaw,
    grant_type::GrantType,
    mint::{Mint, MintError},
    server::{CertificateError, Outage},
    signing_key::KeyGenerationError,
    timeline::{Timeline, TimelineError},
};
