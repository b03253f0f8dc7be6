use std::fmt;

use actix_web::{
    FromRequest, Handler, Responder, Route,
    body::{EitherBody, MessageBody},
    dev::{AppService, HttpServiceFactory, ServiceRequest, ServiceResponse},
    middleware::{Next, from_fn},
    web::{self, ServiceConfig},
};
use doorward::{
    Rule, Scope,
    access_map::{AccessMap, MappedAccess},
    adapter,
};

use super::{
    GuardedRoute, PlainRoute,
    entry::{Entry, empty_scope},
    pattern::assert_prefix,
};
use crate::{Gate, response::preflight_response};

/// A scope each route of which names its rule, or is public or optional. Every other path below its
/// prefix is answered 404, also if the app has a default service. (`OPTIONS *` has no path, so the
/// app's default service gets it.)
///
/// ```
/// use actix_web::{App, web};
/// use doorward::{rules::role, scope};
/// use doorward_actix::{AccessToken, Gate, OptionalToken, guarded};
///
/// fn api(gate: &Gate) -> guarded::GuardedScope {
///     gate.guarded_scope("")
///         .public("/health", web::get().to(async || "ok"))
///         .optional("/profile", web::get().to(profile))
///         .route("/orders", guarded::get(scope!("orders.read"), list))
///         .route("/orders/{id}", guarded::delete(scope!("orders.write") & role("Admin"), list))
/// }
///
/// async fn list(token: AccessToken) -> String {
///     format!("orders of {}", token.subject())
/// }
///
/// async fn profile(OptionalToken(token): OptionalToken) -> String {
///     token.map_or("anonymous".to_owned(), |token| token.subject().to_owned())
/// }
///
/// # fn app(gate: Gate) {
/// App::new().service(api(&gate));
/// # }
/// ```
///
/// # Paths
///
/// Paths are written as in [`web::scope`]: each is appended to the prefix, and `""` is the prefix
/// itself. Routes are matched in the order in which they were added. The first whose path matches
/// serves the request, under its own rule; a handler never runs under another rule.
///
/// Adding a route panics if an earlier one serves all its paths: `/orders/special` must come before
/// `/orders/{id}`. If two routes share only some paths, as `/{page}/help` and `/orders/{id}` do, the
/// map lists both and the first one serves the shared paths. A regular expression, as in
/// `{id:[0-9]+}`, may hide that an earlier route serves all paths.
///
/// # Middleware
///
/// Middleware around the whole scope is wrapped around a plain actix scope that holds it. It runs
/// before the gate:
///
/// ```
/// # use actix_web::{App, middleware::Logger, web};
/// # use doorward_actix::{Gate, guarded::GuardedScope};
/// # fn app(api: GuardedScope) {
/// App::new().service(web::scope("").wrap(Logger::default()).service(api));
/// # }
/// ```
///
/// # Other parts of the app
///
/// If the server has a [resource](doorward::ResourceServerBuilder::resource), a scope without a prefix
/// serves its metadata to everybody, with the scopes of all rules. Beside a scope with a prefix, add
/// [`Gate::metadata`] to the app.
///
/// What the app serves beside the scope is neither guarded by it nor in its map. If the prefixes of two
/// scopes of one app match a request, actix calls the first only: [`merge`](Self::merge) them.
#[must_use = "routes serve nothing until the app does"]
pub struct GuardedScope {
    gate: Gate,
    prefix: String,
    entries: Vec<Entry>,
    fallback: Option<Route>,
}

impl GuardedScope {
    #[track_caller]
    pub(crate) fn new(gate: Gate, prefix: &str) -> Self {
        assert_prefix(prefix);
        Self { gate, prefix: prefix.to_owned(), entries: Vec::new(), fallback: None }
    }

