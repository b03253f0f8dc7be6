//! The world that the issuer knows: tenants, users, applications and APIs.
//!
//! Text in TOML comes in; a [`Directory`] goes out whose parts fit together. Refused, by name: what
//! is unknown to the format, and what contradicts itself. Nothing here knows a protocol.

mod api;
mod application;
mod certificate;
mod check;
mod directory_error;
mod tenant;
mod user;

use std::{fs, path::Path};

use serde::Deserialize;

pub use self::directory_error::DirectoryError;
pub(crate) use self::{
    api::{Api, ScopeOfApi, TokenVersion},
    application::{Application, Platform},
    certificate::Certificate,
    tenant::{CONSUMERS, Cloud, Kind, Tenant},
    user::User,
};

/// The tenants, users, applications and APIs of an issuer that speaks as Azure AD (v1), Microsoft
/// Entra ID (v2), Azure AD B2C and OpenID Connect do.
///
/// ```
/// use doorward_issuer::{DevIssuer, Directory};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = DevIssuer::builder()
///     .directory(Directory::from_toml(Directory::DEMO)?)
///     .sign_in_automatically()
///     .start()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// How tokens name their issuer.
    #[serde(default)]
    pub(crate) issuer_names: IssuerNames,
    #[serde(default)]
    pub(crate) sign_in: SignIn,
    /// Further names of this machine that the certificate of https is for.
    #[serde(default)]
    pub(crate) host_names: Vec<String>,
    #[serde(default)]
    pub(crate) tenants: Vec<Tenant>,
    #[serde(default)]
    pub(crate) users: Vec<User>,
    #[serde(default)]
    pub(crate) applications: Vec<Application>,
    #[serde(default)]
    pub(crate) apis: Vec<Api>,
}

/// How tokens and metadata name their issuer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IssuerNames {
    /// Below the URL of this issuer.
    #[default]
    Own,
    /// As the tenant's cloud names itself, such as `https://sts.windows.net/{tenant}/`.
    Microsoft,
}

/// Who signs a user in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignIn {
    /// A person, on a page.
    #[default]
    Page,
    /// Nobody: the user of `login_hint`, or else the tenant's first.
    Automatic,
}

impl Directory {
    /// A ready directory, in TOML: the applications of the documents of Microsoft that
    /// the [README](crate#as-azure-ad-entra-and-b2c) names, with users, APIs and two B2C tenants.
    pub const DEMO: &str = include_str!("demo.toml");

    /// Reads a directory from TOML; the [README](crate#the-directory) tells the format.
    ///
    /// # Errors
    ///
    /// A [`DirectoryError`] that names what is unknown, wrong or contradictory.
    pub fn from_toml(text: &str) -> Result<Self, DirectoryError> {
        let mut directory: Self =
            toml::from_str(text).map_err(|error| DirectoryError::Format(error.to_string()))?;
        directory.check()?;
        Ok(directory)
    }

    /// Reads a directory from a file, as [`Directory::from_toml`] does.
    ///
    /// # Errors
    ///
    /// [`DirectoryError::File`] when the file cannot be read as UTF-8 text; otherwise as
    /// [`Directory::from_toml`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, DirectoryError> {
        let path = path.as_ref();
        let text = fs::read_to_string(path)
            .map_err(|source| DirectoryError::File { path: path.to_owned(), source })?;
        Self::from_toml(&text)
    }

    /// Returns the tenant of this ID or domain, in any case.
    pub(crate) fn tenant(&self, name: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| tenant.is_named(name))
    }

    /// Returns the address of each tenant, and of each policy where it has some.
    pub(crate) fn authorities(&self, url: &str) -> Vec<String> {
        let of = |tenant: &Tenant| {
            let name = tenant.domains.first().unwrap_or(&tenant.id);
            let at = format!("{url}/{name}");
            match tenant.policies.as_slice() {
                [] => vec![at],
                policies => policies.iter().map(|policy| format!("{at}/{policy}")).collect(),
            }
        };
        self.tenants.iter().flat_map(of).collect()
    }

    pub(crate) fn application(&self, client_id: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.id.eq_ignore_ascii_case(client_id))
    }

    pub(crate) fn user(&self, object_id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == object_id)
    }

    /// Returns the API that has this App ID URI or client ID; a slash at its end makes no
    /// difference.
    pub(crate) fn api(&self, identifier: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.is_named(identifier))
    }

    /// Returns the API and the name behind the last slash of `{identifier}/{name}`.
    pub(crate) fn api_and_name<'a>(&self, full: &'a str) -> Option<(&Api, &'a str, &'a str)> {
        let (identifier, name) = full.rsplit_once('/')?;
        let api = self.api(identifier).filter(|_| !name.is_empty())?;
        Some((api, identifier, name))
    }
}

#[cfg(test)]
mod tests {
    use super::Directory;

    #[test]
    fn demo_is_a_good_directory() {
        let refusal = Directory::from_toml(Directory::DEMO).err().map(|error| error.to_string());
        assert_eq!(refusal, None);
    }

    #[test]
    fn secrets_are_not_told_for_debugging() {
        let directory = Directory::from_toml(Directory::DEMO).unwrap();
        assert!(!format!("{directory:?}").contains("sampleCredentia1s"));
    }
}
