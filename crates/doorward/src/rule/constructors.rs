use std::{sync::Arc, time::Duration};

use super::{
    ClaimValue, RequestInfo, Rule,
    requirement::{Predicate, Requirement},
};
use crate::{
    policy::AccessToken,
    terms::{claim_path::ClaimPath, scope::Scope},
};

/// Requires a valid token and nothing more.
#[must_use]
pub const fn authenticated() -> Rule {
    Rule(Requirement::Authenticated)
}

/// Requires a scope that is known at run time, or one that
/// [implies](crate::ResourceServerBuilder::scope_implies) it. For a literal, use
/// [`scope!`](crate::scope).
///
/// ```
/// use doorward::{Scope, rules};
///
/// let configured = "orders.read".to_owned();
/// let rule = rules::scope(Scope::parse(configured)?);
/// assert_eq!(rule.to_string(), "scope orders.read");
/// # Ok::<(), doorward::errors::InvalidScope>(())
/// ```
#[must_use]
pub const fn scope(scope: Scope) -> Rule {
    Rule(Requirement::Scope(scope))
}

/// Requires all scopes of a list that is known at run time. An empty list matches no token. For
/// literals, use [`all_scopes!`](crate::all_scopes).
#[must_use]
pub fn all_scopes(scopes: impl IntoIterator<Item = Scope>) -> Rule {
    Rule(Requirement::All(scopes.into_iter().map(Requirement::Scope).collect()))
}

/// Requires one scope of a list that is known at run time. An empty list matches no token. For
/// literals, use [`any_scope!`](crate::any_scope).
#[must_use]
pub fn any_scope(scopes: impl IntoIterator<Item = Scope>) -> Rule {
    Rule(Requirement::Any(scopes.into_iter().map(Requirement::Scope).collect()))
}

/// Requires an application role: an element of `roles`. The empty role matches no token.
#[must_use]
pub fn role(role: impl Into<Box<str>>) -> Rule {
    Rule(Requirement::Role(role.into()))
}

/// Requires an element of the list at this claim, such as `permissions` of Auth0. A string counts as
/// a list with one element; it is not split. The empty permission matches no token.
#[must_use]
pub fn permission(path: impl Into<ClaimPath>, name: impl Into<Box<str>>) -> Rule {
    Rule(Requirement::Permission { path: path.into(), name: name.into() })
}

/// Requires a token of an app that acts for a user who has signed in. A token whose actor is unknown does
/// not match.
#[must_use]
pub const fn delegated() -> Rule {
    Rule(Requirement::Delegated)
}

/// Requires a token of an app that acts for itself, without a user. A token whose actor is unknown does
/// not match.
#[must_use]
pub const fn app_only() -> Rule {
    Rule(Requirement::AppOnly)
}

/// Requires this client. In a [`delegated`] token the client is merely the app that the user works
/// with, and anybody may run a copy of a public client. The empty client ID matches no token.
#[must_use]
pub fn client(id: impl Into<Box<str>>) -> Rule {
    Rule(Requirement::Client(id.into()))
}

/// Requires a token of this issuer, where several are trusted. The name is `iss` as the issuer's
/// tokens carry it. An Entra tenant has one name for v1 and one for v2 tokens; require the
/// [`tenant`] instead.
#[must_use]
pub fn issued_by(name: impl Into<Box<str>>) -> Rule {
    Rule(Requirement::IssuedBy(name.into()))
}

/// Requires a token of this Microsoft tenant. The ID is in lower case, as tokens carry it. The empty
/// ID matches no token.
#[must_use]
pub fn tenant(id: impl Into<Box<str>>) -> Rule {
    Rule(Requirement::Tenant(id.into()))
}

/// Requires one of these authentication contexts: `acr`, and for Entra also `acrs`. Otherwise the
/// answer is 401 and asks the client to authenticate its user again
/// ([RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)). An empty list matches no token.
#[must_use]
pub fn acr<S: Into<Box<str>>>(values: impl IntoIterator<Item = S>) -> Rule {
    Rule(Requirement::Acr(values.into_iter().map(Into::into).collect()))
}

/// Requires that the user authenticated no longer ago than this, by `auth_time`. Otherwise, and for a
/// token that does not say when, the answer is 401 and asks the client to authenticate its user again
/// ([RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)).
#[must_use]
pub const fn max_age(age: Duration) -> Rule {
    Rule(Requirement::MaxAge(age))
}

/// Requires that the claim is present and that the function returns `true` for its value. The
/// function is called at most once per request.
///
/// ```
/// use doorward::rules::claim;
///
/// let rule = claim("department", |value| value.is("sales"));
/// assert_eq!(rule.to_string(), "claim department");
/// ```
#[must_use]
pub fn claim(
    path: impl Into<ClaimPath>,
    predicate: impl Fn(ClaimValue<'_>) -> bool + Send + Sync + 'static,
) -> Rule {
    Rule(Requirement::Claim { path: path.into(), predicate: Predicate(Arc::new(predicate)) })
}

/// Requires that the function returns `true` for the token and the request. The name is shown in the
/// access map and in logs. The function is called at most once per request.
///
/// ```
/// use doorward::rules::check;
///
/// // A user reaches their own orders: `/users/{id}/orders`.
/// let own = check("own orders", |token, request| request.param("id") == Some(token.subject()));
/// assert_eq!(own.to_string(), r#"check "own orders""#);
/// ```
#[must_use]
pub fn check(
    name: impl Into<Box<str>>,
    predicate: impl Fn(&AccessToken, &RequestInfo<'_>) -> bool + Send + Sync + 'static,
) -> Rule {
    Rule(Requirement::Check { name: name.into(), predicate: Predicate(Arc::new(predicate)) })
}
