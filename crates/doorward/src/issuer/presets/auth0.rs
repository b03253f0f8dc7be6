use super::{
    super::{Issuer, IssuerOptions, options::issuer_options},
    Needs,
    parts::domain,
};
use crate::{
    config_error::ConfigError,
    policy::{AccessToken, Actor, ActorRule},
    terms::audience::Audience,
};

/// A tenant of Auth0.
///
/// Its issuer is `https://{domain}/`. Scopes are those of `scope`. The permissions of role-based
/// access control are in `permissions`; take them with [`scopes_from`](Self::scopes_from) or
/// [`roles_from`](Self::roles_from). An app that acts for itself has `"gty":"client-credentials"` or a
/// subject that ends with `@clients`; a subject with `|` in it is a user's.
///
/// ```
/// use doorward::{ResourceServer, presets::Auth0};
///
/// let acme = Auth0::domain("acme.eu.auth0.com").audience("https://orders.acme.example");
/// let builder = ResourceServer::builder().trust(acme);
/// ```
#[derive(Clone)]
#[must_use = "an issuer is trusted when it is passed to `ResourceServer::builder().trust(…)`"]
pub struct Auth0 {
    domain: String,
    audience: Audience,
    options: IssuerOptions,
}

impl Auth0 {
    /// Creates the description of the tenant, by its domain (`acme.eu.auth0.com`) or the custom
    /// domain under which clients get their tokens. `build` rejects a URL.
    pub fn domain(domain: impl Into<String>) -> Needs<Audience, Self> {
        let mut options =
            IssuerOptions { actor: ActorRule::new(actor), ..IssuerOptions::default() };
        options.claims.scopes = vec!["scope".into()];
        let audience = Audience::from(String::new());
        Needs::new(Self { domain: domain.into(), audience, options })
    }

    fn describe(self) -> Result<Issuer, ConfigError> {
        let domain = domain("domain", &self.domain)?;
        Ok(Issuer::discovered(format!("https://{domain}/"), self.audience, self.options))
    }
}

issuer_options!(Auth0: [
    try_all_keys, untrusted_url, audience, any_audience, also_named, algorithms, token_types, claims, fetched_keys,
    metadata_url, debug,
]);

impl Needs<Audience, Auth0> {
    /// Sets the audience: the identifier of the API.
    pub fn audience(self, identifier: impl Into<Audience>) -> Auth0 {
        Auth0 { audience: identifier.into(), ..self.preset }
    }
}

impl From<Auth0> for Issuer {
    fn from(tenant: Auth0) -> Self {
        tenant.describe().unwrap_or_else(Self::faulty)
    }
}

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
