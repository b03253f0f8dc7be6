use std::sync::Arc;

use super::{
    super::{
        Issuer, IssuerOptions, KeyOrigin, KeySetLocation, ResolvedIssuer, options::issuer_options,
    },
    ClientId, Cloud, Needs, TenantId,
};
use crate::{
    config_error::ConfigError,
    limits,
    policy::{AccessToken, Actor, IssuerNames, MicrosoftPolicy, TenantRule},
    terms::{
        algorithm::Algorithm,
        app_id_uri::AppIdUri,
        audience::Audience,
        tenancy::{CONSUMERS, Tenancy, Tenants},
    },
};

/// Tenants of Microsoft Entra ID (Azure AD): one, several or all.
///
/// Tokens of v1 and of v2 are accepted, because the registration of the API decides which ones its
/// clients get. Accepted audiences are the client ID, `api://{client ID}` and the
/// [`app_id_uri`](Self::app_id_uri). Signatures are RS256. `tid` must be the tenant in `iss`. `azp`
/// or `appid` must be there, which ID tokens lack. A token with neither `scp` nor `roles` is refused
/// unless [allowed](Self::allow_apps_without_roles).
///
/// ```
/// use doorward::{ResourceServer, presets::Entra};
///
/// let entra = Entra::tenant("7fe81447-da57-4385-becb-6de57f21477e") // directory (tenant) ID
///     .client_id("f2a76e08-93f2-4350-833c-965c02483b11") // application (client) ID of the API
///     .app_id_uri("api://orders");
/// let builder = ResourceServer::builder().trust(entra);
/// ```
#[derive(Clone)]
#[must_use = "an issuer is trusted when it is passed to `ResourceServer::builder().trust(…)`"]
pub struct Entra {
    cloud: Cloud,
    /// The trusted tenants; `None` for all.
    tenants: Option<Vec<TenantId>>,
    consumers: bool,
    client_id: ClientId,
    apps_without_roles: bool,
    options: IssuerOptions,
}

impl Entra {
    /// Creates the description of one tenant, by its directory (tenant) ID.
    ///
    /// `build` rejects what is not a GUID, such as a domain name or `common`.
    pub fn tenant(id: impl Into<TenantId>) -> Needs<ClientId, Self> {
        Self::of(Some(vec![id.into()]))
    }

    /// Creates the description of several tenants. A key that names its tenant verifies the tokens of
    /// no other. `build` rejects an empty list.
    ///
    /// ```
    /// use doorward::presets::Entra;
    ///
    /// let entra = Entra::tenants([
    ///     "7fe81447-da57-4385-becb-6de57f21477e",
    ///     "c64a4f7d-3091-4c73-a722-a3f069400000",
    /// ])
    /// .client_id("f2a76e08-93f2-4350-833c-965c02483b11");
    /// ```
    pub fn tenants(ids: impl IntoIterator<Item = impl Into<TenantId>>) -> Needs<ClientId, Self> {
        Self::of(Some(ids.into_iter().map(Into::into).collect()))
    }

    /// Creates the description of *every* tenant: anybody with an account at any company gets a
    /// valid token for this API. The API must decide by [`tenant_id`](AccessToken::tenant_id) which
    /// of them may do what.
    ///
    /// Personal accounts are refused unless [allowed](Self::allow_consumer_accounts).
    pub fn any_tenant() -> Needs<ClientId, Self> {
        Self::of(None)
    }

    fn of(tenants: Option<Vec<TenantId>>) -> Needs<ClientId, Self> {
        Needs::new(Self {
            cloud: Cloud::Global,
            tenants,
            consumers: false,
            client_id: ClientId::new(""),
            apps_without_roles: false,
            options: IssuerOptions { keep_removed: limits::KEEP_REMOVED, ..options() },
        })
    }

    /// Sets the national cloud of the tenants. Default: [`Cloud::Global`].
    pub const fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// Accepts personal Microsoft accounts, the tenant `9188040d-6c67-4c5b-b112-36a304b66dad`,
    /// besides the trusted tenants. Default: they are refused.
    pub const fn allow_consumer_accounts(mut self) -> Self {
        self.consumers = true;
        self
    }

