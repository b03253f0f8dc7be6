use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::{AccessToken, Rejection, verified};

/// The verified token of a request that may carry none: `None` behind
/// [`Gate::optional`](crate::Gate::optional) or an optional route, if the request carries no token. An
/// invalid token has been rejected by the gate.
///
/// Without a gate in front of the handler, every request is answered 500. That is why actix has this
/// extractor: `Option<AccessToken>` is `None` there, as actix turns every error of an extractor into
/// `None`. axum lets a type decide about its `Option`, so its adapter needs no such extractor.
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
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let verified = verified(request, "OptionalToken");
        ready(verified.map(|verified| Self(verified.token().cloned().map(AccessToken))))
    }
}
