//! What is known of the issuers of this world: data and small functions, no checks of their own.
//!
//! A preset sets nothing but what [`Issuer`]'s own methods can set; those of Microsoft, whose
//! issuers are many behind one name or one behind many, describe [`ResolvedIssuer`]s instead.

mod auth0;
mod b2c;
mod cloud;
mod cognito;
mod entra;
mod external_id;
mod google;
mod issuer;
mod keycloak;
mod okta;
mod options;
mod resolved_issuer;
mod rfc9068;

pub use cloud::Cloud;
pub(crate) use cloud::MicrosoftName;
pub use issuer::Issuer;
pub(crate) use resolved_issuer::{KeyOrigin, KeySetLocation, ResolvedIssuer};
