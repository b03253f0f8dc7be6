use std::{convert::Infallible, fmt};

use axum::{
    Router,
    extract::{Request, State},
    handler::Handler,
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodRouter, Route},
};
use doorward::{
    Rule,
    access_map::{AccessMap, MappedAccess},
    adapter::{self, ResourceMetadata},
};
use tower_layer::Layer;
use tower_service::Service;

use super::GuardedRoute;
use crate::Gate;

/// A router each route of which names its rule, or is public or optional. Every other path is answered
/// 404, unless the router has a [`fallback`](Self::fallback).
///
/// ```
/// use axum::{extract::State, routing::get};
/// use doorward::{rules::role, scope};
/// use doorward_axum::{AccessToken, Gate, guarded};
/// use std::sync::Arc;
///
/// struct AppState {
///     shop: String,
/// }
///
/// fn app(gate: &Gate, state: AppState) -> axum::Router {
///     gate.router()
///         .public("/health", get(async || "ok"))
///         .optional("/profile", get(profile))
///         .route("/orders", guarded::get(scope!("orders.read"), list))
///         .route("/orders/{id}", guarded::delete(scope!("orders.write") & role("Admin"), list))
///         .with_state(Arc::new(state))
/// }
///
/// async fn list(State(state): State<Arc<AppState>>, token: AccessToken) -> String {
///     format!("orders of {} at {}", token.subject(), state.shop)
/// }
///
/// async fn profile(token: Option<AccessToken>) -> String {
///     token.map_or("anonymous".to_owned(), |token| token.subject().to_owned())
/// }
/// ```
///
/// Paths are written and matched as in [`Router`]. Path parameters and the method are available to
/// [`check`](doorward::rules::check).
///
/// # Middleware
///
/// [`layer`](Self::layer) adds middleware around the guards of the routes that were added before. To run
/// behind a guard, middleware goes on a handler ([`Handler::layer`]) or, for a foreign router, on that
/// router.
///
/// If the server has a [resource](doorward::ResourceServerBuilder::resource), the router serves its
/// metadata to everybody, with the scopes of all rules. If the server
/// [answers preflights](doorward::ResourceServerBuilder::answer_preflights), the router does so for every
/// path. Both happen outside all layers, so the finished router must not be nested below a path.
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

    /// Adds a route that every request reaches, whatever token it carries.
    ///
    /// No gate of this router is in front of its handlers: without an outer gate, their extractors answer
    /// 500. If a token is
    /// optional, add the route by [`optional`](Self::optional).
    ///
    /// # Panics
    ///
    /// As [`Router::route`] does: if the path is malformed or taken.
    #[track_caller]
    pub fn public(mut self, path: &str, methods: MethodRouter<S>) -> Self {
        self.router = self.router.route(path, methods);
        self.map.add("*", path, MappedAccess::Public);
        self
    }

    /// Adds a route for requests with a valid token and for requests without a token. An invalid token
    /// is rejected, also before an unsupported method is answered 405.
    ///
    /// # Panics
    ///
    /// As [`Router::route`] does: if the path is malformed or taken.
    #[track_caller]
    pub fn optional(mut self, path: &str, methods: MethodRouter<S>) -> Self {
        // `layer` and not `route_layer`, which would leave a fallback of these methods without a gate.
        self.router = self.router.route(path, methods.layer(self.gate.optional()));
        self.map.add("*", path, MappedAccess::Optional);
        self
    }

    /// Adds a route whose methods each have a rule. A method without a handler is answered 405.
    ///
    /// # Panics
    ///
    /// If a method has two handlers, or the path is malformed or taken.
    #[track_caller]
    pub fn route(mut self, path: &str, methods: impl GuardedRoute<State = S>) -> Self {
        let methods = methods.into_guards();
        methods.map(path, &mut self.map);
        self.router = self.router.route(path, methods.guard(&self.gate));
        self
    }

    /// Adds a foreign router at the prefix and below it, with one rule for all its routes and for its
    /// fallback. The rule is checked before the method is matched. `/` adds it at the level of the
    /// other routes. In the map it is one line, the prefix and `/*`.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use doorward::scope;
    /// use doorward_axum::{Gate, guarded::GuardedRouter};
    ///
    /// fn api(gate: &Gate) -> GuardedRouter {
    ///     let reports = Router::new().route("/{year}", get(async || "report"));
    ///     gate.router().mount("/reports", scope!("reports.read"), reports)
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Router::nest`] and [`Router::merge`] do: if the prefix is malformed or a path is taken, or
    /// if both routers have a fallback at the same level.
    #[track_caller]
    pub fn mount(self, prefix: &str, rule: Rule, router: Router<S>) -> Self {
        // `layer` and not `route_layer`, which would leave the router's fallback without the rule.
        let guarded = router.layer(self.gate.require(rule.clone()));
        self.with_foreign(prefix, MappedAccess::Rule(rule), guarded)
    }

    /// Adds a foreign router at the prefix and below it, which every request reaches. `/` adds it at
    /// the level of the other routes. In the map it is one line, the prefix and `/*`.
    ///
    /// # Panics
    ///
    /// As [`mount`](Self::mount) does.
    #[track_caller]
    pub fn mount_public(self, prefix: &str, router: Router<S>) -> Self {
        self.with_foreign(prefix, MappedAccess::Public, router)
    }

    #[track_caller]
    fn with_foreign(mut self, prefix: &str, access: MappedAccess, router: Router<S>) -> Self {
        if prefix.is_empty() || prefix == "/" {
            self.map.add("*", "/*", access);
            self.router = self.router.merge(router);
        } else {
            assert_prefix(prefix);
            self.map.add("*", &format!("{prefix}/*"), access);
            self.router = self.router.nest(prefix, router);
        }
        self
    }

    /// Adds the routes of another guarded router below a path, each with its own rule.
    ///
    /// # Panics
    ///
    /// As [`Router::nest`] does: if the path is malformed, empty or taken. Also if it ends with `/`,
    /// which would be part of every path below it.
    #[track_caller]
    pub fn nest(mut self, path: &str, other: Self) -> Self {
        assert_prefix(path);
        self.map.add_all(path, &other.map);
        self.router = self.router.nest(path, other.router);
        self
    }

    /// Adds the routes of another guarded router, each with its own rule.
    ///
    /// # Panics
    ///
    /// As [`Router::merge`] does: if a path is taken, or if both routers have a fallback.
    #[track_caller]
    pub fn merge(mut self, other: Self) -> Self {
        self.map.add_all("", &other.map);
        self.router = self.router.merge(other.router);
        self
    }

    /// Adds middleware around the routes, and the fallback, that were added so far, as
    /// [`Router::layer`] does. It runs before their guards: it sees rejected requests and their
    /// answers, and what it answers itself is not guarded. Of several layers, the one added last runs
    /// first.
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.router = self.router.layer(layer);
        self
    }

    /// Sets the handler for every path that no route serves. Every request reaches it, whatever token
    /// it carries. Default: such paths are answered 404. In the map it is one line, `/*`.
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.map.add("*", "/*", MappedAccess::Public);
        self.router = self.router.fallback(handler);
        self
    }

    /// Returns which route requires what, for reviewers.
    #[must_use]
    pub fn access_map(&self) -> AccessMap {
        let mut map = self.map.clone();
        if let Some(metadata) = ResourceMetadata::new(self.gate.server(), []) {
            map.add("GET", metadata.path(), MappedAccess::Public);
        }
        map
    }

    /// Sets the state and returns the plain router, ready to be served. Routes that are added to it
    /// afterwards are not guarded.
    pub fn with_state<S2>(self, state: S) -> Router<S2> {
        self.into_router().with_state(state)
    }

    /// Returns the plain router without setting its state, to be merged with others that have the same
    /// one. Routes that are added to it afterwards are not guarded.
    pub fn into_router(self) -> Router<S> {
        let Self { gate, mut router, map } = self;
        if ResourceMetadata::new(gate.server(), []).is_some() {
            router = router.layer(gate.metadata(map.scopes().into_iter().cloned()));
        }
        if adapter::preflights_enabled(gate.server()) {
            router = router.layer(from_fn_with_state(gate, answer_preflight));
        }
        router
    }
}

#[track_caller]
fn assert_prefix(path: &str) {
    assert!(!path.ends_with('/'), "`{path}` ends with a slash: write it without");
}

/// Answers a preflight before the method is matched: no route has a handler for it.
async fn answer_preflight(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if gate.answers_preflight(&request) {
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
