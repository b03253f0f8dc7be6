use std::ops::Deref;

use actix_web::{HttpMessage as _, HttpRequest, dev::Extensions};
use doorward::{
    AccessToken, ResourceServer, Rule, Scope,
    adapter::{Access, Authentication},
};

use crate::{GuardTransform, Metadata, fields::Fields, guarded::GuardedScope};

/// The entrance of an actix API. Cloning is cheap.
///
/// Its middleware goes on an `App`, a `Scope`, a `Resource` or a single `Route`, by `wrap`. On a
/// route it comes after `to`, and an unsupported method stays 405; on the others it stands before
/// the choice of the method, and a request without a token learns nothing of the methods.
///
/// It dereferences to its server, so issuers are added and removed by `gate.trust(…)` and
/// `gate.distrust(…)`, a key is dropped by `gate.forget_key(…)`, and `gate.health()` tells how keys
/// stand.
///
/// Extractors take the gate from the application's data: `.app_data(gate.clone())`, or
/// `.app_data(web::Data::new(gate))`.
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
    /// Opens the gate of a server.
    #[must_use]
    pub const fn new(server: ResourceServer) -> Self {
        Self(server)
    }

    /// Returns middleware that lets a request pass only with a valid token that meets the rule.
    pub fn require(&self, rule: Rule) -> GuardTransform {
        GuardTransform::new(self.clone(), Access::Require(rule))
    }

    /// Returns middleware that lets a request pass with any valid token.
    pub fn authenticated(&self) -> GuardTransform {
        self.require(doorward::rules::authenticated())
    }

    /// Returns middleware that lets a request pass with a valid token or with none; an invalid
    /// token is refused.
    pub fn optional(&self) -> GuardTransform {
        GuardTransform::new(self.clone(), Access::Optional)
    }

    /// Begins a scope, as [`web::scope`](actix_web::web::scope) does, on which every route says its
    /// rule or that it is public.
    ///
    /// # Panics
    ///
    /// When the prefix is neither empty nor begins with a slash, or ends with a slash or a star.
    #[track_caller]
    pub fn scope(&self, prefix: &str) -> GuardedScope {
        GuardedScope::new(self.clone(), prefix)
    }

    /// Returns the token that middleware of this same gate has verified for the request. What
    /// another gate has verified is not returned.
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
        extensions.get().filter(|token| self.0.has_verified(token))
    }

    /// Authenticates a request by its fields and extensions: a token that this gate has verified
    /// already is not verified again. In middleware of your own, the request is
    /// `ServiceRequest::request`.
    ///
    /// The future does not borrow the request.
    pub fn authenticate(&self, request: &HttpRequest) -> Authentication {
        let fields = Fields(request.headers());
        self.0.authenticate_request(&fields, request.extensions().get())
    }

    /// Returns a service for an app that serves the metadata of the resource, if the server has
    /// [one](doorward::ResourceServerBuilder::resource), with these scopes. A guarded scope without a
    /// prefix does so itself.
    pub fn metadata(&self, scopes: impl IntoIterator<Item = Scope>) -> Metadata {
        Metadata::new(self.0.clone(), scopes.into_iter().collect())
    }

    /// Returns whether the request is a preflight that is to be answered with 204 and nothing else
    /// ([`answer_preflights`](doorward::ResourceServerBuilder::answer_preflights)). The gate's
    /// middleware does so; this is for what stands before the choice of the method.
    #[must_use]
    pub fn is_preflight_to_answer(&self, request: &HttpRequest) -> bool {
        self.0.is_preflight_to_answer(request.method().as_str(), &Fields(request.headers()))
    }

    /// Returns the server behind the gate.
    #[must_use]
    pub const fn server(&self) -> &ResourceServer {
        &self.0
    }
}

impl Deref for Gate {
    type Target = ResourceServer;

    fn deref(&self) -> &ResourceServer {
        &self.0
    }
}
