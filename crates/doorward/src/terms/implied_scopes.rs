use std::collections::{HashMap, HashSet};

use super::scope::Scope;

/// Which scopes imply which others.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImpliedScopes {
    /// For each scope, those that imply it, directly or through others.
    by: HashMap<Box<str>, Vec<Box<str>>>,
}

/// A scope that would imply itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cycle(pub(crate) Scope);

impl ImpliedScopes {
    /// Resolves implications between two scopes: `(one, another)` means that one implies another.
    pub(crate) fn resolve(pairs: &[(Scope, Scope)]) -> Result<Self, Cycle> {
        let mut by: HashMap<Box<str>, Vec<Box<str>>> = HashMap::new();
        for (_, implied) in pairs {
            let mut found: HashSet<&Scope> = HashSet::new();
            let mut ahead = vec![implied];
            while let Some(scope) = ahead.pop() {
                for (stronger, _) in pairs.iter().filter(|(_, weaker)| weaker == scope) {
                    if stronger == implied {
                        return Err(Cycle(implied.clone()));
                    }
                    if found.insert(stronger) {
                        ahead.push(stronger);
                    }
                }
            }
            let stronger = found.into_iter().map(|scope| scope.as_str().into()).collect();
            by.insert(implied.as_str().into(), stronger);
        }
        Ok(Self { by })
    }

    /// Returns an iterator over the scopes that imply this one.
    pub(crate) fn of(&self, scope: &str) -> impl Iterator<Item = &str> {
        self.by.get(scope).into_iter().flatten().map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&'static str, &'static str)]) -> Vec<(Scope, Scope)> {
        let scope = |text| Scope::parse(text).unwrap();
        list.iter().map(|(one, other)| (scope(*one), scope(*other))).collect()
    }

    #[test]
    fn a_scope_is_implied_by_whatever_way() {
        let said = pairs(&[("admin", "write"), ("write", "read"), ("audit", "read")]);
        let implied = ImpliedScopes::resolve(&said).unwrap();
        let by = |scope| {
            let mut by: Vec<_> = implied.of(scope).collect();
            by.sort_unstable();
            by
        };
        assert_eq!(by("read"), ["admin", "audit", "write"]);
        assert_eq!(by("write"), ["admin"]);
        assert!(by("admin").is_empty() && by("other").is_empty());
    }

    #[test]
    fn a_cycle_is_refused() {
        for list in [
            &[("a", "a")][..],
            &[("a", "b"), ("b", "a")],
            &[("a", "b"), ("b", "c"), ("c", "a")],
            &[("x", "a"), ("a", "b"), ("b", "a")],
        ] {
            assert!(ImpliedScopes::resolve(&pairs(list)).is_err(), "{list:?}");
        }
    }
}
