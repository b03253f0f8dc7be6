//! The tenants, users, applications and APIs of the issuer.
//!
//! TOML text comes in; a [`Directory`] whose references are valid goes out. Rejected are unknown members
//! and values, and contradictions. The directory is independent of the protocols.

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

/// The tenants, users, applications and APIs of an issuer that serves the protocols of Azure AD (v1),
/// Microsoft Entra ID (v2), Azure AD B2C and OpenID Connect.
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
    /// The issuer identifier of tokens.
    #[serde(default)]
    pub(crate) issuer_names: IssuerNames,
    #[serde(default)]
    pub(crate) sign_in: SignIn,
    /// Further host names in the certificate for https.
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

/// The issuer identifier of tokens and metadata.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IssuerNames {
    /// A URL below the one of this issuer.
    #[default]
    Own,
    /// The one of the tenant's cloud, such as `https://sts.windows.net/{tenant}/`.
    Microsoft,
}

/// How users sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignIn {
    /// On a page.
    #[default]
    Page,
    /// Without a page: the user of `login_hint`, otherwise the tenant's first.
    Automatic,
}

impl Directory {
    /// A demo directory in TOML: the applications of Microsoft's documents that the
    /// [README](crate#as-azure-ad-entra-and-b2c) lists, with users, APIs and two B2C tenants.
    pub const DEMO: &str = include_str!("demo.toml");

    /// Parses a directory in TOML; the [README](crate#the-directory) describes the format.
    ///
    /// # Errors
    ///
    /// A [`DirectoryError`] that names the unknown, invalid or contradictory part.
    pub fn from_toml(text: &str) -> Result<Self, DirectoryError> {
        let mut directory: Self =
            toml::from_str(text).map_err(|error| DirectoryError::Format(error.to_string()))?;
        directory.lower_ids();
        check::tenants(&directory.tenants)?;
        check::users(&directory.users, &directory.tenants, &directory.apis)?;
        check::apis(&directory.apis)?;
        check::applications(&directory.applications, &directory.tenants, &directory.apis)?;
        directory.add_own_apis();
        Ok(directory)
    }

    /// Makes IDs lowercase, as in tokens.
    fn lower_ids(&mut self) {
        let tenants = self.tenants.iter_mut().map(|tenant| &mut tenant.id);
        for id in tenants.chain(self.users.iter_mut().map(|user| &mut user.id)) {
            id.make_ascii_lowercase();
        }
    }

    /// Adds an API for each application, which its client ID identifies.
    fn add_own_apis(&mut self) {
        for application in &self.applications {
            if !self.apis.iter().any(|api| api.id.eq_ignore_ascii_case(&application.id)) {
                self.apis.push(Api::of_application(&application.id, &application.name));
            }
        }
    }

    /// Reads a directory from a file and parses it as [`Directory::from_toml`].
    ///
    /// # Errors
    ///
    /// [`DirectoryError::File`] if the file cannot be read as UTF-8 text; otherwise as
    /// [`Directory::from_toml`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, DirectoryError> {
        let path = path.as_ref();
        let text = fs::read_to_string(path)
            .map_err(|source| DirectoryError::File { path: path.to_owned(), source })?;
        Self::from_toml(&text)
    }

    /// Returns the tenant with this ID or domain, in any case.
    pub(crate) fn tenant(&self, name: &str) -> Option<&Tenant> {
        Tenant::find(&self.tenants, name)
    }

    /// Returns the authority URL of each tenant, or of each of its policies if it has some.
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
        Api::find(&self.apis, identifier)
    }

    /// Returns the API, its identifier and the name of `{identifier}/{name}`.
    pub(crate) fn api_and_name<'a>(&self, qualified: &'a str) -> Option<(&Api, &'a str, &'a str)> {
        Api::of_qualified_name(&self.apis, qualified)
    }
}

#[cfg(test)]
mod tests {
    use super::Directory;

    #[test]
    fn demo_directory_is_valid() {
        let error = Directory::from_toml(Directory::DEMO).err().map(|error| error.to_string());
        assert_eq!(error, None);
    }

    #[test]
    fn debug_output_has_no_secret() {
        let directory = Directory::from_toml(Directory::DEMO).unwrap();
        assert!(!format!("{directory:?}").contains("sampleCredentia1s"));
    }
}
