//! The resource server: its builder and settings, the registry of trusted issuers, the cache of
//! verified tokens, and the authentication of one request.
//!
//! In: a configuration, then bearer tokens. Out: an [`AccessToken`](crate::AccessToken), or the error
//! that a stage has found. Issuers, forgotten keys and blocked tenants change at run time; requests take
//! no lock for them.

mod authenticate;
mod builder;
mod forgotten;
mod inner;
mod iss_index;
mod issuer_registry;
#[cfg(feature = "remote")]
mod remote_settings;
mod request_settings;
mod resource_server;
mod settings;
#[cfg(feature = "testing")]
mod test_tokens;
mod token_cache;
mod verification;

pub use builder::ResourceServerBuilder;

pub(crate) use request_settings::RequestSettings;
pub use resource_server::ResourceServer;
#[cfg(feature = "testing")]
pub(crate) use test_tokens::TestClaims;
pub use verification::Verification;
