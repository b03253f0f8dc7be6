use std::fmt;

use actix_web::{
    body::{EitherBody, MessageBody},
    dev::{AppService, HttpServiceFactory, ServiceRequest, ServiceResponse},
    middleware::{Next, from_fn},
    web::ServiceConfig,
};
use doorward::{
    Rule, Scope,
    access_map::{AccessMap, MappedAccess},
};

use super::{
    GuardedRoute, PublicRoute,
    entry::{Entry, empty_scope},
    pattern::assert_prefix,
};
use crate::{Gate, response};

/// A scope each route of which says its rule, or that it is public. Every other path below its prefix
/// answers 404, also where the app has a default service (which `OPTIONS *` reaches: it has no path).
///
/// ```
/// use actix_web::{App, web};
/// use doorward::{rules::role, scope};
/// use doorward_actix::{AccessToken, Gate, guarded};
///
/// fn api(gate: &Gate) -> guarded::GuardedScope {
///     gate.scope("")
///         .public("/health", web::get().to(async || "ok"))
///         .route("/orders", guarded::get(scope!("orders.read"), list))
///         .route("/orders/{id}", guarded::delete(scope!("orders.write") & role("Admin"), list))
/// }
///
/// async fn list(token: AccessToken) -> String {
///     format!("orders of {}", token.subject())
/// }
///
/// # fn app(gate: Gate) {
/// App::new().app_data(gate.clone()).service(api(&gate));
/// # }
/// ```
///
/// Paths are as in [`web::scope`](actix_web::web::scope): each is appended to the prefix, `""` is the
/// prefix itself, and the routes are asked in the order in which they were added. The first whose path
/// fits answers, under its own rule; a handler runs under no other.
///
/// A route is refused if one before it takes all its paths: `/orders/special` comes before
/// `/orders/{id}`. Where two take some of the same, as `/{page}/help` and `/orders/{id}` do, the map
/// tells both and the first answers. Of expressions, as in `{id:[0-9]+}`, it cannot always be seen that
/// they take all.
///
/// If the server has a [resource](doorward::ResourceServerBuilder::resource), a scope without a prefix
/// serves its metadata to everybody, with the scopes of all rules; beside one with a prefix,
/// [`Gate::metadata`] does on the app.
///
/// What the app serves beside the scope is not guarded by it and not in its map. Of two scopes on one
/// app whose prefixes fit, actix asks the first alone: [`join`](Self::join) them.
#[must_use = "routes serve nothing until the app does"]
pub struct GuardedScope {
    gate: Gate,
    prefix: String,
    entries: Vec<Entry>,
}

impl GuardedScope {
    #[track_caller]
    pub(crate) fn new(gate: Gate, prefix: &str) -> Self {
        assert_prefix(prefix);
        Self { gate, prefix: prefix.to_owned(), entries: Vec::new() }
    }

    /// Adds a route that anybody reaches, with or without a token: one of actix's, or an array of
    /// them. `HEAD` is answered only if a route is for it.
    ///
    /// Nothing stands before its handlers. One that extracts `Option<AccessToken>` would take a
    /// forged token for none; extract [`OptionalToken`](crate::OptionalToken), or wrap the route in
    /// [`Gate::optional`], which refuses such a token whatever the handler extracts:
    ///
    /// ```
    /// # use actix_web::web;
    /// # use doorward_actix::{AccessToken, Gate, OptionalToken, guarded};
    /// # fn api(gate: &Gate) -> guarded::GuardedScope {
    /// gate.scope("")
    ///     .public("/profile", [web::get().to(profile), web::head().to(profile)])
    ///     .public("/offers", web::get().to(offers).wrap(gate.optional()))
    /// # }
    /// # async fn offers() -> &'static str { "" }
    ///
    /// async fn profile(OptionalToken(token): OptionalToken) -> String {
    ///     token.map_or("anonymous".to_owned(), |token| token.subject().to_owned())
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// When the path is malformed, or a route before this takes all its paths.
    #[track_caller]
    pub fn public(self, path: &str, routes: impl PublicRoute) -> Self {
        self.with(Entry::public(path, routes.into_routes()))
    }

