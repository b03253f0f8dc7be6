use std::{fmt, str::FromStr};

use crate::terms::{tenancy::Form, unknown_name::UnknownName};

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
    const ALL: [Self; 3] = [Self::Global, Self::UsGovernment, Self::China];

    /// Returns the name in configurations: `global`, `us-government` or `china`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::UsGovernment => "us-government",
            Self::China => "china",
        }
    }

    pub(super) const fn login_host(self) -> &'static str {
        match self {
            Self::Global => "login.microsoftonline.com",
            Self::UsGovernment => "login.microsoftonline.us",
            Self::China => "login.partner.microsoftonline.cn",
        }
    }

    /// Returns the `cloud_instance_name` of the cloud's metadata and keys.
    pub(super) const fn instance(self) -> &'static str {
        match self {
            Self::Global => "microsoftonline.com",
            Self::UsGovernment => "microsoftonline.us",
            Self::China => "partner.microsoftonline.cn",
        }
    }

    /// Returns the form of the `iss` of v2 tokens.
    pub(super) fn v2(self) -> Form {
        Form(format!("https://{}/{{tenantid}}/v2.0", self.login_host()))
    }

    /// Returns the form of the `iss` of v1 tokens; that of the US government is the global one.
    pub(super) fn v1(self) -> Form {
        let host = match self {
            Self::Global | Self::UsGovernment => "sts.windows.net",
            Self::China => "sts.chinacloudapi.cn",
        };
        Form(format!("https://{host}/{{tenantid}}/"))
    }

    /// Returns the domain under which B2C tenants sign users in.
    pub(super) const fn b2c_domain(self) -> &'static str {
        match self {
            Self::Global => "b2clogin.com",
            Self::UsGovernment => "b2clogin.us",
            Self::China => "b2clogin.cn",
        }
    }

    /// Returns the domain of tenants.
    pub(super) const fn tenant_domain(self) -> &'static str {
        match self {
            Self::Global => "onmicrosoft.com",
            Self::UsGovernment => "onmicrosoft.us",
            Self::China => "partner.onmschina.cn",
        }
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Parses the [name](Cloud::name), case included.
///
/// ```
/// use doorward::presets::Cloud;
///
/// assert_eq!("us-government".parse(), Ok(Cloud::UsGovernment));
/// let error = "us".parse::<Cloud>().unwrap_err();
/// assert_eq!(error.accepted(), ["global", "us-government", "china"]);
/// ```
impl FromStr for Cloud {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let accepted = || Self::ALL.into_iter().map(Self::name);
        Self::ALL
            .into_iter()
            .find(|cloud| cloud.name() == name)
            .ok_or_else(|| UnknownName::new(name, "a Microsoft cloud", accepted()))
    }
}

/// What the name of an issuer says when it is that of a tenant of Entra.
pub(crate) struct MicrosoftName<'i> {
    pub(crate) tenant: &'i str,
    /// Of the tokens that carry it: 1 or 2.
    pub(crate) version: u8,
}

impl<'i> MicrosoftName<'i> {
    /// Reads the name; `None` when it is not that of a tenant in any cloud.
    pub(crate) fn parse(issuer: &'i str) -> Option<Self> {
        let of = |form: fn(Cloud) -> Form| {
            Cloud::ALL.into_iter().find_map(|cloud| form(cloud).tenant_in(issuer))
        };
        let v1 = of(Cloud::v1).map(|tenant| Self { tenant, version: 1 });
        v1.or_else(|| of(Cloud::v2).map(|tenant| Self { tenant, version: 2 }))
    }

    /// Returns the names of the tenant in tokens of a version, in all clouds.
    pub(crate) fn of_version(&self, version: u8) -> impl Iterator<Item = String> {
        let form = if version == 1 { Cloud::v1 } else { Cloud::v2 };
        Cloud::ALL.into_iter().map(move |cloud| form(cloud).of(self.tenant))
    }
}
