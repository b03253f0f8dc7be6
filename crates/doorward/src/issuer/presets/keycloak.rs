use super::{
    super::{Issuer, IssuerOptions, options::issuer_options},
    ClientId, Needs,
    part::Realm,
    parts::rejected,
};
use crate::{
    claims::ClaimList, config_error::ConfigError, policy::RequiredClaim, terms::audience::Audience,
};

/// A realm of Keycloak.
///
/// Its issuer is `{server}/realms/{realm}`. The audience is the client ID, which the client scopes
/// must map into `aud`. Scopes are those of `scope`. Roles are those of the realm and those of this
/// client. The claim `typ` must be `Bearer`, which ID tokens and refresh tokens lack.
///
/// ```
/// use doorward::{ResourceServer, presets::Keycloak};
///
/// let acme = Keycloak::server("https://id.example.com").realm("acme").client_id("orders");
/// let builder = ResourceServer::builder().trust(acme);
/// ```
#[derive(Clone)]
#[must_use = "an issuer is trusted when it is passed to `ResourceServer::builder().trust(…)`"]
pub struct Keycloak {
    server: String,
    realm: String,
    client_id: ClientId,
    options: IssuerOptions,
}

impl Keycloak {
    /// Creates the description of a realm, by the server's URL: `https://id.example.com`, with its
    /// path where it has one (`https://id.example.com/auth`). A slash at the end makes no difference.
    ///
    /// `build` rejects a URL without a scheme, and one that goes on to a realm.
    pub fn server(url: impl Into<String>) -> Needs<Realm, Self> {
        let typ = RequiredClaim { path: "typ".into(), value: Some("Bearer".into()) };
        let mut options = IssuerOptions { required: vec![typ], ..IssuerOptions::default() };
        options.claims.scopes = vec!["scope".into()];
        Needs::new(Self {
            server: url.into(),
            realm: String::new(),
            client_id: ClientId::new(""),
            options,
        })
    }

    fn describe(self) -> Result<Issuer, ConfigError> {
        let server = self.server.trim_end_matches('/');
        let has_scheme = ["https://", "http://"].iter().any(|scheme| server.starts_with(scheme));
        if !has_scheme {
            let fault = "is not a URL: write the scheme too, such as `https://id.example.com`";
            return Err(rejected("server", &self.server, fault));
        }
        if server.contains("/realms/") || server.ends_with("/realms") {
            let fault =
                "goes on to a realm: leave out `/realms/…`, and name the realm with `.realm(…)`";
            return Err(rejected("server", &self.server, fault));
        }
        let breaks_url = |c: char| c.is_whitespace() || "/?#".contains(c);
        if self.realm.is_empty() || self.realm.contains(breaks_url) {
            let fault =
                "is not the name of a realm: write it as in the issuer's URL, after `/realms/`";
            return Err(rejected("realm", &self.realm, fault));
        }
        let url = format!("{server}/realms/{}", self.realm);
        let audience = Audience::from(self.client_id.word()?);
        Ok(Issuer::discovered(url, audience, self.options))
    }
}

issuer_options!(Keycloak: [
    try_all_keys, untrusted_url, audience, any_audience, also_named, algorithms, token_types, claims, subject, fetched_keys,
    metadata_url, debug,
]);

impl Needs<Realm, Keycloak> {
    /// Sets the name of the realm, as in the issuer's URL.
    pub fn realm(self, realm: impl Into<String>) -> Needs<ClientId, Keycloak> {
        Needs::new(Keycloak { realm: realm.into(), ..self.preset })
    }
}

impl Needs<ClientId, Keycloak> {
    /// Sets the client ID of the API: the audience of its tokens, and the client whose roles count.
    pub fn client_id(self, id: impl Into<ClientId>) -> Keycloak {
        let client_id = id.into();
        let mut options = self.preset.options;
        options.claims.roles = vec![
            ClaimList::at(["realm_access", "roles"]),
            ClaimList::at(["resource_access", client_id.as_str(), "roles"]),
        ];
        Keycloak { client_id, options, ..self.preset }
    }
}

impl From<Keycloak> for Issuer {
    fn from(realm: Keycloak) -> Self {
        realm.describe().unwrap_or_else(Self::faulty)
    }
}
