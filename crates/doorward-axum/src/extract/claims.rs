use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{Rejection, extract};
use crate::Gate;

/// The claims of the request's verified token, read into a type of your own. A request without a
/// valid token is refused, and so is a token whose claims do not fit the type.
///
/// ```
/// use doorward_axum::Claims;
///
/// #[derive(serde::Deserialize)]
/// struct MyClaims {
///     department: String,
/// }
///
/// async fn department(Claims(claims): Claims<MyClaims>) -> String {
///     claims.department
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Claims<T>(pub T);

impl<S, T> FromRequestParts<S> for Claims<T>
where
    Gate: FromRef<S>,
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        extract(parts, state, || None, |authenticated| Ok(Self(authenticated?.claims()?))).await
    }
}
