#[cfg(feature = "testing")]
use doorward::testing::TestToken;
use doorward::{ResourceServer, Rule, Scope};
use doorward_tower::{GuardLayer, MetadataLayer};
use http::{Extensions, Request};

use crate::{guarded::GuardedRouter, request_parts};

/// Guards the routes of an axum API with a [`ResourceServer`]. Cloning is cheap.
///
/// [`router`](Self::router) begins a router whose routes each name their rule. For existing routers,
/// [`require`](Self::require), [`authenticated`](Self::authenticated) and [`optional`](Self::optional)
/// return layers.
///
/// On a [`MethodRouter`](axum::routing::MethodRouter::route_layer), add a layer by `route_layer`, and an
/// unsupported method stays 405. On a whole [`Router`](axum::Router::route_layer), a layer runs before
/// the method is matched: `route_layer` guards the routes added so far, but neither the fallback nor
/// routes that are added later; [`layer`](axum::Router::layer) guards the fallback too.
///
/// ```
/// use axum::{Router, routing::get};
/// use doorward::scope;
/// use doorward_axum::{AccessToken, Gate};
///
/// fn app(gate: &Gate) -> Router {
///     Router::new()
///         .route("/orders", get(list).route_layer(gate.require(scope!("orders.read"))))
/// }
///
/// async fn list(token: AccessToken) -> String {
///     format!("orders of {}", token.subject())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Gate(doorward_tower::Gate);

impl Gate {
    /// Creates the gate of a server.
    #[must_use]
    pub fn new(server: ResourceServer) -> Self {
        let gate = doorward_tower::Gate::new(server)
            .route_from(request_parts::matched_path)
            .path_params_from(request_parts::path_params)
            .original_uri_from(request_parts::original_uri)
            .peer_from(request_parts::peer);
        Self(gate)
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
    pub fn test_token(&self) -> TestToken {
        self.0.test_token()
    }

    /// Returns the server, to change trusted issuers and to ask for the state of keys.
    #[must_use]
    pub const fn server(&self) -> &ResourceServer {
        self.0.server()
    }

    /// Returns a layer that lets a request pass only with a valid token that meets the rule.
    pub fn require(&self, rule: Rule) -> GuardLayer {
        self.0.require(rule)
    }

    /// Returns a layer that lets a request pass with any valid token.
    pub fn authenticated(&self) -> GuardLayer {
        self.0.authenticated()
    }

    /// Returns a layer that lets a request pass with a valid token or with none. An invalid token is
    /// rejected.
    pub fn optional(&self) -> GuardLayer {
        self.0.optional()
    }

    /// Creates a router each route of which names its rule, or is `public` or `optional`.
    pub fn router<S>(&self) -> GuardedRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        GuardedRouter::new(self.clone())
    }

    /// Returns the token that a layer or a guarded route of this gate has verified for the request with
    /// these extensions: for middleware and audit code behind it. `None` for an anonymous request, and
    /// for a token that another server has verified.
    ///
    /// Of several gates in front, this is about what the innermost one has decided.
    ///
    /// ```
    /// use axum::extract::Request;
    /// use doorward_axum::Gate;
    ///
    /// fn subject(gate: &Gate, request: &Request) -> Option<String> {
    ///     gate.verified(request.extensions()).map(|token| token.subject().to_owned())
    /// }
    /// ```
    #[must_use]
    pub fn verified<'e>(&self, extensions: &'e Extensions) -> Option<&'e doorward::AccessToken> {
        self.0.verified(extensions)
    }

    /// Returns whether the request is a CORS preflight to be answered with 204
    /// ([`answer_preflights`](doorward::ResourceServerBuilder::answer_preflights)). The gate's layers
    /// do so themselves; this is for what sees a preflight before the method is matched.
    #[must_use]
    pub fn answers_preflight<B>(&self, request: &Request<B>) -> bool {
        self.0.answers_preflight(request)
    }

    /// Returns a layer for an app that serves the protected resource metadata, with these scopes, if
    /// the server was built with a [resource](doorward::ResourceServerBuilder::resource). A guarded
    /// router serves it by itself.
    pub fn metadata(&self, scopes: impl IntoIterator<Item = Scope>) -> MetadataLayer {
        self.0.metadata(scopes)
    }
}
