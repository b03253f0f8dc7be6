//! Room 7: from an admitted token to the handler.
//!
//! In: [`AccessToken`] and the route's [`Rule`]. Out: nothing; the handler runs. Refused: a token
//! that lacks what the rule asks for
//! ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)), or whose user has not
//! signed in as the rule asks ([RFC 9470](https://www.rfc-editor.org/rfc/rfc9470)).

mod claim_value;
mod display;
mod evaluate;
mod macros;
mod nearest;
mod required_scopes;
mod rule_error;
mod shorthand;

use std::{
    ops::{BitAnd, BitOr},
    sync::Arc,
    time::Duration,
};

pub use claim_value::ClaimValue;
pub use required_scopes::RequiredScopes;
pub use rule_error::RuleError;
pub(crate) use rule_error::StepUp;
pub use shorthand::{
    acr, app_only, authenticated, check, claim, client, delegated, issued_by, max_age, permission,
    role, tenant,
};

use crate::{
    policy::AccessToken,
    terms::{claim_path::ClaimPath, scope::Scope},
};

/// What a token must carry to reach a route.
///
/// Rules are made by [`scope!`](crate::scope), [`role!`](crate::rules::role) and functions such as
/// [`authenticated`](crate::rules::authenticated), and combined with `&` and `|`. To check one that is met
/// allocates nothing.
///
/// ```
/// use doorward::{rules::role, scope};
///
/// let rule = scope!("orders.write") & role("Orders.Admin") | scope!("orders.all");
/// assert_eq!(rule.to_string(), "(scope orders.write & role Orders.Admin) | scope orders.all");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule(pub(crate) Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Authenticated,
    Scope(Scope),
    Role(Box<str>),
    Permission { path: ClaimPath, name: Box<str> },
    Delegated,
    AppOnly,
    Client(Box<str>),
    IssuedBy(Box<str>),
    Tenant(Box<str>),
    Acr(Box<[Box<str>]>),
    MaxAge(Duration),
    Claim { path: ClaimPath, predicate: Predicate<ClaimTest> },
    Check { name: Box<str>, predicate: Predicate<TokenTest> },
    All(Box<[Rule]>),
    Any(Box<[Rule]>),
}

type ClaimTest = dyn Fn(ClaimValue<'_>) -> bool + Send + Sync;
type TokenTest = dyn Fn(&AccessToken) -> bool + Send + Sync;

/// A function of the user's; two are the same if they are one.
pub(crate) struct Predicate<F: ?Sized>(Arc<F>);

impl<F: ?Sized> Clone for Predicate<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F: ?Sized> PartialEq for Predicate<F> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<F: ?Sized> Eq for Predicate<F> {}

impl<F: ?Sized> std::fmt::Debug for Predicate<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("fn")
    }
}

impl Rule {
    /// Asks for a valid token and nothing more.
    #[must_use]
    pub const fn authenticated() -> Self {
        Self(Kind::Authenticated)
    }

    /// Asks for a scope, or for one that [implies](crate::ResourceServerBuilder::scope_implies) it.
    #[must_use]
    pub const fn scope(scope: Scope) -> Self {
        Self(Kind::Scope(scope))
    }

    /// Asks for every one of the scopes. Of none, nobody meets it.
    #[must_use]
    pub fn all_scopes(scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self(Kind::All(scopes.into_iter().map(Self::scope).collect()))
    }

    /// Asks for one of the scopes. Of none, nobody meets it.
    #[must_use]
    pub fn any_scope(scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self(Kind::Any(scopes.into_iter().map(Self::scope).collect()))
    }

    /// Asks for an application role, an element of `roles`. The empty role is held by nobody.
    #[must_use]
    pub fn role(role: impl Into<Box<str>>) -> Self {
        Self(Kind::Role(role.into()))
    }

    /// Asks for an element of the list at this claim, such as `permissions` of Auth0. A claim that
    /// is one string is a list of that one; it is not split. The empty permission is held by nobody.
    #[must_use]
    pub fn permission(path: impl Into<ClaimPath>, name: impl Into<Box<str>>) -> Self {
        Self(Kind::Permission { path: path.into(), name: name.into() })
    }

    /// Asks for an app that acts for a user. A token that does not say who acts does not meet it.
    #[must_use]
    pub const fn delegated() -> Self {
        Self(Kind::Delegated)
    }

    /// Asks for an app that acts for itself. A token that does not say who acts does not meet it.
    #[must_use]
    pub const fn app_only() -> Self {
        Self(Kind::AppOnly)
    }

