use axum::extract::{FromRef, FromRequestParts};
use doorward::{adapter::Access, rules::RequestInfo};
use http::request::Parts;

use super::{AccessToken, Rejection, extract};
use crate::Gate;

/// The verified token of a request that may come without one. A token that is there and invalid is
/// refused: it never makes a request anonymous.
///
/// ```
/// use doorward_axum::OptionalToken;
///
/// async fn profile(OptionalToken(token): OptionalToken) -> String {
///     token.map_or("anonymous".to_owned(), |token| token.subject().to_owned())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct OptionalToken(pub Option<AccessToken>);

impl<S> FromRequestParts<S> for OptionalToken
where
    Gate: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        extract(
            parts,
            state,
            || None,
            |authenticated| {
                let token = Access::Optional.admit(authenticated, &RequestInfo::new())?;
                Ok(Self(token.map(AccessToken)))
            },
        )
        .await
    }
}
