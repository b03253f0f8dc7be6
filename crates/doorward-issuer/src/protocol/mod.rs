//! The differences between the protocols of the tenants: Azure AD (v1), Microsoft Entra ID (v2),
//! Azure AD B2C and plain OpenID Connect.
//!
//! A path comes in and becomes a [`Route`]: a protocol, an authority and an endpoint. For a route, this
//! folder makes metadata, key sets, claims, token responses and errors; the endpoints use them without
//! a case for each protocol. Rejected are paths of unknown tenants and policies.

pub(crate) mod access_token;
pub(crate) mod id_token;
pub(crate) mod instance_discovery;
mod issuer_identifier;
mod key_set;
mod metadata;
mod protocol_error;
mod request_trace;
mod route;
mod token_format;
mod token_response;

pub(crate) use self::{
    key_set::key_set,
    metadata::metadata,
    protocol_error::ProtocolError,
    request_trace::RequestTrace,
    route::{Authority, Endpoint, Route},
    token_response::TokenResponse,
};

/// The protocol of a tenant's endpoint, which decides on its paths, parameters, claims and errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Azure AD, endpoints of v1.
    V1,
    /// Microsoft Entra ID, endpoints of v2.
    V2,
    /// Azure AD B2C.
    B2c,
    /// OpenID Connect and RFC 9068, without vendor extensions.
    Oidc,
}
