use actix_web::{FromRequest, HttpRequest, dev::Payload};
use doorward::{adapter::Access, rules::RequestInfo};

use super::{AccessToken, ExtractFuture, Rejection};

/// The verified token of a request that may come without one. A token that is there and invalid is
/// refused: it never makes a request anonymous.
///
/// ```
/// use doorward_actix::OptionalToken;
///
/// async fn profile(OptionalToken(token): OptionalToken) -> String {
///     token.map_or("anonymous".to_owned(), |token| token.subject().to_owned())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct OptionalToken(pub Option<AccessToken>);

impl FromRequest for OptionalToken {
    type Error = Rejection;
    type Future = ExtractFuture<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> ExtractFuture<Self> {
        ExtractFuture::new(
            request,
            || None,
            |authenticated| {
                let token = Access::Optional.admit(authenticated, &RequestInfo::new())?;
                Ok(Self(token.map(AccessToken)))
            },
        )
    }
}
