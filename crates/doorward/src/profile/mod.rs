//! What is known of the issuers of this world: data and small functions, no checks of their own.
//!
//! A preset sets nothing but what [`Issuer`]'s own methods can set; those of Microsoft, whose
//! issuers are many behind one name or one behind many, describe [`Lane`]s instead.

mod auth0;
mod b2c;
mod cloud;
mod cognito;
mod entra;
mod external_id;
mod google;
mod issuer;
mod keycloak;
mod lane;
mod okta;
mod options;
mod rfc9068;

pub use cloud::Cloud;
pub(crate) use cloud::MicrosoftName;
pub use issuer::Issuer;
pub(crate) use lane::{KeyOrigin, Lane, Whence};
