use std::time::Duration;

use super::{Kind, Rule, evaluate::handles_claims_challenge, nearest::nearest};
use crate::{
    policy::{AccessToken, Principal},
    terms::scope::Scope,
};

/// The token lacks what the route's rule asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token does not meet the rule `{rule}`")]
pub struct RuleError {
    rule: String,
    principal: Box<Principal>,
    scopes: Box<[Scope]>,
    step_up: Option<Box<StepUp>>,
}

/// How the user must sign in again: all that is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StepUp {
    pub(crate) acr_values: Vec<Box<str>>,
    pub(crate) max_age: Option<Duration>,
    /// Where the user of Entra signs in, if the client can handle its claims challenge.
    pub(crate) authorization_uri: Option<String>,
}

impl RuleError {
    pub(super) fn new(rule: &Rule, token: &AccessToken) -> Self {
        let demands = nearest(rule, token).demands;
        let mut scopes: Vec<Scope> = Vec::new();
        for demand in &demands {
            if let Kind::Scope(scope) = &demand.0
                && !scopes.contains(scope)
            {
                scopes.push(scope.clone());
            }
        }
        let missing: Vec<&Rule> =
            demands.into_iter().filter(|demand| !demand.is_met_by(token)).collect();
        // Signing in again is no use while something else is missing.
        let helps = !missing.is_empty() && missing.iter().all(|demand| demand.is_step_up());
        let step_up = helps.then(|| Box::new(StepUp::of(&missing, token)));
        let principal = Principal::new(token.issuer(), token.client_id(), Some(token.subject()));
        Self {
            rule: rule.to_string(),
            principal: Box::new(principal),
            scopes: scopes.into(),
            step_up,
        }
    }

    pub(crate) const fn code(&self) -> &'static str {
        match self.step_up {
            None => "rule.not_met",
            Some(_) => "rule.step_up",
        }
    }

    /// Returns the rule as a reviewer would say it.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Returns who sent the token.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Returns the scopes of the alternative that is nearest to being met, which a client may ask
    /// its issuer for; none when that alternative asks for no scope.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// Returns how the user must sign in again; `None` where that would not help.
    pub(crate) fn step_up(&self) -> Option<&StepUp> {
        self.step_up.as_deref()
    }
}

impl StepUp {
    fn of(missing: &[&Rule], token: &AccessToken) -> Self {
        let mut step_up = Self::default();
        for demand in missing {
            match &demand.0 {
                Kind::Acr(values) => step_up.acr_values.extend(values.iter().cloned()),
                Kind::MaxAge(age) => {
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
