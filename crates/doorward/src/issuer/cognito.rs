use super::Issuer;
use crate::{
    policy::{AccessToken, Actor},
    terms::{algorithm::Algorithm, audience::Audience},
};

impl Issuer {
    /// IssuerRegistry a user pool of Amazon Cognito, by its region (`eu-central-1`) and its ID
    /// (`eu-central-1_aB3dE5f7G`), for tokens of these app clients.
    ///
    /// Access tokens of Cognito name no audience, so the `client_id` must be one of these.
    /// `token_use` must be `access`; signatures are RS256. Roles are the groups of `cognito:groups`.
    pub fn cognito(
        region: impl AsRef<str>,
        user_pool: impl AsRef<str>,
        clients: impl Into<Audience>,
    ) -> Self {
        let (region, pool) = (region.as_ref(), user_pool.as_ref());
        let issuer = format!("https://cognito-idp.{region}.amazonaws.com/{pool}");
        Self::discovered(issuer, clients.into())
            .audience_claim("client_id")
            .require_claim_value("token_use", "access")
            .algorithms([Algorithm::Rs256])
            .scopes_from(["scope"])
            .roles_from(["cognito:groups"])
            .actor_by(actor)
    }
}

/// `username` names the user; an app that acts for itself is its own subject.
fn actor(token: &AccessToken) -> Actor {
    if token.claim::<String>("username").is_some() {
        Actor::Delegated
    } else if token.client_id() == Some(token.subject()) {
        Actor::AppOnly
    } else {
        Actor::Unknown
    }
}
