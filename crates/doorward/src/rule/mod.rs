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

use crate::{policy::AccessToken, terms::scope::Scope};

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

    /// Asks for an application role, an element of `roles`.
    #[must_use]
    pub fn role(role: impl Into<Box<str>>) -> Self {
        Self(Kind::Role(role.into()))
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

    fn is_met_by(&self, token: &AccessToken) -> bool {
        match &self.0 {
            Kind::Authenticated => true,
            Kind::Scope(scope) => token.scopes().contains(scope.as_str()),
            Kind::Role(role) => token.roles().any(|granted| *granted == **role),
            Kind::All(rules) => rules.iter().all(|rule| rule.is_met_by(token)),
            Kind::Any(rules) => rules.iter().any(|rule| rule.is_met_by(token)),
        }
    }
}

impl BitAnd for Rule {
    type Output = Self;

    /// Asks for both.
    fn bitand(self, other: Self) -> Self {
        let (mut left, right) = match (self.0, other.0) {
            (Kind::All(left), Kind::All(right)) => (left.into_vec(), right.into_vec()),
            (Kind::All(left), right) => (left.into_vec(), vec![Self(right)]),
            (left, right) => (vec![Self(left)], vec![Self(right)]),
        };
        left.extend(right);
        Self(Kind::All(left.into()))
    }
}

impl BitOr for Rule {
    type Output = Self;

    /// Asks for one of the two.
    fn bitor(self, other: Self) -> Self {
        let (mut left, right) = match (self.0, other.0) {
            (Kind::Any(left), Kind::Any(right)) => (left.into_vec(), right.into_vec()),
            (Kind::Any(left), right) => (left.into_vec(), vec![Self(right)]),
            (left, right) => (vec![Self(left)], vec![Self(right)]),
        };
        left.extend(right);
        Self(Kind::Any(left.into()))
    }
}

/// Shows the rule as a reviewer would say it.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, rules) = match &self.0 {
            Kind::Authenticated => return f.write_str("authenticated"),
            Kind::Scope(scope) => return write!(f, "scope {scope}"),
            Kind::Role(role) => return write!(f, "role {}", role.escape_debug()),
            Kind::All(rules) => ("&", rules),
            Kind::Any(rules) => ("|", rules),
        };
        for (index, rule) in rules.iter().enumerate() {
            if index > 0 {
                write!(f, " {sign} ")?;
            }
            match &rule.0 {
                Kind::All(_) | Kind::Any(_) => write!(f, "({rule})")?,
                Kind::Authenticated | Kind::Scope(_) | Kind::Role(_) => write!(f, "{rule}")?,
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