    /// Accepts tokens with neither `scp` nor `roles`. Default: they are refused.
    ///
    /// Every app of the tenant can get one, without any permission for this API, unless its
    /// enterprise application says *Assignment required*. Such a token meets
    /// [`authenticated`](crate::rules::authenticated), [`app_only`](crate::rules::app_only) and
    /// [`client`](crate::rules::client), and no rule on scopes or roles.
    pub const fn allow_apps_without_roles(mut self) -> Self {
        self.apps_without_roles = true;
        self
    }

    /// Adds an App ID URI of this API: an accepted audience, with and without a slash at its end,
    /// because Azure AD issues both; and the prefix with which clients ask for scopes. A rule may
    /// name a scope with the prefix or without.
    ///
    /// Call it again for each further URI. `build` rejects a blank one.
    pub fn app_id_uri(mut self, uri: impl AsRef<str>) -> Self {
        self.options.app_id_uris.push(AppIdUri::new(uri.as_ref()));
        self
    }

    fn describe(self) -> Result<Issuer, ConfigError> {
        let mut tenants = match &self.tenants {
            None => Tenants::Any { consumers: self.consumers },
            Some(ids) if ids.is_empty() => return Err(ConfigError::NoTenant),
            Some(ids) => Tenants::Listed(ids.iter().map(TenantId::guid).collect::<Result<_, _>>()?),
        };
        if let (Tenants::Listed(ids), true) = (&mut tenants, self.consumers)
            && !ids.iter().any(|id| id == CONSUMERS)
        {
            ids.push(CONSUMERS.to_owned());
        }
        let client_id = self.client_id.guid()?;
        let mut audience = Audience::from([client_id.clone(), format!("api://{client_id}")]);
        let uris = self.options.app_id_uris.iter().filter(|uri| !uri.is_blank());
        uris.flat_map(AppIdUri::as_audience).for_each(|name| audience.add(name));
        let resolved = self.resolve(tenants);
        Ok(Issuer::new(vec![resolved], audience, self.options))
    }

    fn resolve(&self, tenants: Tenants) -> ResolvedIssuer {
        let (v2, v1) = (self.cloud.v2(), self.cloud.v1());
        let (title, authority, metadata_names) = match &tenants {
            Tenants::Listed(tenants) if tenants.len() == 1 => {
                let tenant = tenants.first().map(String::as_str).unwrap_or_default();
                (v2.of(tenant), tenant, vec![v2.of(tenant), v1.of(tenant)])
            }
            tenants => (v2.0.clone(), authority_of(tenants), vec![v2.0.clone(), v1.0.clone()]),
        };
        let host = self.cloud.login_host();
        let authorization_server = format!("https://{host}/{authority}/v2.0");
        let usual = || format!("{authorization_server}/.well-known/openid-configuration");
        let metadata = self.options.metadata_url.clone().unwrap_or_else(usual);
        let tenancy = Arc::new(Tenancy {
            forms: vec![v2, v1],
            cloud_instance: self.cloud.instance(),
            tenants,
        });
        let plain =
            ResolvedIssuer::plain(title, KeyOrigin::Fetched(KeySetLocation::Metadata(metadata)));
        ResolvedIssuer {
            authorization_server,
            names: IssuerNames::Tenants(Arc::clone(&tenancy)),
            metadata_names,
            microsoft: Some(MicrosoftPolicy {
                tenant: TenantRule::OfIssuer(Arc::clone(&tenancy)),
                user_flow: None,
                apps_without_permission: self.apps_without_roles,
            }),
            tenancy: Some(tenancy),
            sign_in: Some(format!("https://{host}/common/oauth2/authorize")),
            ..plain
        }
    }
}

issuer_options!(Entra: [
    audience, any_audience, algorithms, claims, fetched_keys, metadata_url, debug,
]);

impl Needs<ClientId, Entra> {
    /// Sets the application (client) ID of the API. `build` rejects what is not a GUID.
    pub fn client_id(self, id: impl Into<ClientId>) -> Entra {
        Entra { client_id: id.into(), ..self.preset }
    }
}

impl From<Entra> for Issuer {
    fn from(entra: Entra) -> Self {
        entra.describe().unwrap_or_else(Self::faulty)
    }
}

/// Returns the options that all Entra issuers begin with.
pub(super) fn options() -> IssuerOptions {
    let mut options = microsoft_options();
    options.actor = crate::policy::ActorRule::new(actor);
    options
}

