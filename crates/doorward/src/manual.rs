//! The manual: how to register an API at an issuer, what to write, and what the log tells.
//!
//! - [`entra`]: Microsoft Entra ID (Azure AD), v1 and v2, one tenant or many
//! - [`b2c`]: Azure AD B2C
//! - [`external_id`]: Microsoft Entra External ID (CIAM)
//! - [`auth0`], [`okta`], [`keycloak`], [`cognito`], [`google`]
//! - [`rfc9068`]: issuers that follow the standard
//! - [`recipes`]: ten more issuers in a few lines each
//! - [`claims`]: what is done with every claim of Microsoft's tokens
//! - [`attacks`]: every attack on record, what is done about it, and the test that holds it
//! - [`checklist`]: what the specifications demand, and the test that holds it

#[doc = include_str!("../manual/attacks.md")]
pub mod attacks {}
#[doc = include_str!("../manual/auth0.md")]
pub mod auth0 {}
#[doc = include_str!("../manual/b2c.md")]
pub mod b2c {}
#[doc = include_str!("../manual/checklist.md")]
pub mod checklist {}
#[doc = include_str!("../manual/claims.md")]
pub mod claims {}
#[doc = include_str!("../manual/cognito.md")]
pub mod cognito {}
#[doc = include_str!("../manual/entra.md")]
pub mod entra {}
#[doc = include_str!("../manual/external_id.md")]
pub mod external_id {}
#[doc = include_str!("../manual/google.md")]
pub mod google {}
#[doc = include_str!("../manual/keycloak.md")]
pub mod keycloak {}
#[doc = include_str!("../manual/okta.md")]
pub mod okta {}
#[doc = include_str!("../manual/recipes.md")]
pub mod recipes {}
#[doc = include_str!("../manual/rfc9068.md")]
pub mod rfc9068 {}
