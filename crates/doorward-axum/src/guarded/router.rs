use std::fmt;

use axum::{Router, routing::MethodRouter};

use super::GuardedRoute;
use crate::Gate;

/// A router each route of which says its rule, or that it is public. Everything else answers 404.
///
/// ```
/// use axum::routing::get;
/// use doorward::{role, scope};
/// use doorward_axum::{AccessToken, Gate, guarded};
///
/// fn app(gate: Gate) -> axum::Router {
///     gate.router()
///         .public("/health", get(async || "ok"))
///         .route("/orders", guarded::get(scope!("orders.read"), list))
///         .route("/orders/{id}", guarded::delete(scope!("orders.write") & role!("Admin"), list))
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
}

impl<S> GuardedRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    pub(crate) fn new(gate: Gate) -> Self {
        Self { gate, router: Router::new() }
    }

    /// Adds a route that anybody reaches, with or without a token.
    ///
    /// # Panics
    ///
    /// As [`Router::route`] does: when the path is malformed or taken.
    pub fn public(mut self, path: &str, methods: MethodRouter<S>) -> Self {
        self.router = self.router.route(path, methods);
        self
    }

    /// Adds a route whose methods each have a rule. A method that it does not name answers 405, as
    /// on any route.
    ///
    /// # Panics
    ///
    /// As [`Router::route`] does: when the path is malformed or taken.
    pub fn route(mut self, path: &str, methods: impl GuardedRoute<S>) -> Self {
        let methods = methods.into_guards().guard(&self.gate);
        self.router = self.router.route(path, methods);
        self
    }

    /// Sets the state and returns the plain router, ready to serve or to be nested. Routes that are
    /// added to it afterwards are not guarded.
    pub fn with_state<S2>(self, state: S) -> Router<S2> {
        self.router.with_state(state)
    }
}

impl<S> fmt::Debug for GuardedRouter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedRouter").field("gate", &self.gate).finish_non_exhaustive()
    }
}
