use std::sync::Arc;

use super::{Cloud, Issuer, ResolvedIssuer, issuer::Identity};
use crate::{
    config_error::ConfigError,
    limits,
    policy::{AccessToken, Actor, IssuerNames, MicrosoftPolicy, TenantRule},
    terms::{
        algorithm::Algorithm,
        audience::Audience,
        tenancy::{CONSUMERS, Tenancy, Tenants, is_guid},
    },
};

/// Tenants of Entra ID.
#[derive(Clone)]
pub(super) struct Entra {
    cloud: Cloud,
    tenants: Tenants,
}

impl Issuer {
    /// IssuerRegistry one tenant of Microsoft Entra ID (Azure AD), for the API of this client ID.
    ///
    /// Tokens of v1 and of v2 are accepted, because the API's registration decides which one its
    /// clients get, whatever endpoint they call. Accepted audiences are the client ID,
    /// `api://{client_id}` and the [`app_id_uri`](Self::app_id_uri). Signatures are RS256. `azp` or
    /// `appid` must be there: an ID token has neither.
    ///
    /// The tenant is its GUID, as in the tokens; a domain name or `common` is refused when the
    /// server is built.
    pub fn entra(cloud: Cloud, tenant: impl AsRef<str>, client_id: impl AsRef<str>) -> Self {
        Self::entra_tenants(cloud, client_id, [tenant])
    }

    /// IssuerRegistry several tenants of Microsoft Entra ID, and otherwise does what
    /// [`entra`](Self::entra) does. `tid` must be the tenant in `iss`, and a key that says whose it
    /// is verifies the tokens of no others.
    pub fn entra_tenants(
        cloud: Cloud,
        client_id: impl AsRef<str>,
        tenants: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        // Tokens carry GUIDs in lower case, whatever a portal shows.
        let tenants: Vec<_> =
            tenants.into_iter().map(|tenant| tenant.as_ref().to_ascii_lowercase()).collect();
        let no_guid = tenants.iter().find(|tenant| !is_guid(tenant)).cloned();
        let fault = match no_guid {
            Some(tenant) => Some(ConfigError::Tenant { tenant }),
            None => tenants.is_empty().then_some(ConfigError::NoTenant),
        };
        Self::of_tenants(cloud, Tenants::Listed(tenants), client_id.as_ref(), fault)
    }

    /// IssuerRegistry *every* tenant of Microsoft Entra ID, and otherwise does what
    /// [`entra_tenants`](Self::entra_tenants) does: anybody with an account at any company gets a
    /// valid token for this API. Which of them may do what is then for the API to decide, by
    /// [`tenant_id`](AccessToken::tenant_id).
    ///
    /// Personal accounts are refused unless [allowed](Self::allow_consumer_accounts).
    pub fn entra_any_tenant(cloud: Cloud, client_id: impl AsRef<str>) -> Self {
        Self::of_tenants(cloud, Tenants::Any { consumers: false }, client_id.as_ref(), None)
    }

    /// Accepts personal Microsoft accounts, the tenant `9188040d-6c67-4c5b-b112-36a304b66dad`, besides
    /// the tenants that are trusted.
    pub fn allow_consumer_accounts(mut self) -> Self {
        match &mut self.identity {
            Identity::Entra(Entra { tenants: Tenants::Any { consumers }, .. }) => *consumers = true,
            Identity::Entra(Entra { tenants: Tenants::Listed(tenants), .. }) => {
                if !tenants.iter().any(|tenant| tenant == CONSUMERS) {
                    tenants.push(CONSUMERS.to_owned());
                }
            }
            _ => self.fault = Some(ConfigError::Unfit { setting: "allow_consumer_accounts" }),
        }
        self
    }

    fn of_tenants(
        cloud: Cloud,
        tenants: Tenants,
        client_id: &str,
        fault: Option<ConfigError>,
    ) -> Self {
        let client_id = client_id_in_tokens(client_id);
        let audience = Audience::from([client_id.clone(), format!("api://{client_id}")]);
        let mut issuer = Self::new(Identity::Entra(Entra { cloud, tenants }), audience)
            .algorithms([Algorithm::Rs256])
            .scopes_from(["scp"])
            .actor_by(actor);
        issuer.claims.microsoft = true;
        issuer.authorized_party = true;
        issuer.keep_removed = limits::KEEP_REMOVED;
        issuer.fault = fault.or_else(|| client_id.is_empty().then_some(ConfigError::ClientId));
        issuer
    }
}

impl Entra {
    /// Returns where users of whatever tenant sign in.
    pub(super) fn sign_in(&self) -> String {
        format!("https://{}/common/oauth2/authorize", self.cloud.login_host())
    }

