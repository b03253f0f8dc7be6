//! Stage 8, rule: decides whether a verified token may reach a route.
//!
//! In: [`AccessToken`], the route's [`Rule`], and what is known of the request. Out: nothing; the
//! handler runs. Rejected: a token that lacks what the rule requires
//! ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)), or whose user has not
//! authenticated as the rule requires ([RFC 9470](https://www.rfc-editor.org/rfc/rfc9470)).

mod claim_value;
mod constructors;
mod display;
mod evaluation;
mod macros;
mod nearest;
mod request_info;
mod required_scopes;
mod requirement;
mod rule_error;

use std::{
    fmt,
    ops::{BitAnd, BitOr},
};

pub use claim_value::ClaimValue;
pub use constructors::{
    acr, all_scopes, any_scope, app_only, authenticated, check, claim, client, delegated,
    issued_by, max_age, permission, role, scope, tenant,
};
use evaluation::Evaluation;
pub use request_info::{PathParams, RequestInfo};
pub use required_scopes::RequiredScopes;
use requirement::Requirement;
pub use rule_error::RuleError;
pub(crate) use rule_error::StepUp;

use crate::{policy::AccessToken, terms::scope::Scope};

/// What a token must carry to reach a route.
///
/// The macros [`scope!`](crate::scope), [`all_scopes!`](crate::all_scopes) and
/// [`any_scope!`](crate::any_scope) and the functions in [`rules`](crate::rules) create rules; `&` and
/// `|` combine them. Checking a rule that is met allocates nothing.
///
/// ```
/// use doorward::{rules::role, scope};
///
/// let rule = scope!("orders.write") & role("Orders.Admin") | scope!("orders.all");
/// assert_eq!(rule.to_string(), "(scope orders.write & role Orders.Admin) | scope orders.all");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule(Requirement);

impl Rule {
    /// Checks the token and the request against the rule. Alternatives are evaluated from left to
    /// right, and no function of a [`claim`](crate::rules::claim) or [`check`](crate::rules::check)
    /// is called twice.
    ///
    /// # Errors
    ///
    /// [`RuleError`] when the rule is not met.
    ///
    /// ```
    /// # #[cfg(feature = "testing")] {
    /// use doorward::{AccessToken, rules::RequestInfo, scope};
    ///
    /// let token = AccessToken::for_test().scopes("orders.read").token();
    /// let request = RequestInfo::new().with_method("GET").with_route("/orders");
    /// assert!(scope!("orders.read").authorize(&token, &request).is_ok());
    /// assert!(scope!("orders.write").authorize(&token, &request).is_err());
    /// # }
    /// ```
    pub fn authorize(
        &self,
        token: &AccessToken,
        request: &RequestInfo<'_>,
    ) -> Result<(), RuleError> {
        let mut evaluation = Evaluation::new(token, request);
        if evaluation.is_met(&self.0) { Ok(()) } else { Err(RuleError::new(&self.0, evaluation)) }
    }

    /// Returns the scopes that the rule names, each once.
    #[must_use]
    pub fn scopes(&self) -> Vec<&Scope> {
        let mut scopes = Vec::new();
        self.0.for_each_demand(&mut |demand| demand.add_scope(&mut scopes));
        scopes
    }

    /// Returns the scopes of the first alternative, each once: what a client may request that has no
    /// token yet.
    pub(crate) fn scopes_to_ask_for(&self) -> Vec<&Scope> {
        let mut scopes = Vec::new();
        for demand in nearest::first(&self.0) {
            demand.add_scope(&mut scopes);
        }
        scopes
    }
}

/// Shows the rule as the access map and the logs do.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl BitAnd for Rule {
    type Output = Self;

    /// Requires both rules.
    fn bitand(self, other: Self) -> Self {
        Self(self.0.and(other.0))
    }
}

impl BitOr for Rule {
    type Output = Self;

    /// Requires one of the two rules.
    fn bitor(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }
}
