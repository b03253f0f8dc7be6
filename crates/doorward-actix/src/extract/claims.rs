use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;

use super::{ExtractFuture, Rejection};

/// The claims of the request's verified token, read into a type of your own. A request without a
/// valid token is refused, and so is a token whose claims do not fit the type.
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
    type Future = ExtractFuture<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> ExtractFuture<Self> {
        ExtractFuture::new(request, || None, |authenticated| Ok(Self(authenticated?.claims()?)))
    }
}
