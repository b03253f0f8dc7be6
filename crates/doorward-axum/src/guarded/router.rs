use std::fmt;

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use doorward::{
    Rule,
    access_map::{AccessMap, MappedAccess},
};

use super::GuardedRoute;
use crate::Gate;

/// A router each route of which says its rule, or that it is public. Everything else answers 404.
///
/// ```
/// use axum::routing::get;
/// use doorward::{rules::role, scope};
/// use doorward_axum::{AccessToken, Gate, guarded};
///
/// fn app(gate: Gate) -> axum::Router {
///     gate.router()
///         .public("/health", get(async || "ok"))
///         .route("/orders", guarded::get(scope!("orders.read"), list))
///         .route("/orders/{id}", guarded::delete(scope!("orders.write") & role("Admin"), list))
///         .with_state(gate)
/// }
///
/// async fn list(token: AccessToken) -> String {
///     format!("orders of {}", token.subject())
/// }
/// ```
#[must_use = "routes serve nothing until the router does"]
pub struct GuardedRouter<S = ()> {
    gate: Gate,
    router: Router<S>,
    map: AccessMap,
}

impl<S> GuardedRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    pub(crate) fn new(gate: Gate) -> Self {
        Self { gate, router: Router::new(), map: AccessMap::default() }
    }

    /// Adds a route that anybody reaches, with or without a token.
    ///
    /// # Panics
    ///
    /// As [`Router::route`] does: when the path is malformed or taken.
    pub fn public(mut self, path: &str, methods: MethodRouter<S>) -> Self {
        self.router = self.router.route(path, methods);
        self.map.add("*", path, MappedAccess::Public);
        self
    }

    /// Adds a route whose methods each have a rule. A method that it does not name answers 405, as
    /// on any route.
    ///
    /// # Panics
    ///
    /// As [`Router::route`] does: when the path is malformed or taken.
    pub fn route(mut self, path: &str, methods: impl GuardedRoute<State = S>) -> Self {
        let methods = methods.into_guards();
        methods.map(path, &mut self.map);
        self.router = self.router.route(path, methods.guard(&self.gate));
        self
    }

    /// Adds a foreign router, whatever its routes and its fallback are: all of it asks for this
    /// rule, also before a method that a route does not support is told. In the map it is one line,
    /// `/*`.
    ///
    /// # Panics
    ///
    /// As [`Router::merge`] does: when a path is taken.
    pub fn merge(mut self, rule: Rule, router: Router<S>) -> Self {
        self.map.add("*", "/*", MappedAccess::Rule(rule.clone()));
        // `layer` and not `route_layer`, which would leave the router's fallback without the rule.
        self.router = self.router.merge(router.layer(self.gate.require(rule)));
        self
    }

    /// Adds the routes of another guarded router below a path, each with its own rule.
    ///
    /// # Panics
    ///
    /// As [`Router::nest`] does: when the path is malformed, empty, or taken; also when it ends with
    /// `/`, which would be part of every path below it.
    #[track_caller]
    pub fn nest(mut self, path: &str, other: Self) -> Self {
        assert!(!path.ends_with('/'), "`{path}` ends with a slash: nest without it");
        self.map.add_all(path, &other.map);
        self.router = self.router.nest(path, other.router);
        self
    }

    /// Adds the routes of another guarded router, each with its own rule.
    ///
    /// # Panics
    ///
    /// As [`Router::merge`] does: when a path is taken.
    pub fn join(mut self, other: Self) -> Self {
        self.map.add_all("", &other.map);
        self.router = self.router.merge(other.router);
        self
    }

    /// Returns which route asks what, for reviewers.
    #[must_use]
    pub fn access_map(&self) -> AccessMap {
        let mut map = self.map.clone();
        if let Some(path) = self.gate.resource_metadata_path() {
            map.add("GET", path, MappedAccess::Public);
        }
        map
    }

    /// Sets the state and returns the plain router, ready to serve or to be nested. Routes that are
    /// added to it afterwards are not guarded.
    ///
    /// If the server has a [resource](doorward::ResourceServerBuilder::resource), the router serves
    /// its metadata to everybody, with the scopes of all rules. So it must not be nested below a
    /// path.
    pub fn with_state<S2>(self, state: S) -> Router<S2> {
        let router = if self.gate.resource_metadata_path().is_some() {
            self.router.layer(self.gate.metadata(self.map.scopes().into_iter().cloned()))
        } else {
            self.router
        };
        let router = if self.gate.answers_preflights() {
            router.layer(from_fn_with_state(self.gate, answer_preflight))
        } else {
            router
        };
        router.with_state(state)
    }
}

/// Answers a preflight before the choice of the method, for which no route has one.
async fn answer_preflight(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if gate.is_preflight_to_answer(&request) {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    }
}

impl<S> fmt::Debug for GuardedRouter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedRouter").field("map", &self.map).finish_non_exhaustive()
    }
}
