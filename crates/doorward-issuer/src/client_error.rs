use std::collections::BTreeSet;

use crate::{Algorithm, Client};

/// The error of a client that the issuer cannot serve.
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
    #[error("client {client_id:?} is named twice")]
    Duplicate {
        /// The ID of both.
        client_id: String,
    },
    /// A client has an empty list of audiences, so that no token could name one.
    #[error("client {client_id:?} needs an audience")]
    NoAudience {
        /// The client's ID.
        client_id: String,
    },
    /// A scope has characters that no request could name it with
    /// ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)).
    #[error("{scope:?} of client {client_id:?} is not one scope; name each by a string of its own")]
    InvalidScope {
        /// The client's ID.
        client_id: String,
        /// The scope.
        scope: String,
    },
    /// The issuer has no key for the algorithm of a client.
    #[error("client {client_id:?} wants {algorithm}; add it to `DevIssuerBuilder::algorithms`")]
    NoKey {
        /// The client's ID.
        client_id: String,
        /// The algorithm that the client wants.
        algorithm: Algorithm,
    },
}

/// Returns the first reason why an issuer with keys for `algorithms` cannot serve `clients`.
pub(crate) fn check_clients(
    clients: &[Client],
    algorithms: &[Algorithm],
) -> Result<(), ClientError> {
    let mut seen = BTreeSet::new();
    for client in clients {
        let client_id = client.client_id().to_owned();
        if client_id.is_empty() {
            return Err(ClientError::EmptyId);
        }
        if !seen.insert(client.client_id()) {
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
        if let Some(algorithm) = client.signs_with().filter(|wanted| !algorithms.contains(wanted)) {
            return Err(ClientError::NoKey { client_id, algorithm });
        }
    }
    Ok(())
}

/// Tells whether `text` is a `scope-token` (RFC 6749 §3.3).
fn is_scope_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}
