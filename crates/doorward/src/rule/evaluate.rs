use std::time::Duration;

use super::{ClaimValue, Kind, Rule};
use crate::{
    policy::{AccessToken, Actor},
    terms::{claim_path::ClaimPath, time::UnixTime},
};

impl Rule {
    /// Returns whether the token meets the rule. It allocates nothing.
    pub(super) fn is_met_by(&self, token: &AccessToken) -> bool {
        match &self.0 {
            Kind::Authenticated => true,
            Kind::Scope(scope) => token.grants(scope.as_str()),
            Kind::Role(role) => !role.is_empty() && token.roles().any(|granted| *granted == **role),
            Kind::Permission { path, name } => {
                let list = value_at(token, path);
                !name.is_empty() && list.is_some_and(|list| list.is(name) || list.holds(name))
            }
            Kind::Delegated => token.actor() == Actor::Delegated,
            Kind::AppOnly => token.actor() == Actor::AppOnly,
            Kind::Client(id) => !id.is_empty() && token.client_id() == Some(id),
            Kind::IssuedBy(name) => token.issuer() == &**name,
            Kind::Tenant(id) => !id.is_empty() && token.tenant_id() == Some(id),
            Kind::Acr(values) => values.iter().any(|value| has_acr(token, value)),
            Kind::MaxAge(age) => signed_in_within(token, *age).unwrap_or(false),
            Kind::Claim { path, predicate } => {
                value_at(token, path).is_some_and(|value| (predicate.0)(value))
            }
            Kind::Check { predicate, .. } => (predicate.0)(token),
            // Of nothing, nobody meets all: what is left out by mistake shall not let everybody in.
            Kind::All(rules) => !rules.is_empty() && rules.iter().all(|rule| rule.is_met_by(token)),
            Kind::Any(rules) => rules.iter().any(|rule| rule.is_met_by(token)),
        }
    }

    /// Returns whether signing in again may help to meet it.
    pub(super) const fn is_step_up(&self) -> bool {
        matches!(self.0, Kind::Acr(_) | Kind::MaxAge(_))
    }
}

fn value_at<'t>(token: &'t AccessToken, path: &ClaimPath) -> Option<ClaimValue<'t>> {
    token.value_at(path).map(ClaimValue::new)
}

/// Returns whether the client says that it can handle a claims challenge of Entra's.
pub(super) fn handles_claims_challenge(token: &AccessToken) -> bool {
    let capabilities = token.top_value("xms_cc").map(ClaimValue::new);
    capabilities.is_some_and(|list| ["cp1", "CP1"].into_iter().any(|one| list.holds(one)))
}

fn has_acr(token: &AccessToken, value: &str) -> bool {
    let top = |name| token.top_value(name).map(ClaimValue::new);
    let is_acr = top("acr").is_some_and(|acr| acr.is(value));
    let is_context =
        || token.sign_in().is_some() && top("acrs").is_some_and(|acrs| acrs.holds(value));
    !value.is_empty() && (is_acr || is_context())
}

/// Returns whether the user signed in no longer ago than this; `None` when nobody can tell.
fn signed_in_within(token: &AccessToken, age: Duration) -> Option<bool> {
    let at = ClaimValue::new(token.top_value("auth_time")?).as_f64()?;
    let signed_in = UnixTime::since_epoch(Duration::try_from_secs_f64(at).ok()?);
    let latest = token.admitted_at().saturating_add(token.leeway());
    let is_recent =
        token.admitted_at() <= signed_in.saturating_add(age).saturating_add(token.leeway());
    // A sign-in that is still to come is none.
    Some(is_recent && signed_in <= latest)
}
