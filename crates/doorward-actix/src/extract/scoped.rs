use std::{fmt, marker::PhantomData, ops::Deref};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use doorward::{
    adapter::Access,
    rules::{self, RequiredScopes},
};

use super::{AccessToken, ExtractFuture, Rejection};

/// The verified token of the request, which grants the scopes that the type `R` names; any other
/// request is refused. It dereferences to [`AccessToken`].
///
/// The access map does not know of it: where the whole API is to be told by its map, put the rule on
/// the route.
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
    /// Returns the token.
    #[must_use]
    pub fn into_inner(self) -> AccessToken {
        self.token
    }
}

impl<R> Deref for Scoped<R> {
    type Target = AccessToken;

    fn deref(&self) -> &AccessToken {
        &self.token
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
    type Future = ExtractFuture<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> ExtractFuture<Self> {
        ExtractFuture::new(request, asks::<R>, |authenticated| {
            let token = authenticated?;
            token.require::<R>()?;
            Ok(Self { token: AccessToken(token), scopes: PhantomData })
        })
    }
}

fn asks<R: RequiredScopes>() -> Option<Access> {
    Some(Access::Require(rules::all_scopes(R::SCOPES.iter().cloned())))
}
