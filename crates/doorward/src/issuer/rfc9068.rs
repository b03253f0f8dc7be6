use super::Issuer;
use crate::{
    policy::{AccessToken, Actor},
    terms::audience::Audience,
};

impl Issuer {
    /// IssuerRegistry the issuer of this URL to issue access tokens after RFC 9068, strictly: the header's
    /// `typ` must be `at+jwt`, and `client_id`, `iat` and `jti` must be there
    /// ([RFC 9068 §2](https://www.rfc-editor.org/rfc/rfc9068#section-2)). Scopes are those of
    /// `scope`.
    ///
    /// An app that is its own subject acts for itself; a token that tells when a user signed in
    /// (`auth_time`) is delegated; of others nobody can tell.
    pub fn rfc9068(issuer: impl Into<String>, audience: impl Into<Audience>) -> Self {
        Self::discovered(issuer.into(), audience.into())
            .require_at_jwt()
            .require_claim("client_id")
            .require_claim("iat")
            .require_claim("jti")
            .scopes_from(["scope"])
            .actor_by(actor)
    }
}

fn actor(token: &AccessToken) -> Actor {
    if token.client_id() == Some(token.subject()) {
        Actor::AppOnly
    } else if token.claim::<f64>("auth_time").is_some() {
        Actor::Delegated
    } else {
        Actor::Unknown
    }
}
