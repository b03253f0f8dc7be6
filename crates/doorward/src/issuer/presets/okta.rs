use super::{
    super::{Issuer, IssuerOptions, options::issuer_options},
    Needs,
    part::AuthorizationServer,
    parts::{domain, is_made_of, rejected},
};
use crate::{
    config_error::ConfigError,
    policy::{AccessToken, Actor, ActorRule},
    terms::audience::Audience,
};

/// A custom authorization server of Okta.
///
/// Its issuer is `https://{domain}/oauth2/{authorization server}`. Scopes are those of `scp`. A token
/// with `uid` is a user's; an app that acts for itself is its own subject.
///
/// The tokens of the organization's own authorization server are opaque to everybody but Okta, so it
/// cannot be trusted.
///
/// ```
/// use doorward::{ResourceServer, presets::Okta};
///
/// let acme = Okta::domain("acme.okta.com")
///     .authorization_server("aus1a2b3c")
///     .audience("api://orders");
/// let builder = ResourceServer::builder().trust(acme);
/// ```
#[derive(Clone)]
#[must_use = "an issuer is trusted when it is passed to `ResourceServer::builder().trust(…)`"]
pub struct Okta {
    domain: String,
    authorization_server: String,
    audience: Audience,
    options: IssuerOptions,
}

impl Okta {
    /// Creates the description of an authorization server, by the domain of the organization
    /// (`acme.okta.com`) or its custom domain. `build` rejects a URL, and the domain of the admin
    /// console.
    pub fn domain(domain: impl Into<String>) -> Needs<AuthorizationServer, Self> {
        let mut options =
            IssuerOptions { actor: ActorRule::new(actor), ..IssuerOptions::default() };
        options.claims.scopes = vec!["scp".into()];
        Needs::new(Self {
            domain: domain.into(),
            authorization_server: String::new(),
            audience: Audience::from(String::new()),
            options,
        })
    }

    fn describe(self) -> Result<Issuer, ConfigError> {
        let domain = domain("domain", &self.domain)?;
        if domain.split('.').next().is_some_and(|label| label.ends_with("-admin")) {
            let fault = "is the domain of the admin console: leave `-admin` out";
            return Err(rejected("domain", &self.domain, fault));
        }
        let server = &self.authorization_server;
        if !is_made_of(server, b"-_") {
            let fault =
                "is not an ID: use `default`, or one like `aus1a2b3c`, not the issuer's URL";
            return Err(rejected("authorization server", server, fault));
        }
        let url = format!("https://{domain}/oauth2/{server}");
        Ok(Issuer::discovered(url, self.audience, self.options))
    }
}

issuer_options!(Okta: [
    try_all_keys, untrusted_url, audience, any_audience, also_named, algorithms, token_types, claims, fetched_keys,
    metadata_url, debug,
]);

impl Needs<AuthorizationServer, Okta> {
    /// Sets the ID of the authorization server: `default`, or one like `aus1a2b3c`.
    pub fn authorization_server(self, id: impl Into<String>) -> Needs<Audience, Okta> {
        Needs::new(Okta { authorization_server: id.into(), ..self.preset })
    }
}

impl Needs<Audience, Okta> {
    /// Sets the audience of the authorization server.
    pub fn audience(self, audience: impl Into<Audience>) -> Okta {
        Okta { audience: audience.into(), ..self.preset }
    }
}

impl From<Okta> for Issuer {
    fn from(server: Okta) -> Self {
        server.describe().unwrap_or_else(Self::faulty)
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
