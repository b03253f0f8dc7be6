use std::ops::Deref;

use doorward::{Access, AccessToken, Authentication, ResourceServer, Rule};
use http::{Extensions, HeaderMap, HeaderValue, header};

use crate::GuardLayer;

/// The entrance of an API: a [`ResourceServer`] for `http` requests. Cloning is cheap.
///
/// It dereferences to its server, so issuers are added and removed by `gate.trust(…)` and
/// `gate.distrust(…)`, a key is dropped by `gate.forget_key(…)`, and `gate.health()` tells how keys
/// stand.
#[derive(Clone, Debug)]
pub struct Gate(ResourceServer);

impl Gate {
    /// Opens the gate of a server.
    #[must_use]
    pub const fn new(server: ResourceServer) -> Self {
        Self(server)
    }

    /// Returns a layer that lets a request pass only with a valid token that meets the rule.
    pub fn require(&self, rule: Rule) -> GuardLayer {
        GuardLayer::new(self.clone(), Access::Require(rule))
    }

    /// Returns a layer that lets a request pass with any valid token.
    pub fn authenticated(&self) -> GuardLayer {
        self.require(doorward::authenticated())
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
        extensions.get().filter(|token| self.0.has_verified(token))
    }

    /// Authenticates a request by its fields and extensions: a token that this gate has verified
    /// already is not verified again.
    pub fn authenticate(&self, fields: &HeaderMap, extensions: &Extensions) -> Authentication {
        let values = fields.get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes);
        self.0.authenticate_once(extensions.get(), values)
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
