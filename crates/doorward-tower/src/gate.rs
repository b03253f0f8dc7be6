use std::ops::Deref;

use doorward::{
    AccessToken, ResourceServer, Rule, Scope,
    adapter::{Access, Authentication},
};
use http::{Extensions, HeaderMap, Request};

use crate::{GuardLayer, MetadataLayer, fields::Fields};

/// The entrance of an API: a [`ResourceServer`] for `http` requests. Cloning is cheap.
///
/// It dereferences to its server, so issuers are added and removed by `gate.trust(…)` and
/// `gate.distrust(…)`, a key is dropped by `gate.forget_key(…)`, and `gate.health()` tells how keys
/// stand.
#[derive(Clone, Debug)]
pub struct Gate {
    server: ResourceServer,
    route: RouteOf,
}

/// How a router tells which of its routes a request has matched.
type RouteOf = fn(&Extensions) -> Option<&str>;

impl Gate {
    /// Opens the gate of a server.
    #[must_use]
    pub const fn new(server: ResourceServer) -> Self {
        Self { server, route: |_| None }
    }

    /// Says how the matched route of a request, as it was registered, is found among its extensions,
    /// for logs and [`on_refusal`](doorward::ResourceServerBuilder::on_refusal): for routers that
    /// put it there. The gate of `doorward-axum` does.
    #[must_use]
    pub const fn routes_by(mut self, route: fn(&Extensions) -> Option<&str>) -> Self {
        self.route = route;
        self
    }

    /// Returns a layer that lets a request pass only with a valid token that meets the rule.
    pub fn require(&self, rule: Rule) -> GuardLayer {
        GuardLayer::new(self.clone(), Access::Require(rule))
    }

    /// Returns a layer that lets a request pass with any valid token.
    pub fn authenticated(&self) -> GuardLayer {
        self.require(doorward::rules::authenticated())
    }

    /// Returns a layer that lets a request pass with a valid token or with none; an invalid token
    /// is refused.
    pub fn optional(&self) -> GuardLayer {
        GuardLayer::new(self.clone(), Access::Optional)
    }

    /// Returns the token that a layer of this same gate has verified for the request. What another
    /// gate has verified is not returned.
    #[must_use]
    pub fn verified<'e>(&self, extensions: &'e Extensions) -> Option<&'e AccessToken> {
        extensions.get().filter(|token| self.server.has_verified(token))
    }

    /// Authenticates a request by its fields and extensions: a token that this gate has verified
    /// already is not verified again.
    pub fn authenticate(&self, fields: &HeaderMap, extensions: &Extensions) -> Authentication {
        self.server.authenticate_request(&Fields(fields), extensions.get())
    }

    /// Returns a layer that serves the metadata of the resource, if the server has
    /// [one](doorward::ResourceServerBuilder::resource), with these scopes; it goes around the whole
    /// API.
    pub fn metadata(&self, scopes: impl IntoIterator<Item = Scope>) -> MetadataLayer {
        MetadataLayer::new(self.server.clone(), scopes.into_iter().collect())
    }

    /// Returns whether the request is a preflight that is to be answered with 204 and nothing else
    /// ([`answer_preflights`](doorward::ResourceServerBuilder::answer_preflights)). The gate's layers
    /// do so; this is for what stands before the choice of the method.
    #[must_use]
    pub fn is_preflight_to_answer<B>(&self, request: &Request<B>) -> bool {
        self.server.is_preflight_to_answer(request.method().as_str(), &Fields(request.headers()))
    }

    /// Returns the matched route of a request, as it was registered, if its router tells it.
    #[must_use]
    pub fn route<'e>(&self, extensions: &'e Extensions) -> Option<&'e str> {
        (self.route)(extensions)
    }

    /// Returns the server behind the gate.
    #[must_use]
    pub const fn server(&self) -> &ResourceServer {
        &self.server
    }
}

impl Deref for Gate {
    type Target = ResourceServer;

    fn deref(&self) -> &ResourceServer {
        &self.server
    }
}
