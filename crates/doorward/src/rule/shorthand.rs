//! The constructors of [`Rule`] as functions, so that a route reads like the sentence that a reviewer
//! would say.

use std::time::Duration;

use super::{ClaimValue, Rule};
use crate::{policy::AccessToken, terms::claim_path::ClaimPath};

/// Asks for a valid token and nothing more; the same as [`Rule::authenticated`].
#[must_use]
pub const fn authenticated() -> Rule {
    Rule::authenticated()
}

/// Requires an application role; the same as [`Rule::role`].
#[must_use]
pub fn role(role: impl Into<Box<str>>) -> Rule {
    Rule::role(role)
}

/// Asks for an element of the list at this claim; the same as [`Rule::permission`].
#[must_use]
pub fn permission(path: impl Into<ClaimPath>, name: impl Into<Box<str>>) -> Rule {
    Rule::permission(path, name)
}

/// Asks for an app that acts for a user; the same as [`Rule::delegated`].
#[must_use]
pub const fn delegated() -> Rule {
    Rule::delegated()
}

/// Asks for an app that acts for itself; the same as [`Rule::app_only`].
#[must_use]
pub const fn app_only() -> Rule {
    Rule::app_only()
}

/// Asks for this client; the same as [`Rule::client`].
#[must_use]
pub fn client(id: impl Into<Box<str>>) -> Rule {
    Rule::client(id)
}

/// Asks for a token of this issuer; the same as [`Rule::issued_by`].
#[must_use]
pub fn issued_by(name: impl Into<Box<str>>) -> Rule {
    Rule::issued_by(name)
}

/// Asks for this tenant of Microsoft's; the same as [`Rule::tenant`].
#[must_use]
pub fn tenant(id: impl Into<Box<str>>) -> Rule {
    Rule::tenant(id)
}

/// Asks for one of these authentication contexts; the same as [`Rule::acr`].
#[must_use]
pub fn acr<S: Into<Box<str>>>(values: impl IntoIterator<Item = S>) -> Rule {
    Rule::acr(values)
}

/// Asks that the user has signed in no longer ago than this; the same as [`Rule::max_age`].
#[must_use]
pub const fn max_age(age: Duration) -> Rule {
    Rule::max_age(age)
}

/// Asks that the function says yes to the value of the claim; the same as [`Rule::claim`].
#[must_use]
pub fn claim(
    path: impl Into<ClaimPath>,
    predicate: impl Fn(ClaimValue<'_>) -> bool + Send + Sync + 'static,
) -> Rule {
    Rule::claim(path, predicate)
}

/// Asks that the function says yes to the token; the same as [`Rule::check`].
#[must_use]
pub fn check(
    name: impl Into<Box<str>>,
    predicate: impl Fn(&AccessToken) -> bool + Send + Sync + 'static,
) -> Rule {
    Rule::check(name, predicate)
}