    /// Adds a route that every request reaches, whatever token it carries: an actix route, or an array
    /// of them. `HEAD` is answered only if one of them is for it.
    ///
    /// No gate of this router is in front of its handlers: without an outer gate, their extractors answer
    /// 500. If a token
    /// is optional, add the route by [`optional`](Self::optional).
    ///
    /// # Panics
    ///
    /// If the path is malformed, or an earlier route serves all its paths.
    #[track_caller]
    pub fn public(self, path: &str, routes: impl PlainRoute) -> Self {
        self.with(Entry::public(path, routes.into_routes()))
    }

    /// Adds a route for requests with a valid token and for requests without a token: an actix route,
    /// or an array of them. An invalid token is rejected, also before an unsupported method is answered
    /// 405. `HEAD` is answered only if one of them is for it.
    ///
    /// ```
    /// # use actix_web::web;
    /// # use doorward_actix::{Gate, OptionalToken, guarded};
    /// # fn api(gate: &Gate) -> guarded::GuardedScope {
    /// gate.guarded_scope("")
    ///     .optional("/profile", [web::get().to(profile), web::head().to(profile)])
    /// # }
    ///
    /// async fn profile(OptionalToken(token): OptionalToken) -> String {
    ///     token.map_or("anonymous".to_owned(), |token| token.subject().to_owned())
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// If the path is malformed, or an earlier route serves all its paths.
    #[track_caller]
    pub fn optional(self, path: &str, routes: impl PlainRoute) -> Self {
        let entry = Entry::optional(path, routes.into_routes(), &self.gate);
        self.with(entry)
    }

    /// Adds a route whose methods each have a rule. A method without a handler is answered 405.
    ///
    /// # Panics
    ///
    /// If a method has two handlers, the path is malformed, or an earlier route serves all its paths.
    #[track_caller]
    pub fn route(self, path: &str, methods: impl GuardedRoute) -> Self {
        let entry = Entry::guarded(path, methods.into_guards(), &self.gate);
        self.with(entry)
    }

    /// Adds foreign routes at the prefix and below it, with one rule for all of them and for their
    /// default service. The rule is checked before the method is matched. Routes that were added
    /// before keep their paths. In the map it is one line, the prefix and `/*`.
    ///
    /// ```
    /// # use actix_web::web::{self, ServiceConfig};
    /// # use doorward::scope;
    /// # use doorward_actix::{Gate, guarded};
    /// fn reports(config: &mut ServiceConfig) {
    ///     config.route("/{year}", web::get().to(async || "report"));
    /// }
    ///
    /// # fn api(gate: &Gate) -> guarded::GuardedScope {
    /// gate.guarded_scope("").mount("/reports", scope!("reports.read"), reports)
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the prefix is malformed, or an earlier entry serves all its paths.
    #[track_caller]
    pub fn mount(
        self,
        prefix: &str,
        rule: Rule,
        configure: impl FnOnce(&mut ServiceConfig) + 'static,
    ) -> Self {
        let entry = Entry::mounted(prefix, rule, Box::new(configure), &self.gate);
        self.with(entry)
    }

    /// Adds foreign routes at the prefix and below it, which every request reaches. In the map it is
    /// one line, the prefix and `/*`.
    ///
    /// # Panics
    ///
    /// If the prefix is malformed, or an earlier entry serves all its paths.
    #[track_caller]
    pub fn mount_public(
        self,
        prefix: &str,
        configure: impl FnOnce(&mut ServiceConfig) + 'static,
    ) -> Self {
        self.with(Entry::mounted_public(prefix, Box::new(configure)))
    }

    /// Adds the routes of another guarded scope below a path, each with its own rule. Unlike an actix
    /// scope inside another, it serves only the paths of its routes: other routes may lie below the
    /// same path.
    ///
    /// # Panics
    ///
    /// If the path is malformed or empty, if an earlier entry serves all paths of one of these, or if
    /// the other scope has a fallback.
    #[track_caller]
    pub fn nest(self, path: &str, mut other: Self) -> Self {
        assert!(!path.is_empty(), "the path is empty: add routes at the same level by `merge`");
        assert_prefix(path);
        other.prefix.insert_str(0, path);
        self.merge(other)
    }

