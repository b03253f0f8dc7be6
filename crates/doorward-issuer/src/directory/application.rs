use std::fmt;

use aws_lc_rs::constant_time;
use serde::Deserialize;

use super::{api::Api, certificate::Certificate, tenant::Tenant};
use crate::random;

/// A registered client.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Application {
    /// The client ID.
    pub(crate) id: String,
    pub(crate) name: String,
    /// The home tenant, by its ID or a domain.
    pub(crate) tenant: String,
    /// Whether users of other tenants may sign in.
    #[serde(default)]
    pub(crate) multi_tenant: bool,
    /// Client secrets. An application without one and without a certificate is public.
    #[serde(default)]
    secrets: Vec<String>,
    /// Certificates in PEM, for client assertions.
    #[serde(default)]
    pub(crate) certificates: Vec<Certificate>,
    #[serde(default)]
    pub(crate) redirect_uris: Vec<RedirectUri>,
    /// Whether the authorization endpoint may return ID tokens.
    #[serde(default)]
    pub(crate) id_tokens: bool,
    /// Whether the authorization endpoint may return access tokens.
    #[serde(default)]
    pub(crate) access_tokens: bool,
    /// Scopes that an administrator has granted for all users, each as `{App ID URI}/{scope}`.
    #[serde(default)]
    pub(crate) permissions: Vec<String>,
    /// App roles of the application itself, each as `{App ID URI}/{role}`.
    #[serde(default)]
    pub(crate) roles: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedirectUri {
    pub(crate) uri: String,
    #[serde(default)]
    pub(crate) platform: Platform,
}

/// The kind of application that a redirect URI belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Platform {
    #[default]
    Web,
    /// Single-page application, which redeems its codes by script, without a credential.
    Spa,
    /// Desktop or mobile application.
    Native,
}

impl Application {
    pub(crate) fn is_public(&self) -> bool {
        self.secrets.is_empty() && self.certificates.is_empty()
    }

    pub(crate) fn has_empty_secret(&self) -> bool {
        self.secrets.iter().any(String::is_empty)
    }

    /// Compares in constant time.
    pub(crate) fn has_secret(&self, secret: &str) -> bool {
        let equal = |known: &String| {
            constant_time::verify_slices_are_equal(known.as_bytes(), secret.as_bytes()).is_ok()
        };
        self.secrets.iter().any(equal)
    }

    /// Returns the registered redirect URI that equals the one of a request. The port may differ for
    /// loopback hosts (RFC 8252 §7.3).
    pub(crate) fn redirect_uri(&self, requested: &str) -> Option<&RedirectUri> {
        let exact = self.redirect_uris.iter().find(|known| known.uri == requested);
        exact.or_else(|| {
            let requested = without_loopback_port(requested)?;
            let same = |known: &&RedirectUri| without_loopback_port(&known.uri) == Some(requested);
            self.redirect_uris.iter().find(same)
        })
    }

    /// Returns whether this is the origin of a redirect URI for single-page applications. The port may
    /// differ for loopback hosts.
    pub(crate) fn has_spa_origin(&self, origin: &str) -> bool {
        let requested = without_loopback_port(origin);
        self.redirect_uris.iter().filter(|known| known.platform == Platform::Spa).any(|known| {
            let same = known.uri.strip_prefix(origin);
            let host = |uri| without_loopback_port(uri).map(|(host, _)| host);
            same.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                || requested.is_some_and(|(requested, path)| {
                    path == "/" && host(&known.uri) == Some(requested)
                })
        })
    }

    /// Returns whether an administrator has granted the scope of this name, in any case.
    pub(crate) fn is_permitted(&self, api: &Api, scope: &str) -> bool {
        self.permissions.iter().any(|full| {
            let split = full.rsplit_once('/');
            split.is_some_and(|(uri, name)| name.eq_ignore_ascii_case(scope) && api.is_named(uri))
        })
    }

    /// Returns the object ID of the application's service principal in a tenant.
    pub(crate) fn object_id(&self, tenant: &Tenant) -> String {
        random::guid_from(&format!("{} {}", self.id, tenant.id))
    }

    /// Returns the application's own roles at the API.
    pub(crate) fn roles_at(&self, api: &Api) -> Vec<&str> {
        roles_at(&self.roles, api)
    }
}

/// Returns the names of the roles of one API, from roles in the form `{App ID URI}/{role}`.
pub(super) fn roles_at<'a>(roles: &'a [String], api: &Api) -> Vec<&'a str> {
    let split = roles.iter().filter_map(|full| full.rsplit_once('/'));
    split.filter(|(uri, _)| api.is_named(uri)).map(|(_, name)| name).collect()
}

/// Returns the host and the path of an `http` URL with a loopback host; `None` for any other, such as
/// `http://localhost:x@evil.example/`.
fn without_loopback_port(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    let path = if path.is_empty() { "/" } else { path };
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    (matches!(host, "localhost" | "127.0.0.1") && is_port).then_some((host, path))
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}
