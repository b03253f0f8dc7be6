use std::net::SocketAddr;

#[cfg(feature = "testing")]
use doorward::testing::TestToken;
use doorward::{
    AccessToken, ResourceServer, Rule, Scope,
    adapter::{self, Access, RouteGuard, Verified},
};
use http::{Extensions, Request, Uri};

use crate::{GuardLayer, MetadataLayer, head::Head, router_view::RouterView};

/// Creates the layers that stand in front of the services of an API. Cloning is cheap, and all clones
/// share one [`ResourceServer`].
///
/// ```
/// # fn example(server: doorward::ResourceServer) {
/// use doorward::scope;
/// use doorward_tower::Gate;
///
/// let gate = Gate::new(server);
/// let layer = gate.require(scope!("orders.read"));
/// assert!(gate.server().health().is_ready());
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Gate {
    server: ResourceServer,
    router: RouterView,
}

impl Gate {
    /// Creates the gate of a server.
    #[must_use]
    pub fn new(server: ResourceServer) -> Self {
        Self { server, router: RouterView::default() }
    }

    /// Creates a gate for tests, without keys, network and runtime:
    /// see [`ResourceServer::for_test`]. It accepts only tokens of its own
    /// [`test_token`](Self::test_token).
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn for_test() -> Self {
        Self::new(ResourceServer::for_test())
    }

    /// Creates a token for a test, which this gate judges by its own configuration:
    /// see [`ResourceServer::test_token`].
    #[cfg(feature = "testing")]
    pub fn test_token(&self) -> TestToken {
        self.server.test_token()
    }

    /// Sets how the matched route of a request, as it was registered, is read from its extensions: for
    /// logs and [`on_decision`](doorward::ResourceServerBuilder::on_decision). Default: unknown. The gate
    /// of `doorward-axum` sets this and the following three.
    #[must_use]
    pub const fn route_from(mut self, route: fn(&Extensions) -> Option<&str>) -> Self {
        self.router.route = route;
        self
    }

    /// Sets how the path parameters of the matched route are read, name and percent-decoded value: for
    /// [`check`](doorward::rules::check). They are read only for a rule that asks for one. Default:
    /// none.
    #[must_use]
    pub const fn path_params_from(
        mut self,
        params: fn(&Extensions) -> Vec<(String, String)>,
    ) -> Self {
        self.router.path_params = params;
        self
    }

    /// Sets where a router that strips prefixes keeps the original URI of a request. Default: the
    /// request's own URI is the original one.
    #[must_use]
    pub const fn original_uri_from(mut self, uri: fn(&Extensions) -> Option<&Uri>) -> Self {
        self.router.original_uri = uri;
        self
    }

    /// Sets where the server keeps the address of the connection's peer. Default: an extension of the
    /// type [`SocketAddr`].
    #[must_use]
    pub const fn peer_from(mut self, peer: fn(&Extensions) -> Option<SocketAddr>) -> Self {
        self.router.peer = peer;
        self
    }

    /// Returns a layer that lets a request pass only with a valid token that meets the rule.
    pub fn require(&self, rule: Rule) -> GuardLayer {
        self.guard(Access::Require(rule))
    }

    /// Returns a layer that lets a request pass with any valid token.
    pub fn authenticated(&self) -> GuardLayer {
        self.require(doorward::rules::authenticated())
    }

    /// Returns a layer that lets a request pass with a valid token or with none. An invalid token is
    /// rejected.
    pub fn optional(&self) -> GuardLayer {
        self.guard(Access::Optional)
    }

    fn guard(&self, access: Access) -> GuardLayer {
        GuardLayer { guard: RouteGuard::new(&self.server, access), router: self.router }
    }

    /// Returns the token that a layer of this gate has verified for the request with these extensions:
    /// for services, middleware and audit code behind the layer. `None` for an anonymous request, and
    /// for a token that another server has verified.
    ///
    /// Of several layers of gates, this is about what the innermost one has decided.
    #[must_use]
    pub fn verified<'e>(&self, extensions: &'e Extensions) -> Option<&'e AccessToken> {
        extensions.get::<Verified>()?.token_of(&self.server)
    }

    /// Returns a layer that serves the metadata of the resource, if the server has
    /// [one](doorward::ResourceServerBuilder::resource), with these `scopes_supported`. It goes around
    /// the whole API.
    pub fn metadata(&self, scopes: impl IntoIterator<Item = Scope>) -> MetadataLayer {
        MetadataLayer::new(&self.server, scopes)
    }

    /// Returns whether the request is a CORS preflight to be answered with 204
    /// ([`answer_preflights`](doorward::ResourceServerBuilder::answer_preflights)). The gate's layers do
    /// so themselves; this is for routers, which see a preflight before they choose a route.
    #[must_use]
    pub fn answers_preflight<B>(&self, request: &Request<B>) -> bool {
        adapter::answers_preflight(&self.server, &Head::new(request, &self.router))
    }

    /// Returns the server, to change trusted issuers and to ask for the state of keys.
    #[must_use]
    pub const fn server(&self) -> &ResourceServer {
        &self.server
    }
}
