use actix_web::{
    HttpResponse, Route, Scope,
    http::Method,
    web::{self, ServiceConfig},
};
use doorward::{
    Rule,
    access_map::{AccessMap, MappedAccess},
};

use super::{MethodGuards, pattern::Pattern};
use crate::{Gate, GuardTransform};

/// Something of a scope: at which paths, what it asks, and what actix serves there.
pub(super) struct Entry {
    pattern: Pattern,
    served: Served,
}

enum Served {
    Public(Vec<Route>),
    Guarded(Vec<(Method, Rule)>, Vec<Route>),
    Foreign(Rule, GuardTransform, Configure),
}

type Configure = Box<dyn FnOnce(&mut ServiceConfig)>;

impl Entry {
    #[track_caller]
    pub(super) fn public(path: &str, routes: Vec<Route>) -> Self {
        Self { pattern: Pattern::of_route(path), served: Served::Public(routes) }
    }

    #[track_caller]
    pub(super) fn guarded(path: &str, methods: MethodGuards, gate: &Gate) -> Self {
        let repeated = methods.repeated();
        assert!(repeated.is_none(), "two handlers of `{path}` are for one method: {repeated:?}");
        let served = Served::Guarded(methods.rules(), methods.guard(gate));
        Self { pattern: Pattern::of_route(path), served }
    }

    #[track_caller]
    pub(super) fn foreign(prefix: &str, rule: Rule, configure: Configure, gate: &Gate) -> Self {
        let guard = gate.require(rule.clone());
        let served = Served::Foreign(rule, guard, configure);
        Self { pattern: Pattern::of_prefix(prefix), served }
    }

    /// The same below another path.
    #[track_caller]
    pub(super) fn below(self, prefix: &str) -> Self {
        Self { pattern: self.pattern.below(prefix), ..self }
    }

    /// Checks that requests are left for what comes after this.
    #[track_caller]
    pub(super) fn assert_leaves_paths_to(&self, later: &Self) {
        assert!(
            !self.pattern.takes_all_of(&later.pattern),
            "no request would reach `{}`: `{}`, which was added before, takes its paths",
            later.pattern.path(),
            self.pattern.path()
        );
    }

    /// Writes what it asks into the map.
    pub(super) fn map(&self, prefix: &str, map: &mut AccessMap) {
        let path = format!("{prefix}{}", self.pattern.path());
        match &self.served {
            Served::Public(_) => map.add("*", &path, MappedAccess::Public),
            Served::Guarded(rules, _) => {
                for (method, rule) in rules {
                    map.add(method.as_str(), &path, MappedAccess::Rule(rule.clone()));
                }
            }
            Served::Foreign(rule, ..) => {
                map.add("*", &format!("{path}/*"), MappedAccess::Rule(rule.clone()));
            }
        }
    }

    /// Adds it to a scope of actix's.
    pub(super) fn serve(self, scope: Scope) -> Scope {
        let path = self.pattern.path();
        match self.served {
            Served::Public(routes) | Served::Guarded(_, routes) => scope
                .service(routes.into_iter().fold(web::resource(path), |all, one| all.route(one))),
            Served::Foreign(_, guard, configure) => {
                scope.service(empty_scope(path).configure(configure).wrap(guard))
            }
        }
    }
}

/// A scope that answers 404 itself, whatever the default service of the app is.
pub(super) fn empty_scope(prefix: &str) -> Scope {
    web::scope(prefix).default_service(web::to(HttpResponse::NotFound))
}
