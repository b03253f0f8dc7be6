use std::{
    fmt,
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use doorward::rules::{RequiredScopes, all_scopes};

use super::{AccessToken, Rejection, read};

/// The verified token, if it grants the scopes that the type `R` names. A token that does not is
/// answered 403, a request without a token 401, and every request 500 if no gate is in front of the
/// handler.
///
/// The access map does not list these scopes. If the map is to be complete, put the rule on the route.
///
/// ```
/// use doorward::{rules::RequiredScopes, Scope};
/// use doorward_actix::Scoped;
///
/// struct ReadOrders;
///
/// impl RequiredScopes for ReadOrders {
///     const SCOPES: &'static [Scope] = &[Scope::literal("orders.read")];
/// }
///
/// async fn list(token: Scoped<ReadOrders>) -> String {
///     format!("orders of {}", token.subject())
/// }
/// ```
pub struct Scoped<R> {
    token: AccessToken,
    scopes: PhantomData<fn() -> R>,
}

impl<R> Scoped<R> {
    doorward::access_token_methods!();

    /// Returns the token.
    #[must_use]
    pub fn into_inner(self) -> AccessToken {
        self.token
    }
}

impl<R> AsRef<doorward::AccessToken> for Scoped<R> {
    fn as_ref(&self) -> &doorward::AccessToken {
        self.token.as_ref()
    }
}

impl<R> Clone for Scoped<R> {
    fn clone(&self) -> Self {
        Self { token: self.token.clone(), scopes: PhantomData }
    }
}

impl<R> fmt::Debug for Scoped<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scoped").field(&self.token).finish()
    }
}

impl<R: RequiredScopes> FromRequest for Scoped<R> {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let rule = all_scopes(R::SCOPES.iter().cloned());
        let token = read(request, "Scoped", Some(&rule), |verified, info| {
            verified.authorize(&rule, info).cloned()
        });
        ready(token.map(|token| Self { token: AccessToken(token), scopes: PhantomData }))
    }
}