    pub(super) fn resolved(&self, issuer: &Issuer) -> ResolvedIssuer {
        let (v2, v1) = (self.cloud.v2(), self.cloud.v1());
        let (title, authority, metadata_names) = match &self.tenants {
            Tenants::Listed(tenants) if tenants.len() == 1 => {
                let tenant = tenants.first().map(String::as_str).unwrap_or_default();
                (v2.of(tenant), tenant, vec![v2.of(tenant), v1.of(tenant)])
            }
            tenants => (v2.0.clone(), authority_of(tenants), vec![v2.0.clone(), v1.0.clone()]),
        };
        let host = self.cloud.login_host();
        let authorization_server = format!("https://{host}/{authority}/v2.0");
        let metadata = format!("{authorization_server}/.well-known/openid-configuration");
        let tenancy = Arc::new(Tenancy {
            forms: vec![v2, v1],
            cloud_instance: self.cloud.instance(),
            tenants: self.tenants.clone(),
        });
        ResolvedIssuer {
            title,
            authorization_server,
            names: IssuerNames::Tenants(Arc::clone(&tenancy)),
            metadata_names,
            origin: issuer.metadata_at(metadata),
            microsoft: Some(MicrosoftPolicy {
                tenant: TenantRule::OfIssuer(Arc::clone(&tenancy)),
                user_flow: None,
            }),
            tenancy: Some(tenancy),
            tenant: None,
        }
    }
}

/// Returns whose metadata names the keys of all these tenants; only those of `common` include the
/// keys of personal accounts.
fn authority_of(tenants: &Tenants) -> &'static str {
    let consumers = match tenants {
        Tenants::Any { consumers } => *consumers,
        Tenants::Listed(tenants) => tenants.iter().any(|tenant| tenant == CONSUMERS),
    };
    if consumers { "common" } else { "organizations" }
}

/// Returns the client ID as tokens carry it: a GUID in lower case.
pub(super) fn client_id_in_tokens(client_id: &str) -> String {
    let lower = client_id.to_ascii_lowercase();
    if is_guid(&lower) { lower } else { client_id.to_owned() }
}

/// Tells who acts where `idtyp` is absent: `scp` is granted by users alone; without it, `roles` are
/// granted to apps, and the subject of an app is its object. A user's subject never is.
pub(super) fn actor(token: &AccessToken) -> Actor {
    if !token.has_no_scope_claim() {
        return if token.scopes().is_empty() { Actor::Unknown } else { Actor::Delegated };
    }
    let is_object = token.object_id() == Some(token.subject());
    if is_object || token.roles().next().is_some() { Actor::AppOnly } else { Actor::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        issuer::{KeyOrigin, KeySetLocation},
        policy::AudienceRule,
    };

    const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";
    const OTHER: &str = "c64a4f7d-3091-4c73-a722-a3f069400000";

    fn resolved(issuer: &Issuer) -> ResolvedIssuer {
        issuer.resolved().pop().unwrap()
    }

    fn metadata(issuer: &Issuer) -> String {
        match resolved(issuer).origin {
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
            let issuer = Issuer::entra(cloud, TENANT.to_uppercase(), "c");
            let expected =
                [format!("https://{v2}/{TENANT}/v2.0"), format!("https://{v1}/{TENANT}/")];
            assert_eq!(resolved(&issuer).listed_names(), expected);
            let usual = format!("https://{v2}/{TENANT}/v2.0/.well-known/openid-configuration");
            assert_eq!(metadata(&issuer), usual);
        }
    }

    #[test]
    fn audience_is_the_client_id_its_api_uri_and_the_app_id_uri_with_and_without_slash() {
        for uri in ["https://contoso.com/api", "https://contoso.com/api/"] {
            let issuer = Issuer::entra(Cloud::Global, TENANT, "c").app_id_uri(uri);
            let expected = Audience::from([
                "c",
                "api://c",
                "https://contoso.com/api/",
                "https://contoso.com/api",
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
        let several = Issuer::entra_tenants(Cloud::Global, "c", [TENANT, OTHER]);
        assert_eq!(metadata(&several), at("organizations"));
        assert_eq!(metadata(&several.allow_consumer_accounts()), at("common"));
        let any = Issuer::entra_any_tenant(Cloud::Global, "c");
        assert_eq!(metadata(&any), at("organizations"));
        assert_eq!(metadata(&any.allow_consumer_accounts()), at("common"));
    }

    #[test]
    fn a_tenant_that_is_no_guid_is_a_fault() {
        for tenant in
            ["common", "contoso.onmicrosoft.com", "", "7fe81447-da57-4385-becb-6de57f21477"]
        {
            let fault = Issuer::entra(Cloud::Global, tenant, "c").fault;
            assert_eq!(fault, Some(ConfigError::Tenant { tenant: tenant.to_owned() }));
        }
        let none: [&str; 0] = [];
        let fault = Issuer::entra_tenants(Cloud::Global, "c", none).fault;
        assert_eq!(fault, Some(ConfigError::NoTenant));
    }
}
