use super::{
    Cloud, Issuer, KeyOrigin, KeySetLocation, ResolvedIssuer, entra::client_id_in_tokens,
    issuer::Identity,
};
use crate::{
    config_error::ConfigError,
    limits,
    policy::{IssuerNames, MicrosoftPolicy, TenantRule},
    terms::{algorithm::Algorithm, audience::Audience, tenancy::is_guid},
};

/// A tenant of Azure AD B2C.
#[derive(Clone)]
pub(super) struct B2c {
    cloud: Cloud,
    /// The first word of the tenant's domain.
    tenant: String,
    tenant_id: String,
    policies: Vec<String>,
    custom_domain: Option<String>,
}

impl Issuer {
    /// IssuerRegistry one tenant of Azure AD B2C, for the API of this client ID.
    ///
    /// The tenant has its name, the first word of `contoso.onmicrosoft.com`, and its GUID. Tokens
    /// must have been issued under one of the policies (user flows or custom policies), whatever the
    /// case of its name: `tfp`, else `acr`, says which. Each policy has a key set of its own. The
    /// audience is the client ID, signatures are RS256, and `azp` must be there: an ID token has
    /// none.
    ///
    /// Clients ask for scopes with the App ID URI before their names, and tokens carry the bare
    /// names: set [`app_id_uri`](Self::app_id_uri), and rules may say either.
    ///
    /// B2C writes the app roles of an app that acts for itself into `scp`, where those of users
    /// stand too, so without `idtyp` nobody can tell [who acts](crate::AccessToken::actor).
    pub fn b2c(
        tenant: impl Into<String>,
        tenant_id: impl AsRef<str>,
        client_id: impl AsRef<str>,
        policies: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let tenant = tenant.into();
        let tenant_id = tenant_id.as_ref().to_ascii_lowercase();
        let client_id = client_id_in_tokens(client_id.as_ref());
        let mut policies: Vec<String> = policies.into_iter().map(Into::into).collect();
        let mut seen = std::collections::HashSet::new();
        policies.retain(|policy| seen.insert(policy.to_ascii_lowercase()));
        let fault = if !is_guid(&tenant_id) {
            Some(ConfigError::Tenant { tenant: tenant_id.clone() })
        } else if !is_word(&tenant) {
            Some(ConfigError::TenantName { name: tenant.clone() })
        } else if policies.is_empty() || !policies.iter().all(|policy| is_word(policy)) {
            Some(ConfigError::UserFlows)
        } else {
            client_id.is_empty().then_some(ConfigError::ClientId)
        };
        let b2c = B2c { cloud: Cloud::Global, tenant, tenant_id, policies, custom_domain: None };
        let mut issuer = Self::new(Identity::B2c(b2c), Audience::from(client_id))
            .algorithms([Algorithm::Rs256])
            .scopes_from(["scp"]);
        issuer.claims.microsoft = true;
        issuer.authorized_party = true;
        issuer.keep_removed = limits::KEEP_REMOVED;
        issuer.fault = fault;
        issuer
    }

    /// Says in which cloud a B2C tenant is; the global one unless set.
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        match &mut self.identity {
            Identity::B2c(b2c) => b2c.cloud = cloud,
            _ => self.fault = Some(ConfigError::Unfit { setting: "cloud" }),
        }
        self
    }

    /// Says under which domain, in the place of `contoso.b2clogin.com`, a B2C tenant signs users
    /// in. In China there are no custom domains for access tokens.
    pub fn custom_domain(mut self, domain: impl Into<String>) -> Self {
        match &mut self.identity {
            Identity::B2c(b2c) => b2c.custom_domain = Some(domain.into()),
            _ => self.fault = Some(ConfigError::Unfit { setting: "custom_domain" }),
        }
        self
    }
}

impl B2c {
    pub(super) fn resolved(&self, issuer: &Issuer) -> Vec<ResolvedIssuer> {
        self.policies.iter().map(|policy| self.resolved_policy(issuer, policy)).collect()
    }