/// Returns the options that all Microsoft issuers begin with.
pub(super) fn microsoft_options() -> IssuerOptions {
    let mut options = IssuerOptions {
        algorithms: Some(vec![Algorithm::Rs256]),
        authorized_party: true,
        ..IssuerOptions::default()
    };
    options.claims.scopes = vec!["scp".into()];
    options.claims.microsoft = true;
    options
}

/// Returns whose metadata has the keys of all these tenants. That of `common` alone includes the
/// keys of personal accounts.
fn authority_of(tenants: &Tenants) -> &'static str {
    let consumers = match tenants {
        Tenants::Any { consumers } => *consumers,
        Tenants::Listed(tenants) => tenants.iter().any(|tenant| tenant == CONSUMERS),
    };
    if consumers { "common" } else { "organizations" }
}

/// Decides who acts where `idtyp` is absent. Only users grant scopes, so `scp` is decisive, wherever
/// scopes are configured to come from. Without it, an app is its own object: `oid`, if it is there,
/// equals `sub`, which a user's never does.
fn actor(token: &AccessToken) -> Actor {
    let permissions = token.permissions();
    if permissions.has_scp {
        return if permissions.has_scopes { Actor::Delegated } else { Actor::Unknown };
    }
    match token.object_id() {
        Some(object) if object == token.subject() => Actor::AppOnly,
        None if permissions.has_roles => Actor::AppOnly,
        _ => Actor::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::AudienceRule;

    const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";
    const OTHER: &str = "c64a4f7d-3091-4c73-a722-a3f069400000";
    const API: &str = "f2a76e08-93f2-4350-833c-965c02483b11";

    fn entra() -> Entra {
        Entra::tenant(TENANT.to_uppercase()).client_id(API.to_uppercase())
    }

    fn resolved(entra: Entra) -> ResolvedIssuer {
        Issuer::from(entra).resolve().unwrap().pop().unwrap()
    }

    fn metadata(entra: Entra) -> String {
        match resolved(entra).origin {
            KeyOrigin::Fetched(KeySetLocation::Metadata(url)) => url,
            _ => panic!("not by metadata"),
        }
    }

    #[test]
    fn both_forms_of_the_issuer_are_accepted_in_each_cloud() {
        for (cloud, v2, v1) in [
            (Cloud::Global, "login.microsoftonline.com", "sts.windows.net"),
            (Cloud::UsGovernment, "login.microsoftonline.us", "sts.windows.net"),
            (Cloud::China, "login.partner.microsoftonline.cn", "sts.chinacloudapi.cn"),
        ] {
            let entra = entra().cloud(cloud);
            let expected =
                [format!("https://{v2}/{TENANT}/v2.0"), format!("https://{v1}/{TENANT}/")];
            assert_eq!(resolved(entra.clone()).listed_names(), expected);
            let usual = format!("https://{v2}/{TENANT}/v2.0/.well-known/openid-configuration");
            assert_eq!(metadata(entra), usual);
        }
    }

    #[test]
    fn audience_is_the_client_id_its_api_uri_and_the_app_id_uri_with_and_without_slash() {
        for uri in ["https://contoso.com/api", "https://contoso.com/api/"] {
            let issuer = Issuer::from(entra().app_id_uri(uri));
            let expected = Audience::from([
                API.to_owned(),
                format!("api://{API}"),
                "https://contoso.com/api/".to_owned(),
                "https://contoso.com/api".to_owned(),
            ]);
            assert_eq!(issuer.audience_rule(), AudienceRule::OneOf(expected));
        }
    }

    #[test]
    fn keys_of_several_tenants_are_those_of_organizations_and_with_consumers_of_common() {
        let at = |authority: &str| {
            format!(
                "https://login.microsoftonline.com/{authority}/v2.0/.well-known/openid-configuration"
            )
        };
        let several = Entra::tenants([TENANT, OTHER]).client_id(API);
        assert_eq!(metadata(several.clone()), at("organizations"));
        assert_eq!(metadata(several.allow_consumer_accounts()), at("common"));
        let any = Entra::any_tenant().client_id(API);
        assert_eq!(metadata(any.clone()), at("organizations"));
        assert_eq!(metadata(any.allow_consumer_accounts()), at("common"));
    }
}
