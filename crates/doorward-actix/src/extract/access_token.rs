use std::ops::Deref;

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::{ExtractFuture, Rejection};

/// The verified token of the request; a request without a valid one is refused.
///
/// It dereferences to [`doorward::AccessToken`]. Which scopes it must have is for the route's rule
/// to say: on a route without a rule, any valid token is extracted.
///
/// Do not extract `Option<AccessToken>`: actix turns every refusal into `None`, that of an expired
/// or forged token too. Where a token may be absent, extract [`OptionalToken`](crate::OptionalToken),
/// or put the route behind [`Gate::optional`](crate::Gate::optional).
///
/// ```
/// use doorward_actix::AccessToken;
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

impl FromRequest for AccessToken {
    type Error = Rejection;
    type Future = ExtractFuture<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> ExtractFuture<Self> {
        ExtractFuture::new(request, || None, |authenticated| authenticated.map(Self))
    }
}
