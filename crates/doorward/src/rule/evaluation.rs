use std::time::Duration;

use super::{ClaimValue, RequestInfo, requirement::Requirement};
use crate::{
    policy::{AccessToken, Actor},
    terms::{claim_path::ClaimPath, time::UnixTime},
};

/// One evaluation of one rule: what the token and the request meet of it.
///
/// Each demand is evaluated once at most, and its result is kept by its position in the rule: a
/// function that a user wrote may be slow, and may not return the same result twice. The results of
/// the first 64 demands need no allocation.
pub(super) struct Evaluation<'a> {
    token: &'a AccessToken,
    request: &'a RequestInfo<'a>,
    evaluated: u64,
    met: u64,
    /// The results of the demands after the first 64.
    more: Vec<Option<bool>>,
}

impl<'a> Evaluation<'a> {
    pub(super) const fn new(token: &'a AccessToken, request: &'a RequestInfo<'a>) -> Self {
        Self { token, request, evaluated: 0, met: 0, more: Vec::new() }
    }

    pub(super) const fn token(&self) -> &'a AccessToken {
        self.token
    }

    /// Returns whether the whole rule is met. Alternatives after one that is met, and demands after
    /// one that is not, are not evaluated.
    pub(super) fn is_met(&mut self, rule: &Requirement) -> bool {
        self.is_met_from(rule, 0)
    }

    /// Returns whether the requirement is met whose first demand has this position in the rule.
    fn is_met_from(&mut self, requirement: &Requirement, position: usize) -> bool {
        let mut next = position;
        let mut is_met = |one: &Requirement| {
            let is_met = self.is_met_from(one, next);
            next = next.saturating_add(one.demand_count());
            is_met
        };
        match requirement {
            // With nothing to meet, no token is let in: a list may be empty by mistake.
            Requirement::All(list) => !list.is_empty() && list.iter().all(is_met),
            Requirement::Any(list) => list.iter().any(&mut is_met),
            demand => self.meets(demand, position),
        }
    }

    /// Returns whether the single demand at this position in the rule is met.
    pub(super) fn meets(&mut self, demand: &Requirement, position: usize) -> bool {
        if let Some(is_met) = self.result(position) {
            return is_met;
        }
        let is_met = is_met_by(demand, self.token, self.request);
        self.keep(position, is_met);
        is_met
    }

    fn result(&self, position: usize) -> Option<bool> {
        match bit(position) {
            Some(bit) => (self.evaluated & bit != 0).then_some(self.met & bit != 0),
            None => self.more.get(position).copied().flatten(),
        }
    }

    fn keep(&mut self, position: usize, is_met: bool) {
        let Some(bit) = bit(position) else {
            if self.more.len() <= position {
                self.more.resize(position.saturating_add(1), None);
            }
            if let Some(result) = self.more.get_mut(position) {
                *result = Some(is_met);
            }
            return;
        };
        self.evaluated |= bit;
        if is_met {
            self.met |= bit;
        }
    }
}

/// Returns the bit for a position; `None` for one that has none.
fn bit(position: usize) -> Option<u64> {
    1_u64.checked_shl(u32::try_from(position).ok()?)
}

fn is_met_by(demand: &Requirement, token: &AccessToken, request: &RequestInfo<'_>) -> bool {
    match demand {
        Requirement::Authenticated => true,
        Requirement::Scope(scope) => token.grants(scope.as_str()),
        Requirement::Role(role) => {
            !role.is_empty() && token.roles().any(|granted| *granted == **role)
        }
        Requirement::Permission { path, name } => {
            let list = value_at(token, path);
            !name.is_empty() && list.is_some_and(|list| list.is(name) || list.holds(name))
        }
        Requirement::Delegated => token.actor() == Actor::Delegated,
        Requirement::AppOnly => token.actor() == Actor::AppOnly,
        Requirement::Client(id) => !id.is_empty() && token.client_id() == Some(id),
        Requirement::IssuedBy(name) => token.issuer() == &**name,
        Requirement::Tenant(id) => {
            let is_it = |tenant: &str| tenant.eq_ignore_ascii_case(id);
            !id.is_empty() && token.tenant_id().is_some_and(is_it)
        }
        Requirement::Acr(values) => values.iter().any(|value| has_acr(token, value)),
        Requirement::MaxAge(age) => authenticated_within(token, *age).unwrap_or(false),
        Requirement::Claim { path, predicate } => {
            value_at(token, path).is_some_and(|value| (predicate.0)(value))
        }
        Requirement::Check { predicate, .. } => (predicate.0)(token, request),
        // Combined requirements are taken apart before.
        Requirement::All(_) | Requirement::Any(_) => false,
    }
}

fn value_at<'t>(token: &'t AccessToken, path: &ClaimPath) -> Option<ClaimValue<'t>> {
    token.value_at(path).map(ClaimValue::new)
}

fn has_acr(token: &AccessToken, value: &str) -> bool {
    let top = |name| token.top_value(name).map(ClaimValue::new);
    let is_acr = top("acr").is_some_and(|acr| acr.is(value));
    let is_context =
        || token.sign_in().is_some() && top("acrs").is_some_and(|acrs| acrs.holds(value));
    !value.is_empty() && (is_acr || is_context())
}

/// Returns whether the user authenticated no longer ago than this; `None` when the token does not say.
fn authenticated_within(token: &AccessToken, age: Duration) -> Option<bool> {
    let at = ClaimValue::new(token.top_value("auth_time")?).as_f64()?;
    let authenticated = UnixTime::since_epoch(Duration::try_from_secs_f64(at).ok()?);
    let latest = token.admitted_at().saturating_add(token.leeway());
    let is_recent =
        token.admitted_at() <= authenticated.saturating_add(age).saturating_add(token.leeway());
    // An authentication in the future is none.
    Some(is_recent && authenticated <= latest)
}
