//! Room 7: from an admitted token to the handler.
//!
//! In: [`AccessToken`] and the route's [`Rule`]. Out: nothing; the handler runs. Refused: a token
//! that lacks what the rule asks for
//! ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)).

mod access;
mod nearest;

use std::{
    fmt,
    ops::{BitAnd, BitOr},
};

pub use access::Access;

use crate::{
    policy::{AccessToken, Actor},
    terms::scope::Scope,
};

/// What a token must carry to reach a route.
///
/// Rules are made by [`scope!`](crate::scope), [`role!`](crate::role) and
/// [`authenticated`](crate::authenticated), and combined with `&` and `|`.
///
/// ```
/// use doorward::{role, scope};
///
/// let rule = scope!("orders.write") & role!("Orders.Admin") | scope!("orders.all");
/// assert_eq!(rule.to_string(), "(scope orders.write & role Orders.Admin) | scope orders.all");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule(pub(crate) Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Authenticated,
    Scope(Scope),
    Role(Box<str>),
    Delegated,
    AppOnly,
    Client(Box<str>),
    All(Box<[Rule]>),
    Any(Box<[Rule]>),
}

/// The token lacks what the route's rule asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token does not meet the rule `{rule}`")]
pub struct RuleError {
    rule: String,
    scopes: Box<[Scope]>,
}

impl RuleError {
    pub(crate) const fn code(&self) -> &'static str {
        "rule.not_met"
    }

    /// Returns the scopes of the alternative that is nearest to being met, which a client may ask
    /// its issuer for; none when that alternative asks for no scope.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }
}

impl Rule {
    /// Asks for a valid token and nothing more.
    #[must_use]
    pub const fn authenticated() -> Self {
        Self(Kind::Authenticated)
    }

    /// Asks for a scope.
    #[must_use]
    pub const fn scope(scope: Scope) -> Self {
        Self(Kind::Scope(scope))
    }

    /// Asks for an application role, an element of `roles`. The empty role is held by nobody.
    #[must_use]
    pub fn role(role: impl Into<Box<str>>) -> Self {
        Self(Kind::Role(role.into()))
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

    /// Checks the token against the rule.
    ///
    /// # Errors
    ///
    /// [`RuleError`] when the token does not meet it.
    pub fn check(&self, token: &AccessToken) -> Result<(), RuleError> {
        if self.is_met_by(token) {
            return Ok(());
        }
        let scopes = nearest::scopes_of_nearest_alternative(self, token);
        Err(RuleError { rule: self.to_string(), scopes })
    }

    fn demands(self) -> Vec<Self> {
        match self.0 {
            Kind::All(rules) => rules.into_vec(),
            kind => vec![Self(kind)],
        }
    }

    fn alternatives(self) -> Vec<Self> {
        match self.0 {
            Kind::Any(rules) => rules.into_vec(),
            kind => vec![Self(kind)],
        }
    }

    fn is_met_by(&self, token: &AccessToken) -> bool {
        match &self.0 {
            Kind::Authenticated => true,
            Kind::Scope(scope) => token.scopes().contains(scope.as_str()),
            Kind::Role(role) => !role.is_empty() && token.roles().any(|granted| *granted == **role),
            Kind::Delegated => token.actor() == Actor::Delegated,
            Kind::AppOnly => token.actor() == Actor::AppOnly,
            Kind::Client(id) => !id.is_empty() && token.client_id() == Some(id),
            Kind::All(rules) => rules.iter().all(|rule| rule.is_met_by(token)),
            Kind::Any(rules) => rules.iter().any(|rule| rule.is_met_by(token)),
        }
    }
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

/// Shows the rule as a reviewer would say it.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, rules) = match &self.0 {
            Kind::Authenticated => return f.write_str("authenticated"),
            Kind::Scope(scope) => return write!(f, "scope {scope}"),
            Kind::Role(role) => return write!(f, "role {}", role.escape_debug()),
            Kind::Delegated => return f.write_str("delegated"),
            Kind::AppOnly => return f.write_str("app-only"),
            Kind::Client(id) => return write!(f, "client {}", id.escape_debug()),
            Kind::All(rules) => ("&", rules),
            Kind::Any(rules) => ("|", rules),
        };
        for (index, rule) in rules.iter().enumerate() {
            if index > 0 {
                write!(f, " {sign} ")?;
            }
            match &rule.0 {
                Kind::All(_) | Kind::Any(_) => write!(f, "({rule})")?,
                _ => write!(f, "{rule}")?,
            }
        }
        Ok(())
    }
}

/// Asks for a valid token and nothing more; the same as [`Rule::authenticated`].
#[must_use]
pub const fn authenticated() -> Rule {
    Rule::authenticated()
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

/// Makes a [`Rule`](crate::Rule) that asks for a scope. A literal that is no scope token of
/// [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) does not compile.
///
/// ```
/// let read = doorward::scope!("orders.read");
/// assert_eq!(read.to_string(), "scope orders.read");
/// ```
///
/// ```compile_fail
/// doorward::scope!("orders.read orders.write"); // two scopes: combine two rules with `&`
/// ```
#[macro_export]
macro_rules! scope {
    ($scope:literal) => {{
        const SCOPE: $crate::Scope = $crate::Scope::literal($scope);
        $crate::Rule::scope(SCOPE)
    }};
}

/// Makes a [`Rule`](crate::Rule) that asks for an application role.
///
/// ```
/// let admin = doorward::role!("Orders.Admin");
/// assert_eq!(admin.to_string(), "role Orders.Admin");
/// ```
#[macro_export]
macro_rules! role {
    ($role:literal) => {
        $crate::Rule::role($role)
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_shown_as_a_reviewer_would_say_it() {
        let (a, b, c) = (crate::scope!("a"), crate::scope!("b"), crate::role!("C \"c\""));
        assert_eq!(authenticated().to_string(), "authenticated");
        assert_eq!(
            (a.clone() & b.clone() & c.clone()).to_string(),
            r#"scope a & scope b & role C \"c\""#
        );
        assert_eq!(
            (a.clone() | b.clone() & c.clone()).to_string(),
            r#"scope a | (scope b & role C \"c\")"#
        );
        assert_eq!(
            ((a.clone() | b.clone()) & c).to_string(),
            r#"(scope a | scope b) & role C \"c\""#
        );
        assert_eq!(
            (a.clone() & (b.clone() & a.clone())).to_string(),
            "scope a & scope b & scope a"
        );
        assert_eq!((a.clone() | (b | a)).to_string(), "scope a | scope b | scope a");
    }
}
