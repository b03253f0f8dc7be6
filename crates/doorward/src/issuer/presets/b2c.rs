use super::{
    super::{
        Issuer, IssuerOptions, KeyOrigin, KeySetLocation, ResolvedIssuer, options::issuer_options,
    },
    ClientId, Cloud, Needs, TenantId, TenantName,
    entra::microsoft_options,
    part::Policies,
    parts::{domain, is_made_of, rejected},
};
use crate::{
    config_error::ConfigError,
    limits,
    policy::{IssuerNames, MicrosoftPolicy, TenantRule},
    terms::audience::Audience,
};

/// One tenant of Azure AD B2C.
///
/// Tokens must have been issued under one of the policies (user flows or custom policies): `tfp`,
/// else `acr`, names it, in any case. Each policy has a key set of its own. The audience is the
/// client ID. Signatures are RS256. `azp` must be there, which ID tokens lack.
///
/// Clients ask for scopes with the App ID URI as a prefix, and tokens carry the bare names: set
/// [`app_id_uri`](Self::app_id_uri), and rules may name either.
///
/// B2C writes the app roles of an app that acts for itself into `scp`, where the scopes of users are
/// too. Without `idtyp`, [the actor](crate::AccessToken::actor) is unknown.
///
/// ```
/// use doorward::{ResourceServer, presets::B2c};
///
/// // The tenant of `contoso.onmicrosoft.com`.
/// let contoso = B2c::tenant("contoso", "c64a4f7d-3091-4c73-a722-a3f069400000")
///     .client_id("f2a76e08-93f2-4350-833c-965c02483b11")
///     .policies(["B2C_1_signupsignin1", "B2C_1_profile"])
///     .app_id_uri("https://contoso.onmicrosoft.com/api");
/// let builder = ResourceServer::builder().trust(contoso);
/// ```
#[derive(Clone)]
#[must_use = "an issuer is trusted when it is passed to `ResourceServer::builder().trust(…)`"]
pub struct B2c {
    cloud: Cloud,
    name: TenantName,
    id: TenantId,
    client_id: ClientId,
    policies: Vec<String>,
    custom_domain: Option<String>,
    options: IssuerOptions,
}

/// What the issuers of all policies have in common, checked.
struct Tenant {
    /// The host under which users sign in.
    host: String,
    /// The tenant's own domain.
    domain: String,
    id: String,
}

impl B2c {
    /// Creates the description of the tenant, by the first word of its domain and its ID.
    ///
    /// `build` rejects a name that is not one word and an ID that is not a GUID.
    pub fn tenant(name: impl Into<TenantName>, id: impl Into<TenantId>) -> Needs<ClientId, Self> {
        Needs::new(Self {
            cloud: Cloud::Global,
            name: name.into(),
            id: id.into(),
            client_id: ClientId::new(""),
            policies: Vec::new(),
            custom_domain: None,
            options: IssuerOptions { keep_removed: limits::KEEP_REMOVED, ..microsoft_options() },
        })
    }

    /// Sets the national cloud of the tenant. Default: [`Cloud::Global`].
    pub const fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// Sets the domain under which users sign in. Default: `contoso.b2clogin.com`, or that of the
    /// cloud.
    ///
    /// `build` rejects a URL, and any domain in China, where access tokens have none.
    pub fn custom_domain(mut self, domain: impl Into<String>) -> Self {
        self.custom_domain = Some(domain.into());
        self
    }

    /// Sets the URL of the metadata, instead of the usual one; `{policy}` in it stands for the name
    /// of the policy. The metadata's `issuer` must still be a name of this issuer.
    #[cfg(feature = "remote")]
    pub fn metadata_url(mut self, url: impl Into<String>) -> Self {
        self.options.metadata_url = Some(url.into());
        self
    }

    fn describe(self) -> Result<Issuer, ConfigError> {
        let tenant = self.check_tenant()?;
        let audience = Audience::from(self.client_id.guid()?);
        let policies = self.check_policies()?;
        let resolve = |policy| self.resolve(&tenant, policy);
        let resolved = policies.into_iter().map(resolve).collect();
        Ok(Issuer::new(resolved, audience, self.options))
    }

    fn check_tenant(&self) -> Result<Tenant, ConfigError> {
        let (name, id) = (self.name.label()?, self.id.guid()?);
        let host = match &self.custom_domain {
            None => format!("{name}.{}", self.cloud.b2c_domain()),
            Some(_) if self.cloud == Cloud::China => return Err(ConfigError::CustomDomainInChina),
            Some(custom) => domain("custom domain", custom)?,
        };
        Ok(Tenant { host, domain: format!("{name}.{}", self.cloud.tenant_domain()), id })
    }

    /// Returns each policy once, without regard to case.
    fn check_policies(&self) -> Result<Vec<&str>, ConfigError> {
        let fault =
            "is not the name of a B2C policy: letters, digits, `-` and `_`, at least one policy";
        let mut policies: Vec<&str> = Vec::new();
        for policy in &self.policies {
            if !is_made_of(policy, b"-_") {
                return Err(rejected("policy", policy, fault));
            }
            if !policies.iter().any(|known| known.eq_ignore_ascii_case(policy)) {
                policies.push(policy);
            }
        }
        if policies.is_empty() { Err(rejected("policy", "", fault)) } else { Ok(policies) }
    }

