//! The house around the rooms: which issuers are trusted, and the walk of one request through it.

mod authentication;
mod builder;
mod config_error;
mod entrance;
mod house;
mod names;
mod resource_server;
mod settings;
mod token_cache;
mod trusts;
mod walk;

pub use authentication::Authentication;
pub use builder::ResourceServerBuilder;
pub use config_error::ConfigError;
pub use resource_server::ResourceServer;