    /// Asks for this client. In a token that is [delegated](Self::delegated) the client is merely
    /// the app that the user works with, and anybody may run a copy of a public one.
    #[must_use]
    pub fn client(id: impl Into<Box<str>>) -> Self {
        Self(Kind::Client(id.into()))
    }

    /// Asks for a token of this issuer, where several are trusted: by `iss` as its tokens carry it.
    /// Tenants of Entra have a name for v1 and one for v2; ask for the [tenant](Self::tenant).
    #[must_use]
    pub fn issued_by(name: impl Into<Box<str>>) -> Self {
        Self(Kind::IssuedBy(name.into()))
    }

    /// Asks for a token of this tenant of Microsoft's, in lower case as tokens carry it.
    #[must_use]
    pub fn tenant(id: impl Into<Box<str>>) -> Self {
        Self(Kind::Tenant(id.into()))
    }

    /// Asks that the user has signed in by one of these authentication contexts, `acr`; for Entra,
    /// `acrs` is looked at too. Who has not is told to sign in again
    /// ([RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)): 401 and not 403. Of none,
    /// nobody meets it.
    #[must_use]
    pub fn acr<S: Into<Box<str>>>(values: impl IntoIterator<Item = S>) -> Self {
        Self(Kind::Acr(values.into_iter().map(Into::into).collect()))
    }

    /// Asks that the user has signed in no longer ago than this, by `auth_time`. Who has not, or a
    /// token that does not say when, is told to sign in again
    /// ([RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)): 401 and not 403.
    #[must_use]
    pub const fn max_age(age: Duration) -> Self {
        Self(Kind::MaxAge(age))
    }

    /// Asks that the claim is there and that the function says yes to its value.
    ///
    /// ```
    /// let rule = doorward::Rule::claim("department", |value| value.is("sales"));
    /// assert_eq!(rule.to_string(), "claim department");
    /// ```
    #[must_use]
    pub fn claim(
        path: impl Into<ClaimPath>,
        predicate: impl Fn(ClaimValue<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self(Kind::Claim { path: path.into(), predicate: Predicate(Arc::new(predicate)) })
    }

    /// Asks that the function says yes to the token. The name is shown in the access map and logs.
    #[must_use]
    pub fn check(
        name: impl Into<Box<str>>,
        predicate: impl Fn(&AccessToken) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self(Kind::Check { name: name.into(), predicate: Predicate(Arc::new(predicate)) })
    }

    /// Checks the token against the rule.
    ///
    /// # Errors
    ///
    /// [`RuleError`] when the token does not meet it.
    pub fn authorize(&self, token: &AccessToken) -> Result<(), RuleError> {
        if self.is_met_by(token) { Ok(()) } else { Err(RuleError::new(self, token)) }
    }

    /// Returns the scopes of the alternative that is named first, each once.
    pub(crate) fn scopes_to_ask_for(&self) -> Vec<&Scope> {
        once_each(nearest::first(self).into_iter().flat_map(Self::scopes))
    }

    /// Returns the scopes that the rule names, each once.
    #[must_use]
    pub fn scopes(&self) -> Vec<&Scope> {
        match &self.0 {
            Kind::Scope(scope) => vec![scope],
            Kind::All(rules) | Kind::Any(rules) => once_each(rules.iter().flat_map(Self::scopes)),
            _ => Vec::new(),
        }
    }

    fn demands(self) -> Vec<Self> {
        match self.0 {
            // A list of nothing is met by nobody and stays what it is.
            Kind::All(rules) if !rules.is_empty() => rules.into_vec(),
            kind => vec![Self(kind)],
        }
    }

    fn alternatives(self) -> Vec<Self> {
        match self.0 {
            Kind::Any(rules) => rules.into_vec(),
            kind => vec![Self(kind)],
        }
    }
}

fn once_each<'r>(scopes: impl Iterator<Item = &'r Scope>) -> Vec<&'r Scope> {
    let mut once = Vec::new();
    for scope in scopes {
        if !once.contains(&scope) {
            once.push(scope);
        }
    }
    once
}

impl BitAnd for Rule {
    type Output = Self;

    /// Asks for both.
    fn bitand(self, other: Self) -> Self {
        Self(Kind::All(self.demands().into_iter().chain(other.demands()).collect()))
    }
}

impl BitOr for Rule {
    type Output = Self;

    /// Asks for one of the two.
    fn bitor(self, other: Self) -> Self {
        Self(Kind::Any(self.alternatives().into_iter().chain(other.alternatives()).collect()))
    }
}
