//! The tenants of the development issuer, by the protocols of v1, v2, B2C and OpenID Connect.

// Clippy's own exception for tests ends at the functions marked as one, and helpers are not.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod authorize;
mod b2c;
mod certificates;
mod client_credentials_v1;
mod code_v2;
mod directory;
mod documents;
mod errors;
mod https;
mod manual;
mod oidc;
mod pages;
mod refresh_tokens_v1;
mod spa;
mod wire;
