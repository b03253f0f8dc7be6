//! The presets: tokens as each issuer writes them, and one fault at a time.

mod auth0;
mod cognito;
mod google;
mod keycloak;
mod okta;
mod parts;
mod rfc9068;
