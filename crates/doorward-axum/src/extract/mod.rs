//! Extractors: a handler that names one cannot be reached without what it stands for.

mod access_token;
mod claims;
mod optional_token;
mod rejection;

pub use access_token::AccessToken;
pub use claims::Claims;
pub use optional_token::OptionalToken;
pub use rejection::Rejection;

use axum::extract::FromRef;
use doorward::{Access, Error};
use http::request::Parts;

use crate::Gate;

/// Authenticates the request by the gate of the state, unless a layer of that gate has done so.
async fn admit<S>(
    parts: &Parts,
    state: &S,
    access: Access,
) -> Result<Option<doorward::AccessToken>, Rejection>
where
    Gate: FromRef<S>,
{
    let gate = Gate::from_ref(state);
    let authenticated = gate.authenticate(&parts.headers, &parts.extensions).await;
    access.admit(authenticated).map_err(|error| Rejection::new(&gate, error))
}

/// Extracts the token of a request that must have one.
async fn require<S>(parts: &Parts, state: &S) -> Result<doorward::AccessToken, Rejection>
where
    Gate: FromRef<S>,
{
    let access = Access::Require(doorward::authenticated());
    let missing = || {
        let error = Error::Credentials(doorward::CredentialsError::Missing);
        Rejection::new(&Gate::from_ref(state), error)
    };
    admit(parts, state, access).await?.ok_or_else(missing)
}
