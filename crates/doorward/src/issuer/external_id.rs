use super::{Issuer, ResolvedIssuer, entra::client_id_in_tokens, issuer::Identity};
use crate::{
    config_error::ConfigError,
    policy::{MicrosoftPolicy, TenantRule},
    terms::{algorithm::Algorithm, audience::Audience, tenancy::is_guid},
};

/// An external tenant of Entra.
#[derive(Clone)]
pub(super) struct ExternalId {
    tenant: String,
    tenant_id: String,
}

impl Issuer {
    /// IssuerRegistry one external tenant of Microsoft Entra (External ID for customers, CIAM), for the API
    /// of this client ID.
    ///
    /// The tenant has its name, the first word of `contoso.ciamlogin.com`, where its metadata is,
    /// and its GUID, which the name of the issuer holds twice:
    /// `https://{tenant_id}.ciamlogin.com/{tenant_id}/v2.0`. Tokens have the form of v2, with the
    /// client ID as their audience; `azp` must be there: an ID token has none.
    pub fn external_id(
        tenant: impl Into<String>,
        tenant_id: impl AsRef<str>,
        client_id: impl AsRef<str>,
    ) -> Self {
        let tenant = tenant.into();
        let tenant_id = tenant_id.as_ref().to_ascii_lowercase();
        let client_id = client_id_in_tokens(client_id.as_ref());
        let fault = if !is_guid(&tenant_id) {
            Some(ConfigError::Tenant { tenant: tenant_id.clone() })
        } else if tenant.is_empty()
            || tenant.contains(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        {
            Some(ConfigError::TenantName { name: tenant.clone() })
        } else {
            client_id.is_empty().then_some(ConfigError::ClientId)
        };
        let identity = Identity::ExternalId(ExternalId { tenant, tenant_id });
        let mut issuer = Self::new(identity, Audience::from(client_id))
            .algorithms([Algorithm::Rs256])
            .scopes_from(["scp"])
            .actor_by(super::entra::actor);
        issuer.claims.microsoft = true;
        issuer.authorized_party = true;
        issuer.fault = fault;
        issuer
    }
}

impl ExternalId {
    pub(super) fn resolved(&self, issuer: &Issuer) -> ResolvedIssuer {
        let Self { tenant, tenant_id } = self;
        let name = format!("https://{tenant_id}.ciamlogin.com/{tenant_id}/v2.0");
        let metadata = format!(
            "https://{tenant}.ciamlogin.com/{tenant_id}/v2.0/.well-known/openid-configuration"
        );
        let names = vec![name];
        ResolvedIssuer {
            microsoft: Some(MicrosoftPolicy {
                tenant: TenantRule::Is(tenant_id.clone()),
                user_flow: None,
            }),
            ..ResolvedIssuer::plain(names, issuer.metadata_at(metadata))
        }
    }
}