    fn resolved_policy(&self, issuer: &Issuer, policy: &str) -> ResolvedIssuer {
        let Self { cloud, tenant, tenant_id, .. } = self;
        let domain = match &self.custom_domain {
            Some(domain) => domain.clone(),
            None => format!("{tenant}.{}", cloud.b2c_domain()),
        };
        let tenant_domain = cloud.tenant_domain();
        let authorization_server =
            format!("https://{domain}/{tenant}.{tenant_domain}/{policy}/v2.0");
        let metadata = match &issuer.metadata_url {
            Some(url) => url.replace("{policy}", policy),
            None => format!("{authorization_server}/.well-known/openid-configuration"),
        };
        let without_policy = format!("https://{domain}/{tenant_id}/v2.0/");
        let mut names = vec![without_policy.clone()];
        for policy in [policy.to_owned(), policy.to_ascii_lowercase()] {
            let with_policy = format!("https://{domain}/tfp/{tenant_id}/{policy}/v2.0/");
            if !names.contains(&with_policy) {
                names.push(with_policy);
            }
        }
        ResolvedIssuer {
            title: format!("{without_policy} ({policy})"),
            authorization_server,
            metadata_names: names.clone(),
            names: IssuerNames::Listed(names),
            origin: KeyOrigin::Fetched(KeySetLocation::Metadata(metadata)),
            tenancy: None,
            microsoft: Some(MicrosoftPolicy {
                tenant: TenantRule::IsIfThere(tenant_id.clone()),
                user_flow: Some(policy.to_owned()),
            }),
            tenant: Some(tenant_id.clone()),
        }
    }

    /// Returns what the settings make wrong together.
    pub(super) fn fault(&self) -> Option<ConfigError> {
        let domain = self.custom_domain.as_deref()?;
        if self.cloud == Cloud::China {
            return Some(ConfigError::CustomDomainInChina);
        }
        let is_host = !domain.is_empty()
            && domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte));
        (!is_host).then_some(ConfigError::CustomDomain)
    }
}

/// Returns whether the text may stand in a URL as it is.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "c64a4f7d-3091-4c73-a722-a3f069400000";

    fn b2c() -> Issuer {
        Issuer::b2c("contoso", TENANT, "c", ["B2C_1_SignIn"])
    }

    /// The names and the place of the metadata.
    fn resolved(issuer: &Issuer) -> (Vec<String>, String) {
        let resolved = issuer.resolved().pop().unwrap();
        match &resolved.origin {
            KeyOrigin::Fetched(KeySetLocation::Metadata(url)) => {
                (resolved.listed_names(), url.clone())
            }
            _ => panic!("not by metadata"),
        }
    }

    #[test]
    fn names_and_metadata_are_those_of_the_cloud_or_of_the_custom_domain() {
        for (issuer, domain, tenant) in [
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
                "https://{domain}/{tenant}/B2C_1_SignIn/v2.0/.well-known/openid-configuration"
            );
            assert_eq!(resolved(&issuer), (names, metadata));
        }
    }

    #[test]
    fn each_policy_is_a_lane_whatever_the_case_in_which_it_is_named_twice() {
        let mut issuer = Issuer::b2c("contoso", TENANT, "c", ["B2C_1_a", "b2c_1_A", "B2C_1_b"]);
        issuer.metadata_url = Some("https://a.example/{policy}/metadata".to_owned());
        let places: Vec<_> = issuer.resolved().into_iter().map(|resolved| resolved.title).collect();
        let name = format!("https://contoso.b2clogin.com/{TENANT}/v2.0/");
        assert_eq!(places, [format!("{name} (B2C_1_a)"), format!("{name} (B2C_1_b)")]);
        assert_eq!(resolved(&issuer).1, "https://a.example/B2C_1_b/metadata");
    }
}