    fn resolve(&self, tenant: &Tenant, policy: &str) -> ResolvedIssuer {
        let Tenant { host, domain, id } = tenant;
        let authorization_server = format!("https://{host}/{domain}/{policy}/v2.0");
        let metadata = match &self.options.metadata_url {
            Some(url) => url.replace("{policy}", policy),
            None => format!("{authorization_server}/.well-known/openid-configuration"),
        };
        let without_policy = format!("https://{host}/{id}/v2.0/");
        let mut names = vec![without_policy.clone()];
        for policy in [policy.to_owned(), policy.to_ascii_lowercase()] {
            let with_policy = format!("https://{host}/tfp/{id}/{policy}/v2.0/");
            if !names.contains(&with_policy) {
                names.push(with_policy);
            }
        }
        let title = format!("{without_policy} ({policy})");
        let plain =
            ResolvedIssuer::plain(title, KeyOrigin::Fetched(KeySetLocation::Metadata(metadata)));
        ResolvedIssuer {
            authorization_server,
            metadata_names: names.clone(),
            names: IssuerNames::Listed(names),
            microsoft: Some(MicrosoftPolicy {
                tenant: TenantRule::IsIfThere(id.clone()),
                user_flow: Some(policy.to_owned()),
                apps_without_permission: true,
            }),
            tenant: Some(id.clone()),
            ..plain
        }
    }
}

issuer_options!(B2c: [
    audience, any_audience, app_id_uri, algorithms, claims, fetched_keys, debug,
]);

impl Needs<ClientId, B2c> {
    /// Sets the application (client) ID of the API. `build` rejects what is not a GUID.
    pub fn client_id(self, id: impl Into<ClientId>) -> Needs<Policies, B2c> {
        Needs::new(B2c { client_id: id.into(), ..self.preset })
    }
}

impl Needs<Policies, B2c> {
    /// Sets the policies (user flows or custom policies) under which tokens may be issued. Case makes
    /// no difference. `build` rejects an empty list.
    pub fn policies(self, policies: impl IntoIterator<Item = impl Into<String>>) -> B2c {
        B2c { policies: policies.into_iter().map(Into::into).collect(), ..self.preset }
    }
}

impl From<B2c> for Issuer {
    fn from(tenant: B2c) -> Self {
        tenant.describe().unwrap_or_else(Self::faulty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "c64a4f7d-3091-4c73-a722-a3f069400000";
    const API: &str = "f2a76e08-93f2-4350-833c-965c02483b11";

    fn b2c() -> B2c {
        of_policies(&["B2C_1_SignIn"])
    }

    fn of_policies(policies: &[&str]) -> B2c {
        B2c::tenant("contoso", TENANT).client_id(API).policies(policies.iter().copied())
    }

    /// The names, and the URL of the metadata.
    fn last(tenant: B2c) -> (Vec<String>, String) {
        let resolved = Issuer::from(tenant).resolve().unwrap().pop().unwrap();
        match &resolved.origin {
            KeyOrigin::Fetched(KeySetLocation::Metadata(url)) => {
                (resolved.listed_names(), url.clone())
            }
            _ => panic!("not by metadata"),
        }
    }

    #[test]
    fn names_and_metadata_are_those_of_the_cloud_or_of_the_custom_domain() {
        for (tenant, domain, own) in [
            (b2c(), "contoso.b2clogin.com", "contoso.onmicrosoft.com"),
            (b2c().cloud(Cloud::China), "contoso.b2clogin.cn", "contoso.partner.onmschina.cn"),
            (b2c().cloud(Cloud::UsGovernment), "contoso.b2clogin.us", "contoso.onmicrosoft.us"),
            (b2c().custom_domain("id.contoso.com"), "id.contoso.com", "contoso.onmicrosoft.com"),
        ] {
            let names = vec![
                format!("https://{domain}/{TENANT}/v2.0/"),
                format!("https://{domain}/tfp/{TENANT}/B2C_1_SignIn/v2.0/"),
                format!("https://{domain}/tfp/{TENANT}/b2c_1_signin/v2.0/"),
            ];
            let metadata = format!(
                "https://{domain}/{own}/B2C_1_SignIn/v2.0/.well-known/openid-configuration"
            );
            assert_eq!(last(tenant), (names, metadata));
        }
    }

    #[test]
    fn each_policy_resolves_once_in_whatever_case_it_is_repeated() {
        let mut tenant = of_policies(&["B2C_1_a", "b2c_1_A", "B2C_1_b"]);
        tenant.options.metadata_url = Some("https://a.example/{policy}/metadata".to_owned());
        let resolved = Issuer::from(tenant.clone()).resolve().unwrap();
        let titles: Vec<_> = resolved.into_iter().map(|resolved| resolved.title).collect();
        let name = format!("https://contoso.b2clogin.com/{TENANT}/v2.0/");
        assert_eq!(titles, [format!("{name} (B2C_1_a)"), format!("{name} (B2C_1_b)")]);
        assert_eq!(last(tenant).1, "https://a.example/B2C_1_b/metadata");
    }
}
