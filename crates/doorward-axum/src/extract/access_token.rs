use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::{Rejection, request_info, verified};

/// The access token that the gate in front of the handler has verified.
///
/// | in front of the handler | `AccessToken` | `Option<AccessToken>` |
/// |---|---|---|
/// | a rule: a guarded route, [`Gate::require`], [`Gate::authenticated`] | the token | the token |
/// | [`Gate::optional`], an optional route; a request with a token | the token | the token |
/// | the same; a request without a token | 401 | `None` |
/// | no gate | 500, and the log names the fix | 500, and the log names the fix |
///
/// Nothing is needed of the router's state.
///
/// ```
/// use doorward_axum::AccessToken;
///
/// async fn list(token: AccessToken) -> String {
///     format!("orders of {}", token.subject())
/// }
///
/// async fn profile(token: Option<AccessToken>) -> String {
///     token.map_or("anonymous".to_owned(), |token| token.subject().to_owned())
/// }
/// ```
///
/// Functions that accept [`doorward::AccessToken`] get it by `token.as_ref()` or
/// [`into_inner`](Self::into_inner).
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

impl<S: Send + Sync> FromRequestParts<S> for AccessToken {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let token = verified(parts, "AccessToken")?.require_token(&request_info(parts))?;
        Ok(Self(token.clone()))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for AccessToken {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        Ok(verified(parts, "Option<AccessToken>")?.token().cloned().map(Self))
    }
}
