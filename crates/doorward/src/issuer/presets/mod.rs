//! Issuers of which this library knows more than a URL: data and small functions, no checks of
//! tokens.
//!
//! In: the parts by which an issuer is known, such as a tenant and a client ID. Out: an
//! [`Issuer`](super::Issuer). Each preset is a type of its own; [`Needs`] is one that still lacks a
//! mandatory part, and does not convert.

mod auth0;
mod b2c;
mod cloud;
mod cognito;
mod entra;
mod external_id;
mod google;
mod keycloak;
mod needs;
mod okta;
mod parts;
mod rfc9068;

pub use auth0::Auth0;
pub use b2c::B2c;
pub use cloud::Cloud;
pub(crate) use cloud::MicrosoftName;
pub use cognito::Cognito;
pub use entra::Entra;
pub use external_id::ExternalId;
pub use google::Google;
pub use keycloak::Keycloak;
pub use needs::{Needs, part};
pub use okta::Okta;
pub use parts::{ClientId, TenantId, TenantName};
pub use rfc9068::Rfc9068;
