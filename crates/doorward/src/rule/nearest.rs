use super::{Kind, Rule};
use crate::policy::AccessToken;

/// An alternative of a rule: its demands, and how many of them the token misses.
#[derive(Default)]
pub(super) struct Alternative<'r> {
    pub(super) demands: Vec<&'r Rule>,
    missing: usize,
}

/// Returns the demands of the alternative that is named first: what a client may ask for that has
/// no token yet.
pub(super) fn first(rule: &Rule) -> Vec<&Rule> {
    match &rule.0 {
        Kind::Any(rules) => rules.first().map(first).unwrap_or_default(),
        Kind::All(rules) => rules.iter().flat_map(first).collect(),
        _ => vec![rule],
    }
}

/// Returns the alternative of which the token misses the fewest demands; the first named of
/// several.
pub(super) fn nearest<'r>(rule: &'r Rule, token: &AccessToken) -> Alternative<'r> {
    match &rule.0 {
        Kind::All(rules) | Kind::Any(rules) if rules.is_empty() => {
            Alternative { demands: Vec::new(), missing: usize::MAX }
        }
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
                all.demands.extend(one.demands);
            }
            all
        }
        _ => {
            let missing = usize::from(!rule.is_met_by(token));
            Alternative { demands: vec![rule], missing }
        }
    }
}
