#![doc = include_str!("../README.md")]

mod algorithm;
mod authorization_store;
mod authorize;
mod builder;
mod caching;
mod client;
mod client_error;
mod clock;
mod control;
mod counter;
mod dev_issuer;
mod directory;
mod documents;
mod error_description;
mod fault;
mod flaw;
mod forge;
mod form;
mod grant;
mod grant_type;
mod issuer_state;
mod jwk;
mod key_ring;
mod listen;
mod metadata;
mod mint;
mod mint_error;
mod pkce;
mod protocol;
mod random;
mod router;
mod server;
mod signing_key;
mod start_error;
mod tenant_request;
mod tenant_state;
mod tenant_token;
mod tenants;
mod timeline;
mod token_draft;
mod token_endpoint;

// The public interface.
pub use self::{
    algorithm::Algorithm,
    builder::DevIssuerBuilder,
    caching::ETags,
    client::Client,
    client_error::ClientError,
    dev_issuer::DevIssuer,
    directory::{Directory, DirectoryError},
    fault::{Fault, Target},
    flaw::Flaw,
    grant_type::GrantType,
    mint::Mint,
    mint_error::MintError,
    server::{CertificateError, Outage},
    signing_key::KeyGenerationError,
    start_error::StartError,
    timeline::{Timeline, TimelineError},
};
