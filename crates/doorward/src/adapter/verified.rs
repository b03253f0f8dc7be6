use std::fmt;

use serde::de::DeserializeOwned;

use super::{Access, Rejection, RequestInfo};
use crate::{
    credentials::CredentialsError,
    error::Error,
    policy::AccessToken,
    rule::Rule,
    server::{RequestSettings, ResourceServer},
};

/// What the guard in front of a handler has decided: the value that an adapter keeps in the request's
/// extensions. Only a [`RouteGuard`](super::RouteGuard) creates one.
///
/// Of several guards in front of a handler, the extensions hold what the innermost one has decided.
#[derive(Clone)]
pub struct Verified(Kind);

#[derive(Clone)]
enum Kind {
    Token(AccessToken),
    /// The request carries no token, and needs none.
    Anonymous(ResourceServer),
}

impl Verified {
    pub(super) fn new(token: Option<AccessToken>, server: &ResourceServer) -> Self {
        Self(token.map_or_else(|| Kind::Anonymous(server.clone()), Kind::Token))
    }

    /// Returns the token; `None` for an anonymous request to a route whose token is optional.
    #[must_use]
    pub const fn token(&self) -> Option<&AccessToken> {
        match &self.0 {
            Kind::Token(token) => Some(token),
            Kind::Anonymous(_) => None,
        }
    }

    /// Returns the token if this server has verified it; `None` for an anonymous request, and for what
    /// another server has verified.
    #[must_use]
    pub fn token_of(&self, server: &ResourceServer) -> Option<&AccessToken> {
        self.token().filter(|token| server.has_verified(token))
    }

    /// Returns the token, for a handler that cannot do without.
    ///
    /// # Errors
    ///
    /// [`Rejection`] with status 401 if the request is anonymous.
    pub fn require_token(&self, request: &RequestInfo<'_>) -> Result<&AccessToken, Rejection> {
        self.token().ok_or_else(|| self.reject(CredentialsError::Missing.into(), None, request))
    }

    /// Returns the token if it meets the rule: for decisions that depend on more than the route.
    ///
    /// # Errors
    ///
    /// [`Rejection`] with status 401 if the request is anonymous, with that of the rule if the token
    /// does not meet it.
    pub fn authorize(
        &self,
        rule: &Rule,
        request: &RequestInfo<'_>,
    ) -> Result<&AccessToken, Rejection> {
        let authorized = match self.token() {
            Some(token) => rule.authorize(token, request).map(|()| token).map_err(Error::from),
            None => Err(CredentialsError::Missing.into()),
        };
        authorized
            .map_err(|error| self.reject(error, Some(&Access::Require(rule.clone())), request))
    }

    /// Returns all claims of the token as a type of the handler's.
    ///
    /// # Errors
    ///
    /// [`Rejection`] with status 401 if the request is anonymous, with 403 if the claims do not have
    /// the form of the type.
    pub fn claims<T: DeserializeOwned>(&self, request: &RequestInfo<'_>) -> Result<T, Rejection> {
        let claims = self.require_token(request)?.claims();
        claims.map_err(|error| self.reject(error.into(), None, request))
    }

    fn reject(
        &self,
        error: Error,
        access: Option<&Access>,
        request: &RequestInfo<'_>,
    ) -> Rejection {
        let reject =
            |settings: &RequestSettings| Rejection::new(error, access, request, settings, None);
        match &self.0 {
            Kind::Token(token) => match token.verified_by().settings() {
                Some(settings) => reject(settings),
                None => reject(&RequestSettings::default()),
            },
            Kind::Anonymous(server) => reject(server.request_settings()),
        }
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verified").field(&self.token()).finish()
    }
}
