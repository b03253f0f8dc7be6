//! Extractors: a handler that names one cannot be reached without what it stands for.

mod access_token;
mod claims;
mod optional_token;
mod rejection;
mod scoped;

pub use access_token::AccessToken;
pub use claims::Claims;
pub use optional_token::OptionalToken;
pub use rejection::Rejection;
pub use scoped::Scoped;

use axum::extract::FromRef;
use doorward::{Error, adapter::Access};
use http::request::Parts;

use crate::Gate;

/// Authenticates the request by the gate of the state, unless a layer of that gate has done so, and
/// makes of the gate's word what the handler takes. `asks` says what for, if the extractor asks for more
/// than a token.
async fn extract<S, T>(
    parts: &Parts,
    state: &S,
    asks: impl FnOnce() -> Option<Access>,
    finish: impl FnOnce(Result<doorward::AccessToken, Error>) -> Result<T, Error>,
) -> Result<T, Rejection>
where
    Gate: FromRef<S>,
{
    let gate = Gate::from_ref(state);
    let authenticated = gate.authenticate(&parts.headers, &parts.extensions).await;
    finish(authenticated).map_err(|error| Rejection::new(&gate, error, parts, asks().as_ref()))
}
