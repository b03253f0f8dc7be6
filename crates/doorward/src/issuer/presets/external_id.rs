use super::{
    super::{
        Issuer, IssuerOptions, KeyOrigin, KeySetLocation, ResolvedIssuer, options::issuer_options,
    },
    ClientId, Needs, TenantId, TenantName, entra,
};
use crate::{
    config_error::ConfigError,
    policy::{MicrosoftPolicy, TenantRule},
    terms::audience::Audience,
};

/// One external tenant of Microsoft Entra (External ID for customers, CIAM).
///
/// Its issuer is `https://{tenant ID}.ciamlogin.com/{tenant ID}/v2.0`. Tokens have the form of v2, with
/// the client ID as their audience. Signatures are RS256. `azp` must be there, which ID tokens lack. A
/// token with neither `scp` nor `roles` is refused unless
/// [allowed](Self::allow_apps_without_roles).
///
/// ```
/// use doorward::{ResourceServer, presets::ExternalId};
///
/// // The tenant of `contoso.ciamlogin.com`.
/// let contoso = ExternalId::tenant("contoso", "7fe81447-da57-4385-becb-6de57f21477e")
///     .client_id("f2a76e08-93f2-4350-833c-965c02483b11")
///     .app_id_uri("api://orders");
/// let builder = ResourceServer::builder().trust(contoso);
/// ```
#[derive(Clone)]
#[must_use = "an issuer is trusted when it is passed to `ResourceServer::builder().trust(…)`"]
pub struct ExternalId {
    name: TenantName,
    id: TenantId,
    client_id: ClientId,
    apps_without_roles: bool,
    options: IssuerOptions,
}

impl ExternalId {
    /// Creates the description of the tenant, by the first word of its domain and its ID.
    ///
    /// `build` rejects a name that is not one word and an ID that is not a GUID.
    pub fn tenant(name: impl Into<TenantName>, id: impl Into<TenantId>) -> Needs<ClientId, Self> {
        Needs::new(Self {
            name: name.into(),
            id: id.into(),
            client_id: ClientId::new(""),
            apps_without_roles: false,
            options: entra::options(),
        })
    }

    /// Accepts tokens with neither `scp` nor `roles`. Default: they are refused.
    ///
    /// Such a token meets [`authenticated`](crate::rules::authenticated),
    /// [`app_only`](crate::rules::app_only) and [`client`](crate::rules::client), and no rule on
    /// scopes or roles.
    pub const fn allow_apps_without_roles(mut self) -> Self {
        self.apps_without_roles = true;
        self
    }

    fn describe(self) -> Result<Issuer, ConfigError> {
        let (name, id) = (self.name.label()?, self.id.guid()?);
        let usual =
            || format!("https://{name}.ciamlogin.com/{id}/v2.0/.well-known/openid-configuration");
        let metadata = self.options.metadata_url.clone().unwrap_or_else(usual);
        let origin = KeyOrigin::Fetched(KeySetLocation::Metadata(metadata));
        let issuer = format!("https://{id}.ciamlogin.com/{id}/v2.0");
        let resolved = ResolvedIssuer {
            microsoft: Some(MicrosoftPolicy {
                tenant: TenantRule::Is(id),
                user_flow: None,
                apps_without_permission: self.apps_without_roles,
            }),
            ..ResolvedIssuer::plain(issuer, origin)
        };
        let audience = Audience::from(self.client_id.guid()?);
        Ok(Issuer::new(vec![resolved], audience, self.options))
    }
}

issuer_options!(ExternalId: [
    audience, any_audience, app_id_uri, algorithms, claims, fetched_keys, metadata_url, debug,
]);

impl Needs<ClientId, ExternalId> {
    /// Sets the application (client) ID of the API. `build` rejects what is not a GUID.
    pub fn client_id(self, id: impl Into<ClientId>) -> ExternalId {
        ExternalId { client_id: id.into(), ..self.preset }
    }
}

impl From<ExternalId> for Issuer {
    fn from(tenant: ExternalId) -> Self {
        tenant.describe().unwrap_or_else(Self::faulty)
    }
}
