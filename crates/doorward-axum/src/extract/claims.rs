use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{Rejection, request_info, verified};

/// All claims of the verified token, as a type of your own.
///
/// A token whose claims do not have the form of the type is answered 403, a request without a token
/// 401, and every request 500 if no gate is in front of the handler. `Option<Claims<T>>` is `None` for
/// a request without a token.
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

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Claims<T> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        Ok(Self(verified(parts, "Claims")?.claims(&request_info(parts))?))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> OptionalFromRequestParts<S> for Claims<T> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        let verified = verified(parts, "Option<Claims>")?;
        if verified.token().is_none() {
            return Ok(None);
        }
        Ok(Some(Self(verified.claims(&request_info(parts))?)))
    }
}
