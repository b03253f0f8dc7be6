use std::time::Duration;

use super::{ClaimValue, evaluation::Evaluation, nearest::nearest, requirement::Requirement};
use crate::{
    policy::{AccessToken, Principal},
    terms::scope::Scope,
};

/// The token lacks what the route's rule requires.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token does not meet the rule `{rule}`")]
pub struct RuleError {
    rule: String,
    principal: Box<Principal>,
    scopes: Box<[Scope]>,
    step_up: Option<Box<StepUp>>,
}

/// How the user must authenticate again, which is all that is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StepUp {
    pub(crate) acr_values: Vec<Box<str>>,
    pub(crate) max_age: Option<Duration>,
    /// Where Entra authenticates the user, if the client can handle its claims challenge.
    pub(crate) authorization_uri: Option<String>,
}

const NOT_MET: &str = "rule.not_met";
const STEP_UP: &str = "rule.step_up";

impl RuleError {
    pub(crate) const CODES: &'static [&'static str] = &[NOT_MET, STEP_UP];

    /// Describes what is missing of the alternative that is nearest to being met.
    pub(super) fn new(rule: &Requirement, mut evaluation: Evaluation<'_>) -> Self {
        let token = evaluation.token();
        let demands = nearest(rule, &mut evaluation).demands;
        let mut scopes = Vec::new();
        for (demand, _) in &demands {
            demand.add_scope(&mut scopes);
        }
        let missing = || demands.iter().filter(|(_, is_met)| !is_met).map(|(demand, _)| *demand);
        // To authenticate again does not help while something else is missing.
        let helps = missing().next().is_some() && missing().all(Requirement::is_step_up);
        let step_up = helps.then(|| Box::new(StepUp::of(missing(), token)));
        let principal = Principal::new(token.issuer(), token.client_id(), Some(token.subject()));
        Self {
            rule: rule.to_string(),
            principal: Box::new(principal),
            scopes: scopes.into_iter().cloned().collect(),
            step_up,
        }
    }

    pub(crate) const fn code(&self) -> &'static str {
        match self.step_up {
            None => NOT_MET,
            Some(_) => STEP_UP,
        }
    }

    /// Returns the rule as the access map and the logs show it.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Returns who sent the token.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Returns the scopes of the alternative that is nearest to being met, which a client may request
    /// from its issuer; empty when that alternative requires no scope.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// Returns how the user must authenticate again; `None` where that would not help.
    pub(crate) fn step_up(&self) -> Option<&StepUp> {
        self.step_up.as_deref()
    }
}

impl StepUp {
    fn of<'r>(missing: impl Iterator<Item = &'r Requirement>, token: &AccessToken) -> Self {
        let mut step_up = Self::default();
        for demand in missing {
            match demand {
                Requirement::Acr(values) => step_up.acr_values.extend(values.iter().cloned()),
                Requirement::MaxAge(age) => {
                    let shortest = step_up.max_age.map_or(*age, |other| other.min(*age));
                    step_up.max_age = Some(shortest);
                }
                _ => {}
            }
        }
        let sign_in = token.sign_in().filter(|_| handles_claims_challenge(token));
        step_up.authorization_uri = sign_in.map(str::to_owned);
        step_up
    }
}

/// Returns whether the client declares that it can handle a claims challenge of Entra.
fn handles_claims_challenge(token: &AccessToken) -> bool {
    let capabilities = token.top_value("xms_cc").map(ClaimValue::new);
    capabilities.is_some_and(|list| ["cp1", "CP1"].into_iter().any(|one| list.holds(one)))
}
