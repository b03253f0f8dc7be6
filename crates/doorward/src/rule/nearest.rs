use super::{Kind, Rule};
use crate::{policy::AccessToken, terms::scope::Scope};

/// An alternative of a rule: how many of its demands the token misses, and all its scopes.
#[derive(Default)]
struct Alternative {
    missing: usize,
    scopes: Vec<Scope>,
}

/// Returns all scopes of the alternative of which the token misses the fewest demands; the first
/// named of several.
pub(super) fn scopes_of_nearest_alternative(rule: &Rule, token: &AccessToken) -> Box<[Scope]> {
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in nearest(rule, token).scopes {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes.into()
}

fn nearest(rule: &Rule, token: &AccessToken) -> Alternative {
    match &rule.0 {
        Kind::Any(rules) => rules
            .iter()
            .map(|rule| nearest(rule, token))
            .min_by_key(|alternative| alternative.missing)
            .unwrap_or_default(),
        Kind::All(rules) => {
            let mut all = Alternative::default();
            for rule in rules {
                let one = nearest(rule, token);
                all.missing = all.missing.saturating_add(one.missing);
                all.scopes.extend(one.scopes);
            }
            all
        }
        Kind::Scope(scope) => {
            Alternative { missing: missing(rule, token), scopes: vec![scope.clone()] }
        }
        Kind::Authenticated | Kind::Role(_) | Kind::Delegated | Kind::AppOnly | Kind::Client(_) => {
            Alternative { missing: missing(rule, token), scopes: Vec::new() }
        }
    }
}

fn missing(demand: &Rule, token: &AccessToken) -> usize {
    usize::from(!demand.is_met_by(token))
}
