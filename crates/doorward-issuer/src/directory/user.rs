use serde::Deserialize;

use super::{api::Api, application::roles_at};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    /// The object ID.
    pub(crate) id: String,
    /// The sign-in name, such as `frankm@contoso.com`.
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: Option<String>,
    /// The home tenant, by its ID or a domain.
    pub(crate) tenant: String,
    /// App roles, each as `{App ID URI}/{role}`.
    #[serde(default)]
    pub(crate) roles: Vec<String>,
}

impl User {
    pub(crate) fn roles_at(&self, api: &Api) -> Vec<&str> {
        roles_at(&self.roles, api)
    }
}