    /// Adds the routes of another guarded scope, each with its own rule. The prefix of the other scope
    /// stays part of their paths.
    ///
    /// # Panics
    ///
    /// If an earlier entry serves all paths of one of these, or if the other scope has a fallback.
    #[track_caller]
    pub fn merge(mut self, other: Self) -> Self {
        assert!(
            other.fallback.is_none(),
            "the scope to add has a fallback: set it on the outermost scope"
        );
        for entry in other.entries {
            self = self.with(entry.below(&other.prefix));
        }
        self
    }

    /// Sets the handler for every path below the prefix that no entry serves. Every request reaches
    /// it, whatever token it carries. Default: such paths are answered 404. In the map it is one
    /// line, the prefix and `/*`.
    ///
    /// # Panics
    ///
    /// If the scope has a fallback already, or an entry serves all paths.
    #[track_caller]
    pub fn fallback<H, Args>(mut self, handler: H) -> Self
    where
        H: Handler<Args>,
        Args: FromRequest + 'static,
        H::Output: Responder + 'static,
    {
        assert!(self.fallback.is_none(), "the scope has a fallback already");
        self.fallback = Some(web::to(handler));
        self.assert_fallback_is_reached();
        self
    }

    /// Returns which route requires what, for reviewers.
    #[must_use]
    pub fn access_map(&self) -> AccessMap {
        let mut map = AccessMap::default();
        for entry in &self.entries {
            entry.map(&self.prefix, &mut map);
        }
        if self.fallback.is_some() {
            map.add("*", &format!("{}/*", self.prefix), MappedAccess::Public);
        }
        if let Some(path) = self.gate.metadata([]).path().filter(|_| self.is_at_the_root()) {
            map.add("GET", path, MappedAccess::Public);
        }
        map
    }

    fn is_at_the_root(&self) -> bool {
        self.prefix.is_empty()
    }

    #[track_caller]
    fn with(mut self, entry: Entry) -> Self {
        for earlier in &self.entries {
            earlier.assert_leaves_paths_to(&entry);
        }
        self.entries.push(entry);
        self.assert_fallback_is_reached();
        self
    }

    #[track_caller]
    fn assert_fallback_is_reached(&self) {
        assert!(
            self.fallback.is_none() || !self.entries.iter().any(Entry::serves_all_paths),
            "no request would reach the fallback: another entry serves all paths"
        );
    }
}

/// As a service, it is an actix scope with a resource for each route.
impl HttpServiceFactory for GuardedScope {
    fn register(self, config: &mut AppService) {
        let scope = empty_scope(&self.prefix);
        let scopes: Vec<Scope> = self.access_map().scopes().into_iter().cloned().collect();
        let metadata = self.gate.metadata(scopes).resource().filter(|_| self.is_at_the_root());
        let scope = metadata.into_iter().fold(scope, |scope, metadata| scope.service(metadata));
        let scope = self.entries.into_iter().fold(scope, |scope, entry| entry.serve(scope));
        let scope = self.fallback.into_iter().fold(scope, actix_web::Scope::default_service);
        if adapter::preflights_enabled(self.gate.server()) {
            let gate = self.gate;
            let answer = move |request, next| answer_preflight(gate.clone(), request, next);
            scope.wrap(from_fn(answer)).register(config);
        } else {
            scope.register(config);
        }
    }
}

/// Answers a preflight before the method is matched: no route has a handler for it.
async fn answer_preflight<B: MessageBody>(
    gate: Gate,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if gate.answers_preflight(request.request()) {
        let answer = request.into_response(preflight_response());
        return Ok(answer.map_into_right_body());
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

impl fmt::Debug for GuardedScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedScope").field("map", &self.access_map()).finish_non_exhaustive()
    }
}
