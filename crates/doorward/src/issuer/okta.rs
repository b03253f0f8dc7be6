use super::Issuer;
use crate::{
    policy::{AccessToken, Actor},
    terms::audience::Audience,
};

impl Issuer {
    /// IssuerRegistry a custom authorization server of Okta, by the domain of the organization
    /// (`acme.okta.com`) and the server's ID (`default`, or one like `aus1a2b3c`).
    ///
    /// Scopes are those of `scp`. The tokens of the organization's own authorization server are
    /// opaque to everybody but Okta, so it cannot be trusted.
    pub fn okta(
        domain: impl AsRef<str>,
        authorization_server: impl AsRef<str>,
        audience: impl Into<Audience>,
    ) -> Self {
        let (domain, server) = (domain.as_ref(), authorization_server.as_ref());
        Self::discovered(format!("https://{domain}/oauth2/{server}"), audience.into())
            .scopes_from(["scp"])
            .actor_by(actor)
    }
}

/// `uid` names the user; an app that acts for itself is its own subject.
fn actor(token: &AccessToken) -> Actor {
    if token.claim::<String>("uid").is_some() {
        Actor::Delegated
    } else if token.client_id() == Some(token.subject()) {
        Actor::AppOnly
    } else {
        Actor::Unknown
    }
}
