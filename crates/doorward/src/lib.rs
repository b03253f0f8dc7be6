#![doc = include_str!("../README.md")]

// The rooms, in walking order, each with what it needs before it.
mod challenge;
mod claims;
mod codec;
mod credentials;
mod denial;
mod key;
mod limits;
mod policy;
mod rule;
mod signature;
mod terms;
mod token;

// The corridor and the house.
mod access_map;
mod clock;
mod error;
mod health;
#[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "fetched by `remote` alone"))]
mod key_source;
mod profile;
mod refusal;
#[cfg(feature = "remote")]
mod remote;
mod resource;
#[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "drives `remote` alone"))]
mod rotation;
mod server;
mod verifier;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(all(feature = "remote", any(doc, doctest)))]
pub mod manual;
#[cfg(feature = "testing")]
pub mod testing;

// The public interface.
#[doc(hidden)]
pub use access_map::compare_with_file;
pub use access_map::{AccessMap, MappedAccess, MappedRoute};
pub use claims::{ClaimList, ClaimsError, Scopes};
pub use clock::{Clock, SystemClock};
pub use credentials::{CredentialsError, RequestFields, TokenSource};
pub use denial::Denial;
pub use error::{Error, Unavailable};
pub use health::{Health, IssuerHealth, KeyState};
pub use key::{JwksError, KeyError, KeyFault, Keys, KeysError, SymmetricKey};
pub use policy::{AccessToken, Actor, Bearer, PolicyError};
pub use profile::{Cloud, Issuer};
pub use refusal::{Refusal, Target};
#[cfg(feature = "remote")]
pub use remote::{Document, Fetch, FetchError, FetchRequest, KeyEvent, RemoteError};
pub use resource::Resource;
pub use rule::{
    Access, ClaimValue, RequiredScopes, Rule, RuleError, acr, app_only, authenticated, check,
    claim, client, delegated, issued_by, max_age, permission, tenant,
};
pub use server::{Authentication, ConfigError, ResourceServer, ResourceServerBuilder};
pub use signature::SignatureError;
pub use terms::{
    algorithm::{Algorithm, MacAlgorithm},
    audience::Audience,
    claim_path::ClaimPath,
    key_id::KeyId,
    scope::{InvalidScope, Scope},
    seen::Seen,
    time::UnixTime,
};
pub use token::TokenError;
