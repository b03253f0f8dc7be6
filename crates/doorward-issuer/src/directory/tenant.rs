use serde::Deserialize;

/// The tenant of personal Microsoft accounts.
pub(crate) const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tenant {
    /// A GUID, in lower case once it is checked.
    pub(crate) id: String,
    pub(crate) domains: Vec<String>,
    #[serde(default)]
    pub(crate) kind: Kind,
    #[serde(default)]
    pub(crate) cloud: Cloud,
    /// The user flows and custom policies of a B2C tenant.
    #[serde(default)]
    pub(crate) policies: Vec<String>,
}

/// The protocols of a tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Azure AD (v1) and Microsoft Entra ID (v2).
    #[default]
    Entra,
    B2c,
    /// OpenID Connect and RFC 9068, without vendor extensions.
    Oidc,
}

/// The Microsoft cloud of a tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cloud {
    #[default]
    Global,
    UsGovernment,
    China,
}

impl Tenant {
    /// Returns the tenant with this ID or domain, in any case.
    pub(super) fn find<'t>(tenants: &'t [Self], name: &str) -> Option<&'t Self> {
        tenants.iter().find(|tenant| tenant.is_named(name))
    }

    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.id.eq_ignore_ascii_case(name)
            || self.domains.iter().any(|domain| domain.eq_ignore_ascii_case(name))
    }

    /// Returns the policy of this name, in any case, as it is configured.
    pub(crate) fn policy(&self, name: &str) -> Option<&str> {
        self.policies.iter().map(String::as_str).find(|policy| policy.eq_ignore_ascii_case(name))
    }

    /// Returns the first domain without its suffix: `contoso` of `contoso.onmicrosoft.com`.
    pub(crate) fn short_name(&self) -> &str {
        let domain = self.domains.first().map_or(self.id.as_str(), String::as_str);
        domain.split_once('.').map_or(domain, |(name, _)| name)
    }
}

impl Cloud {
    pub(crate) fn login_host(self) -> &'static str {
        match self {
            Self::Global => "login.microsoftonline.com",
            Self::UsGovernment => "login.microsoftonline.us",
            Self::China => "login.partner.microsoftonline.cn",
        }
    }

    /// Returns the host in the issuer identifier of v1 tokens.
    pub(crate) fn sts_host(self) -> &'static str {
        match self {
            Self::Global | Self::UsGovernment => "sts.windows.net",
            Self::China => "sts.chinacloudapi.cn",
        }
    }

    pub(crate) fn b2c_suffix(self) -> &'static str {
        match self {
            Self::Global => "b2clogin.com",
            Self::UsGovernment => "b2clogin.us",
            Self::China => "b2clogin.cn",
        }
    }

    /// Returns the `cloud_instance_name` of the metadata.
    pub(crate) fn instance_name(self) -> &'static str {
        match self {
            Self::Global => "microsoftonline.com",
            Self::UsGovernment => "microsoftonline.us",
            Self::China => "partner.microsoftonline.cn",
        }
    }
}
