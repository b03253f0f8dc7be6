use super::Issuer;
use crate::{
    policy::{AccessToken, Actor},
    terms::audience::Audience,
};

impl Issuer {
    /// IssuerRegistry a tenant of Auth0, by its domain (`acme.eu.auth0.com`, or a custom domain), for the API
    /// of this identifier.
    ///
    /// The issuer is `https://{domain}/`. Scopes are those of `scope`; the permissions of role-based
    /// access control stand in `permissions`, which [`scopes_from`](Self::scopes_from) takes instead.
    pub fn auth0(domain: impl AsRef<str>, identifier: impl Into<Audience>) -> Self {
        let issuer = format!("https://{}/", domain.as_ref());
        Self::discovered(issuer, identifier.into()).scopes_from(["scope"]).actor_by(actor)
    }
}

/// A subject is `{client}@clients` for an app that acts for itself, and `{connection}|{user}` for a
/// user.
fn actor(token: &AccessToken) -> Actor {
    let grant: Option<String> = token.claim("gty");
    if grant.as_deref() == Some("client-credentials") || token.subject().ends_with("@clients") {
        Actor::AppOnly
    } else if token.subject().contains('|') {
        Actor::Delegated
    } else {
        Actor::Unknown
    }
}
