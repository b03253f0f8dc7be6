//! The house around the rooms: which issuers are trusted, and the walk of one request through it.

mod authentication;
mod builder;

mod authenticate;
mod http_settings;
mod inner;
mod iss_index;
mod issuer_registry;
#[cfg(feature = "remote")]
mod remote_settings;
mod resource_server;
mod settings;
mod token_cache;

pub use authentication::Authentication;
pub use builder::ResourceServerBuilder;

pub use resource_server::ResourceServer;
