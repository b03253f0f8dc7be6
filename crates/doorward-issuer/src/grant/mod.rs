//! What the authorization endpoint and the token endpoint of the tenants share.
//!
//! Parameters become [`RequestedAccess`]; [`consent`] reduces it to the scopes that the user or an
//! administrator has granted; [`TokenBuilder`] makes the tokens. Rejected are unknown scopes and APIs,
//! and requests of which nothing is granted.

mod consent;
mod requested_access;
mod token_builder;

pub(crate) use self::{
    consent::{granted, is_granted, may_be_granted_by_user},
    requested_access::{DEFAULT, RequestedAccess},
    token_builder::{TokenBuilder, sign},
};
