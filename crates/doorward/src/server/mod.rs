//! Runs the pipeline for one server: which issuers are trusted, and how a request is verified.

mod authentication;
mod builder;

mod authenticate;
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
