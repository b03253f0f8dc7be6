use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;

use super::{Rejection, extract};
use crate::Gate;

/// The verified token of the request; a request without a valid one is refused.
///
/// It dereferences to [`doorward::AccessToken`]. Which scopes it must have is for the route's rule
/// to say: on a route without a rule, any valid token is extracted.
///
/// ```
/// use doorward_axum::AccessToken;
///
/// async fn list(token: AccessToken) -> String {
///     format!("orders of {}", token.subject())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct AccessToken(pub(super) doorward::AccessToken);

impl AccessToken {
    /// Begins a token for a test of a handler; see [`doorward::testing`].
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn for_test() -> doorward::testing::TestToken {
        doorward::AccessToken::for_test()
    }

    /// Returns the core's token.
    #[must_use]
    pub fn into_inner(self) -> doorward::AccessToken {
        self.0
    }
}

impl Deref for AccessToken {
    type Target = doorward::AccessToken;

    fn deref(&self) -> &doorward::AccessToken {
        &self.0
    }
}

impl<S> FromRequestParts<S> for AccessToken
where
    Gate: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        extract(parts, state, || None, |authenticated| authenticated.map(Self)).await
    }
}
