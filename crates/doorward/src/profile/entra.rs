use super::{
    Issuer,
    issuer::{KeyOrigin, Whence},
};
use crate::{
    server::ConfigError,
    terms::{algorithm::Algorithm, audience::Audience},
};

/// A national cloud of Microsoft: a separate set of hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cloud {
    /// The global cloud, `login.microsoftonline.com`.
    Global,
    /// The cloud of the US government, `login.microsoftonline.us`.
    UsGovernment,
    /// The cloud of 21Vianet in China, `login.partner.microsoftonline.cn`.
    China,
}

impl Cloud {
    const fn login_host(self) -> &'static str {
        match self {
            Self::Global => "login.microsoftonline.com",
            Self::UsGovernment => "login.microsoftonline.us",
            Self::China => "login.partner.microsoftonline.cn",
        }
    }

    /// Returns the host in the `iss` of v1 tokens; that of the US government is the global one.
    const fn v1_host(self) -> &'static str {
        match self {
            Self::Global | Self::UsGovernment => "sts.windows.net",
            Self::China => "sts.chinacloudapi.cn",
        }
    }
}

impl Issuer {
    /// Trusts one tenant of Microsoft Entra ID (Azure AD), for the API of this client ID.
    ///
    /// Tokens of v1 and of v2 are accepted, because the API's registration decides which one its
    /// clients get, whatever endpoint they call. Accepted audiences are the client ID,
    /// `api://{client_id}` and the [`app_id_uri`](Self::app_id_uri). Signatures are RS256. `azp` or
    /// `appid` must be there: an ID token has neither.
    ///
    /// The tenant is its GUID, as in the tokens; a domain name or `common` is refused when the
    /// server is built.
    pub fn entra(cloud: Cloud, tenant: impl AsRef<str>, client_id: impl AsRef<str>) -> Self {
        let tenant = tenant.as_ref().to_ascii_lowercase();
        let client_id = client_id.as_ref();
        // Tokens carry GUIDs in lower case, whatever a portal shows.
        let client_id =
            if is_guid(client_id) { client_id.to_ascii_lowercase() } else { client_id.to_owned() };
        let v2 = format!("https://{}/{tenant}/v2.0", cloud.login_host());
        let v1 = format!("https://{}/{tenant}/", cloud.v1_host());
        let metadata = format!("{v2}/.well-known/openid-configuration");
        let audience = Audience::from([client_id.clone(), format!("api://{client_id}")]);
        let origin = KeyOrigin::Fetched(Whence::Metadata(metadata));
        let mut issuer = Self::new(vec![v2, v1], audience, origin);
        issuer.algorithms = Some(vec![Algorithm::Rs256]);
        issuer.authorized_party = true;
        if !is_guid(&tenant) {
            issuer.fault = Some(ConfigError::Tenant { tenant });
        } else if client_id.is_empty() {
            issuer.fault = Some(ConfigError::ClientId);
        }
        issuer
    }
}

fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";

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
            assert_eq!(issuer.names, expected);
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
            assert_eq!(issuer.audience, expected);
        }
    }

    #[test]
    fn a_tenant_that_is_no_guid_is_a_fault() {
        for tenant in
            ["common", "contoso.onmicrosoft.com", "", "7fe81447-da57-4385-becb-6de57f21477"]
        {
            let fault = Issuer::entra(Cloud::Global, tenant, "c").fault;
            assert_eq!(fault, Some(ConfigError::Tenant { tenant: tenant.to_owned() }));
        }
    }
}
