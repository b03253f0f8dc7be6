//! The server: its settings, its issuers, and the verification of one request's token.
//!
//! In: a configuration, then bearer tokens. Out: an [`AccessToken`](crate::AccessToken), or the error that
//! stage has found. Issuers, forgotten keys and blocked tenants change at run time; requests take no lock.

mod authenticate;
mod authentication;
mod builder;
mod forgotten;
mod http_settings;
mod inner;
mod iss_index;
mod issuer_registry;
mod resource_server;
mod settings;
mod token_cache;

pub use authentication::Authentication;
pub use builder::ResourceServerBuilder;
pub use resource_server::ResourceServer;