    /// Adds a route whose methods each have a rule. A method that it does not name answers 405, as
    /// on any resource.
    ///
    /// # Panics
    ///
    /// When two handlers are for one method, the path is malformed, or a route before this takes all
    /// its paths.
    #[track_caller]
    pub fn route(self, path: &str, methods: impl GuardedRoute) -> Self {
        let entry = Entry::guarded(path, methods.into_guards(), &self.gate);
        self.with(entry)
    }

    /// Adds foreign routes at the prefix and below it, whatever they and their default service are:
    /// all of it asks for this rule, also before a method that a route does not support is told.
    /// What was added before keeps its paths. In the map it is one line, the prefix and `/*`.
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
    /// gate.scope("").merge("/reports", scope!("reports.read"), reports)
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When the prefix is malformed, or something before this takes all its paths.
    #[track_caller]
    pub fn merge(
        self,
        prefix: &str,
        rule: Rule,
        configure: impl FnOnce(&mut ServiceConfig) + 'static,
    ) -> Self {
        let entry = Entry::foreign(prefix, rule, Box::new(configure), &self.gate);
        self.with(entry)
    }

    /// Adds the routes of another guarded scope below a path, each with its own rule. Other routes
    /// may lie below the same path: unlike a scope in a scope of actix's, this one takes no requests
    /// but those of its routes.
    ///
    /// # Panics
    ///
    /// When the path is malformed or empty, or a route before takes all paths of one of these.
    #[track_caller]
    pub fn nest(self, path: &str, mut other: Self) -> Self {
        assert!(!path.is_empty(), "routes at the same level are added by `join`");
        assert_prefix(path);
        other.prefix.insert_str(0, path);
        self.join(other)
    }

    /// Adds the routes of another guarded scope, each with its own rule. The other's prefix stays
    /// part of their paths.
    ///
    /// # Panics
    ///
    /// When a route before takes all paths of one of these.
    #[track_caller]
    pub fn join(mut self, other: Self) -> Self {
        for entry in other.entries {
            self = self.with(entry.below(&other.prefix));
        }
        self
    }

    /// Returns which route asks what, for reviewers.
    #[must_use]
    pub fn access_map(&self) -> AccessMap {
        let mut map = AccessMap::default();
        for entry in &self.entries {
            entry.map(&self.prefix, &mut map);
        }
        if let Some(path) = self.gate.resource_metadata_path().filter(|_| self.is_at_the_root()) {
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
        self
    }
}

/// As a service, it is a scope of actix's with a resource for each route.
impl HttpServiceFactory for GuardedScope {
    fn register(self, config: &mut AppService) {
        let scope = empty_scope(&self.prefix);
        let scopes: Vec<Scope> = self.access_map().scopes().into_iter().cloned().collect();
        let metadata = self.gate.metadata(scopes).resource().filter(|_| self.is_at_the_root());
        let scope = metadata.into_iter().fold(scope, |scope, metadata| scope.service(metadata));
        let scope = self.entries.into_iter().fold(scope, |scope, entry| entry.serve(scope));
        if self.gate.answers_preflights() {
            let gate = self.gate;
            let answer = move |request, next| answer_preflight(gate.clone(), request, next);
            scope.wrap(from_fn(answer)).register(config);
        } else {
            scope.register(config);
        }
    }
}

/// Answers a preflight before the choice of the method, for which no route has one.
async fn answer_preflight<B: MessageBody>(
    gate: Gate,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if gate.is_preflight_to_answer(request.request()) {
        let answer = request.into_response(response::answer_preflight());
        return Ok(answer.map_into_right_body());
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

impl fmt::Debug for GuardedScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedScope").field("map", &self.access_map()).finish_non_exhaustive()
    }
}
