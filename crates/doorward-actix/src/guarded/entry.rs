use actix_web::{
    HttpResponse, Resource, Route, Scope,
    web::{self, ServiceConfig},
};
use doorward::{
    Rule,
    access_map::{AccessMap, MappedAccess},
};

use super::{MethodGuards, pattern::Pattern};
use crate::{Gate, GuardTransform};

/// One entry of a guarded scope: its paths, what it requires, and what actix serves there.
pub(super) struct Entry {
    pattern: Pattern,
    served: Served,
}

enum Served {
    Public(Vec<Route>),
    Optional(GuardTransform, Vec<Route>),
    Guarded(Vec<(String, Rule)>, Vec<Route>),
    Mounted(MappedAccess, Option<GuardTransform>, Configure),
}

type Configure = Box<dyn FnOnce(&mut ServiceConfig)>;

impl Entry {
    #[track_caller]
    pub(super) fn public(path: &str, routes: Vec<Route>) -> Self {
        Self { pattern: Pattern::of_route(path), served: Served::Public(routes) }
    }

    #[track_caller]
    pub(super) fn optional(path: &str, routes: Vec<Route>, gate: &Gate) -> Self {
        let served = Served::Optional(gate.optional(), routes);
        Self { pattern: Pattern::of_route(path), served }
    }

    #[track_caller]
    pub(super) fn guarded(path: &str, methods: MethodGuards, gate: &Gate) -> Self {
        let repeated = methods.repeated();
        assert!(
            repeated.is_none(),
            "`{path}` has two handlers for the method `{}`",
            repeated.unwrap_or_default()
        );
        let served = Served::Guarded(methods.rules(), methods.guard(gate));
        Self { pattern: Pattern::of_route(path), served }
    }

    #[track_caller]
    pub(super) fn mounted(prefix: &str, rule: Rule, configure: Configure, gate: &Gate) -> Self {
        let guard = gate.require(rule.clone());
        let served = Served::Mounted(MappedAccess::Rule(rule), Some(guard), configure);
        Self { pattern: Pattern::of_prefix(prefix), served }
    }

    #[track_caller]
    pub(super) fn mounted_public(prefix: &str, configure: Configure) -> Self {
        let served = Served::Mounted(MappedAccess::Public, None, configure);
        Self { pattern: Pattern::of_prefix(prefix), served }
    }

    /// Returns the same entry below another path.
    #[track_caller]
    pub(super) fn below(self, prefix: &str) -> Self {
        Self { pattern: self.pattern.below(prefix), ..self }
    }

    /// Panics if no request would reach what is added after this.
    #[track_caller]
    pub(super) fn assert_leaves_paths_to(&self, later: &Self) {
        assert!(
            !self.pattern.takes_all_of(&later.pattern),
            "no request would reach `{}`: `{}`, which was added before, serves its paths",
            later.pattern.path(),
            self.pattern.path()
        );
    }

    /// Returns whether a fallback would get no request beside this entry.
    pub(super) fn serves_all_paths(&self) -> bool {
        self.pattern.takes_all_of(&Pattern::of_prefix(""))
    }

    /// Adds what the entry requires to the map.
    pub(super) fn map(&self, prefix: &str, map: &mut AccessMap) {
        let path = format!("{prefix}{}", self.pattern.path());
        match &self.served {
            Served::Public(_) => map.add("*", &path, MappedAccess::Public),
            Served::Optional(..) => map.add("*", &path, MappedAccess::Optional),
            Served::Guarded(rules, _) => {
                for (method, rule) in rules {
                    map.add(method, &path, MappedAccess::Rule(rule.clone()));
                }
            }
            Served::Mounted(access, ..) => map.add("*", &format!("{path}/*"), access.clone()),
        }
    }

    /// Adds the entry to an actix scope.
    pub(super) fn serve(self, scope: Scope) -> Scope {
        let path = self.pattern.path();
        match self.served {
            Served::Public(routes) | Served::Guarded(_, routes) => {
                scope.service(resource(path, routes))
            }
            Served::Optional(guard, routes) => scope.service(resource(path, routes).wrap(guard)),
            Served::Mounted(_, Some(guard), configure) => {
                scope.service(empty_scope(path).configure(configure).wrap(guard))
            }
            Served::Mounted(_, None, configure) => {
                scope.service(empty_scope(path).configure(configure))
            }
        }
    }
}

fn resource(path: &str, routes: Vec<Route>) -> Resource {
    routes.into_iter().fold(web::resource(path), Resource::route)
}

/// Returns a scope that answers 404 itself, whatever the app's default service is.
pub(super) fn empty_scope(prefix: &str) -> Scope {
    web::scope(prefix).default_service(web::to(HttpResponse::NotFound))
}
