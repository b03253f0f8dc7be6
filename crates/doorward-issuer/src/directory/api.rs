use serde::{Deserialize, Deserializer};

use super::directory_error::DirectoryError;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Api {
    /// The client ID.
    pub(crate) id: String,
    pub(crate) name: String,
    /// The App ID URIs, the main one first.
    pub(crate) uris: Vec<String>,
    #[serde(default)]
    pub(crate) scopes: Vec<ScopeOfApi>,
    /// App roles, for users and for applications.
    #[serde(default)]
    pub(crate) roles: Vec<String>,
    /// `requestedAccessTokenVersion` of the manifest, which decides on the format of Entra's access
    /// tokens at every endpoint.
    #[serde(default)]
    pub(crate) token_version: TokenVersion,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScopeOfApi {
    pub(crate) name: String,
    /// The description on the consent page.
    #[serde(default)]
    pub(crate) description: String,
    /// Whether only an administrator may consent to it.
    #[serde(default)]
    pub(crate) admin_only: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TokenVersion {
    #[default]
    V1,
    V2,
}

impl Api {
    /// Returns the API with this App ID URI or client ID; a slash at its end makes no difference.
    pub(super) fn find<'a>(apis: &'a [Self], identifier: &str) -> Option<&'a Self> {
        apis.iter().find(|api| api.is_named(identifier))
    }

    /// Returns the API, its identifier and the name of `{identifier}/{name}`.
    pub(super) fn of_qualified_name<'a, 'n>(
        apis: &'a [Self],
        qualified: &'n str,
    ) -> Option<(&'a Self, &'n str, &'n str)> {
        let (identifier, name) = qualified.rsplit_once('/')?;
        let api = Self::find(apis, identifier).filter(|_| !name.is_empty())?;
        Some((api, identifier, name))
    }

    /// Creates an API without scopes for an application.
    pub(super) fn of_application(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            uris: Vec::new(),
            scopes: Vec::new(),
            roles: Vec::new(),
            token_version: TokenVersion::V2,
        }
    }

    pub(crate) fn is_named(&self, identifier: &str) -> bool {
        let identifier = without_slash(identifier);
        self.id.eq_ignore_ascii_case(identifier)
            || self.uris.iter().any(|uri| without_slash(uri) == identifier)
    }

    /// Returns the scope of this name, in any case.
    pub(crate) fn scope(&self, name: &str) -> Option<&ScopeOfApi> {
        self.scopes.iter().find(|scope| scope.name.eq_ignore_ascii_case(name))
    }

    /// Returns the main App ID URI, or the client ID of an API without one.
    pub(crate) fn main_uri(&self) -> &str {
        self.uris.first().unwrap_or(&self.id)
    }
}

fn without_slash(identifier: &str) -> &str {
    identifier.strip_suffix('/').unwrap_or(identifier)
}

impl<'de> Deserialize<'de> for TokenVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u8::deserialize(deserializer)? {
            1 => Ok(Self::V1),
            2 => Ok(Self::V2),
            other => Err(serde::de::Error::custom(DirectoryError::TokenVersion(other))),
        }
    }
}
