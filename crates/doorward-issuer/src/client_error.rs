use std::collections::BTreeSet;

use crate::{Algorithm, Client};

/// The error of an invalid [`Client`](crate::Client).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// A client has an empty ID.
    #[error("a client needs an id that is not empty")]
    EmptyId,
    /// A client has an empty secret, which a request without a secret would match.
    #[error("client {client_id:?} needs a secret that is not empty")]
    EmptySecret {
        /// The client's ID.
        client_id: String,
    },
    /// Two clients have the same ID.
    #[error("client {client_id:?} is added twice")]
    Duplicate {
        /// The ID of both.
        client_id: String,
    },
    /// A client has an empty list of audiences.
    #[error("client {client_id:?} needs an audience")]
    NoAudience {
        /// The client's ID.
        client_id: String,
    },
    /// A scope is empty or has characters that are not allowed in one
    /// ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)).
    #[error(
        "{scope:?} of client {client_id:?} is not one scope; separate scopes into strings of their own"
    )]
    InvalidScope {
        /// The client's ID.
        client_id: String,
        /// The scope.
        scope: String,
    },
    /// The issuer has no key for the algorithm of a client.
    #[error(
        "client {client_id:?} signs with {algorithm}, for which the issuer has no key; add it to \
         `DevIssuerBuilder::algorithms`"
    )]
    NoKey {
        /// The client's ID.
        client_id: String,
        /// The algorithm of the client.
        algorithm: Algorithm,
    },
}

/// Checks that an issuer with keys for `algorithms` can serve `clients`.
pub(crate) fn check_clients(
    clients: &[Client],
    algorithms: &[Algorithm],
) -> Result<(), ClientError> {
    let mut ids = BTreeSet::new();
    for client in clients {
        let client_id = client.client_id().to_owned();
        if client_id.is_empty() {
            return Err(ClientError::EmptyId);
        }
        if !ids.insert(client.client_id()) {
            return Err(ClientError::Duplicate { client_id });
        }
        if client.client_secret().is_empty() {
            return Err(ClientError::EmptySecret { client_id });
        }
        if client.allowed_audiences().is_empty() {
            return Err(ClientError::NoAudience { client_id });
        }
        if let Some(scope) = client.allowed_scopes().iter().find(|scope| !is_scope_token(scope)) {
            return Err(ClientError::InvalidScope { client_id, scope: scope.clone() });
        }
        if let Some(algorithm) =
            client.signs_with().filter(|algorithm| !algorithms.contains(algorithm))
        {
            return Err(ClientError::NoKey { client_id, algorithm });
        }
    }
    Ok(())
}

/// Returns whether `text` is a `scope-token` (RFC 6749 §3.3).
fn is_scope_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}
