use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;

use super::{Rejection, read};

/// All claims of the verified token, as a type of your own.
///
/// A token whose claims do not have the form of the type is answered 403, a request without a token
/// 401, and every request 500 if no gate is in front of the handler.
///
/// ```
/// use doorward_actix::Claims;
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

impl<T: DeserializeOwned> FromRequest for Claims<T> {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request, "Claims", None, |verified, info| verified.claims(info)).map(Self))
    }
}
