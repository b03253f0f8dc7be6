use std::{fmt, marker::PhantomData, ops::Deref};

use axum::extract::{FromRef, FromRequestParts};
use doorward::{
    adapter::Access,
    rules::{self, RequiredScopes},
};
use http::request::Parts;

use super::{AccessToken, Rejection, extract};
use crate::Gate;

/// The verified token of the request, which grants the scopes that the type `R` names; any other
/// request is refused. It dereferences to [`AccessToken`].
///
/// The access map does not know of it: where the whole API is to be told by its map, put the rule on
/// the route.
///
/// ```
/// use doorward::{rules::RequiredScopes, Scope};
/// use doorward_axum::Scoped;
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

impl<S, R> FromRequestParts<S> for Scoped<R>
where
    Gate: FromRef<S>,
    S: Send + Sync,
    R: RequiredScopes,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        extract(parts, state, asks::<R>, |authenticated| {
            let token = authenticated?;
            token.require::<R>()?;
            Ok(Self { token: AccessToken(token), scopes: PhantomData })
        })
        .await
    }
}

fn asks<R: RequiredScopes>() -> Option<Access> {
    Some(Access::Require(rules::all_scopes(R::SCOPES.iter().cloned())))
}
