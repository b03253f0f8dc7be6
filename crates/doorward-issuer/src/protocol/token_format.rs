use super::Protocol;
use crate::directory::TokenVersion;

/// The format of a token. For access tokens of Entra it depends on the API, not on the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenFormat {
    V1,
    V2,
    B2c,
    Rfc9068,
}

impl TokenFormat {
    /// Returns the format of access tokens for an API with this `token_version`.
    pub(crate) fn of_access_token(protocol: Protocol, version: TokenVersion) -> Self {
        match (protocol, version) {
            (Protocol::B2c, _) => Self::B2c,
            (Protocol::Oidc, _) => Self::Rfc9068,
            (Protocol::V1 | Protocol::V2, TokenVersion::V1) => Self::V1,
            (Protocol::V1 | Protocol::V2, TokenVersion::V2) => Self::V2,
        }
    }

    /// Returns the format of the endpoint's ID tokens, which its metadata matches.
    pub(crate) fn of_endpoint(protocol: Protocol) -> Self {
        match protocol {
            Protocol::V1 => Self::V1,
            Protocol::V2 => Self::V2,
            Protocol::B2c => Self::B2c,
            Protocol::Oidc => Self::Rfc9068,
        }
    }
}
