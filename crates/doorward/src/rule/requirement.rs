use std::{sync::Arc, time::Duration};

use super::{ClaimValue, RequestInfo};
use crate::{
    policy::AccessToken,
    terms::{claim_path::ClaimPath, scope::Scope},
};

/// A demand of a rule, or demands that are combined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Requirement {
    Authenticated,
    Scope(Scope),
    Role(Box<str>),
    Permission {
        path: ClaimPath,
        name: Box<str>,
    },
    Delegated,
    AppOnly,
    Client(Box<str>),
    IssuedBy(Box<str>),
    Tenant(Box<str>),
    Acr(Box<[Box<str>]>),
    MaxAge(Duration),
    Claim {
        path: ClaimPath,
        predicate: Predicate<ClaimPredicate>,
    },
    Check {
        name: Box<str>,
        predicate: Predicate<TokenPredicate>,
    },
    /// All of these. An empty list matches no token.
    All(Box<[Requirement]>),
    /// One of these. An empty list matches no token.
    Any(Box<[Requirement]>),
}

pub(super) type ClaimPredicate = dyn Fn(ClaimValue<'_>) -> bool + Send + Sync;
pub(super) type TokenPredicate = dyn Fn(&AccessToken, &RequestInfo<'_>) -> bool + Send + Sync;

/// A function that a user wrote; it equals its clones.
pub(super) struct Predicate<F: ?Sized>(pub(super) Arc<F>);

impl<F: ?Sized> Clone for Predicate<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F: ?Sized> PartialEq for Predicate<F> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<F: ?Sized> Eq for Predicate<F> {}

impl<F: ?Sized> std::fmt::Debug for Predicate<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("fn")
    }
}

impl Requirement {
    /// Combines the two; lists of demands are joined and not nested.
    pub(super) fn and(self, other: Self) -> Self {
        let demands = |requirement| match requirement {
            // An empty list matches no token, so it must not vanish in a longer one.
            Self::All(list) if !list.is_empty() => list.into_vec(),
            one => vec![one],
        };
        Self::All(demands(self).into_iter().chain(demands(other)).collect())
    }

    /// Offers the two as alternatives; lists of alternatives are joined and not nested.
    pub(super) fn or(self, other: Self) -> Self {
        let alternatives = |requirement| match requirement {
            Self::Any(list) => list.into_vec(),
            one => vec![one],
        };
        Self::Any(alternatives(self).into_iter().chain(alternatives(other)).collect())
    }

    /// Returns how many single demands it has.
    pub(super) fn demand_count(&self) -> usize {
        match self {
            Self::All(list) | Self::Any(list) => {
                list.iter().fold(0, |count, one| count.saturating_add(one.demand_count()))
            }
            _ => 1,
        }
    }

    /// Calls the function with each single demand, from left to right.
    pub(super) fn for_each_demand<'r>(&'r self, function: &mut impl FnMut(&'r Self)) {
        match self {
            Self::All(list) | Self::Any(list) => {
                for one in list {
                    one.for_each_demand(function);
                }
            }
            demand => function(demand),
        }
    }

    /// Adds the scope that it demands, if it is not in the list.
    pub(super) fn add_scope<'r>(&'r self, scopes: &mut Vec<&'r Scope>) {
        if let Self::Scope(scope) = self
            && !scopes.contains(&scope)
        {
            scopes.push(scope);
        }
    }

    /// Returns whether another authentication of the user can meet it.
    pub(super) const fn is_step_up(&self) -> bool {
        matches!(self, Self::Acr(_) | Self::MaxAge(_))
    }
}
