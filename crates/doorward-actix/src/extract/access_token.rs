use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::{Rejection, read};

/// The access token that the gate in front of the handler has verified.
///
/// | in front of the handler | answer to a request without a token |
/// |---|---|
/// | a rule: a guarded route, [`Gate::require`], [`Gate::authenticated`] | 401, by the gate |
/// | [`Gate::optional`], an optional route | 401, by this extractor |
/// | no gate | 500, and the log names the fix; also to a request with a token |
///
/// Behind an optional route, `Option<AccessToken>` is `None` for a request without a token, and only
/// for such a request. Without a gate in front it is always `None`: actix turns every error of an
/// extractor into `None`, this one too. The error is logged, but the handler runs. Extract
/// [`OptionalToken`](crate::OptionalToken) instead: it answers 500 there.
///
/// ```
/// use doorward_actix::AccessToken;
///
/// async fn list(token: AccessToken) -> String {
///     format!("orders of {}", token.subject())
/// }
/// ```
///
/// [`Gate::require`]: crate::Gate::require
/// [`Gate::authenticated`]: crate::Gate::authenticated
/// [`Gate::optional`]: crate::Gate::optional
#[derive(Clone, Debug)]
pub struct AccessToken(pub(super) doorward::AccessToken);

impl AccessToken {
    doorward::access_token_methods!();

    /// Creates a token for a handler that is called as a function: see
    /// [`doorward::AccessToken::for_test`].
    #[cfg(feature = "testing")]
    pub fn for_test() -> doorward::testing::TestToken {
        doorward::AccessToken::for_test()
    }

    /// Returns the core's token.
    #[must_use]
    pub fn into_inner(self) -> doorward::AccessToken {
        self.0
    }
}

impl AsRef<doorward::AccessToken> for AccessToken {
    fn as_ref(&self) -> &doorward::AccessToken {
        &self.0
    }
}

#[cfg(feature = "testing")]
impl From<doorward::testing::TestToken> for AccessToken {
    fn from(token: doorward::testing::TestToken) -> Self {
        Self(token.token())
    }
}

impl FromRequest for AccessToken {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = read(request, "AccessToken", None, |verified, info| {
            verified.require_token(info).cloned()
        });
        ready(token.map(Self))
    }
}
