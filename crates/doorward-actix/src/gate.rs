use actix_web::{HttpRequest, dev::Extensions};
use doorward::{
    AccessToken, ResourceServer, Rule, Scope,
    adapter::{self, Access, ResourceMetadata, RouteGuard, Verified},
};

use crate::{GuardTransform, Metadata, guarded::GuardedScope, head::Head};

/// Guards the routes of an actix API with a [`ResourceServer`]. Cloning is cheap.
///
/// [`guarded_scope`](Self::guarded_scope) begins a scope whose routes each name their rule. For
/// existing apps, [`require`](Self::require), [`authenticated`](Self::authenticated) and
/// [`optional`](Self::optional) return middleware for the `wrap` of a `Route`, a `Resource`, a `Scope`
/// or an `App`.
///
/// On a route, `wrap` comes after `to`, and an unsupported method stays 405. On the others, the
/// middleware runs before the method is matched, so a request without a token does not learn which
/// methods there are.
///
/// ```
/// use actix_web::web;
/// use doorward::scope;
/// use doorward_actix::Gate;
///
/// async fn list() -> &'static str {
///     "orders"
/// }
///
/// async fn create() -> &'static str {
///     "created"
/// }
///
/// fn orders(gate: &Gate) -> actix_web::Resource {
///     web::resource("/orders")
///         .route(web::get().to(list).wrap(gate.require(scope!("orders.read"))))
///         .route(web::post().to(create).wrap(gate.require(scope!("orders.write"))))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Gate(ResourceServer);

impl Gate {
    /// Creates the gate of a server.
    #[must_use]
    pub const fn new(server: ResourceServer) -> Self {
        Self(server)
    }

    /// Creates a gate for tests, without keys, network and runtime: see
    /// [`ResourceServer::for_test`]. It accepts only tokens of its own
    /// [`test_token`](Self::test_token).
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn for_test() -> Self {
        Self::new(ResourceServer::for_test())
    }

    /// Creates a token for a test, which this gate judges by its own configuration: see
    /// [`ResourceServer::test_token`].
    #[cfg(feature = "testing")]
    pub fn test_token(&self) -> doorward::testing::TestToken {
        self.0.test_token()
    }

    /// Returns the server, to change trusted issuers and to ask for the state of keys.
    #[must_use]
    pub const fn server(&self) -> &ResourceServer {
        &self.0
    }

    /// Returns middleware that lets a request pass only with a valid token that meets the rule.
    pub fn require(&self, rule: Rule) -> GuardTransform {
        self.guard(Access::Require(rule))
    }

    /// Returns middleware that lets a request pass with any valid token.
    pub fn authenticated(&self) -> GuardTransform {
        self.require(doorward::rules::authenticated())
    }

    /// Returns middleware that lets a request pass with a valid token or with none. An invalid token is
    /// rejected.
    pub fn optional(&self) -> GuardTransform {
        self.guard(Access::Optional)
    }

    fn guard(&self, access: Access) -> GuardTransform {
        GuardTransform::new(RouteGuard::new(&self.0, access))
    }

    /// Creates a scope, as [`web::scope`](actix_web::web::scope) does, each route of which names its
    /// rule, or is `public` or `optional`.
    ///
    /// # Panics
    ///
    /// If the prefix is not empty and does not begin with a slash, or ends with a slash or a star.
    #[track_caller]
    pub fn guarded_scope(&self, prefix: &str) -> GuardedScope {
        GuardedScope::new(self.clone(), prefix)
    }

    /// Returns the token that middleware of this gate has verified for the request with these
    /// extensions: for middleware and audit code behind it. `None` for an anonymous request, and for a
    /// token that another server has verified.
    ///
    /// Of several gates in front, this is about what the innermost one has decided.
    ///
    /// ```
    /// use actix_web::{HttpMessage, HttpRequest};
    /// use doorward_actix::Gate;
    ///
    /// fn subject(gate: &Gate, request: &HttpRequest) -> Option<String> {
    ///     gate.verified(&request.extensions()).map(|token| token.subject().to_owned())
    /// }
    /// ```
    #[must_use]
    pub fn verified<'e>(&self, extensions: &'e Extensions) -> Option<&'e AccessToken> {
        extensions.get::<Verified>()?.token_of(&self.0)
    }

    /// Returns whether the request is a CORS preflight to be answered with 204
    /// ([`answer_preflights`](doorward::ResourceServerBuilder::answer_preflights)). The gate's
    /// middleware does so itself; this is for what sees a preflight before the method is matched.
    #[must_use]
    pub fn answers_preflight(&self, request: &HttpRequest) -> bool {
        adapter::answers_preflight(&self.0, &Head::new(request))
    }

    /// Returns a service for an app that serves the protected resource metadata, with these scopes, if
    /// the server was built with a [resource](doorward::ResourceServerBuilder::resource). A guarded
    /// scope without a prefix serves it by itself.
    pub fn metadata(&self, scopes: impl IntoIterator<Item = Scope>) -> Metadata {
        Metadata::new(ResourceMetadata::new(&self.0, scopes))
    }
}
