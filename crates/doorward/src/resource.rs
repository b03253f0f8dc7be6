use serde_json::{Map, Value};

use crate::{challenge::is_quotable, terms::scope::Scope};

/// This API as a protected resource: the content of the metadata by which clients find out which
/// authorization servers issue tokens for it
/// ([RFC 9728](https://www.rfc-editor.org/rfc/rfc9728)).
///
/// Its identifier is the URL at which clients reach the API. The audience of its tokens is a separate
/// setting, given with each trusted issuer: Entra tokens, for instance, name a GUID.
///
/// ```
/// use doorward::{Resource, ResourceServer};
///
/// let builder = ResourceServer::builder()
///     .resource(Resource::new("https://api.example.com/orders").name("The orders API"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    identifier: String,
    authorization_servers: Option<Vec<String>>,
    more: Map<String, Value>,
}

/// A resource whose identifier is valid.
#[derive(Clone, Debug)]
pub(crate) struct CheckedResource {
    resource: Resource,
    /// The URL of its metadata.
    pub(crate) metadata_url: String,
    pub(crate) metadata_path: String,
}

/// The path of the metadata of a resource without a path
/// ([RFC 9728 §3](https://www.rfc-editor.org/rfc/rfc9728#section-3)).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

impl Resource {
    /// Creates a resource with this identifier: an `https` URL without user, query, fragment, escapes
    /// (`%`), braces and stars; `http` is allowed for a loopback host. Clients compare it byte for byte
    /// with the URL that they call. [`build`](crate::ResourceServerBuilder::build) rejects any other
    /// identifier.
    #[must_use]
    pub fn new(identifier: impl Into<String>) -> Self {
        Self { identifier: identifier.into(), authorization_servers: None, more: Map::new() }
    }

    /// Sets `resource_name`, the name for people.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        self.with("resource_name", name.into())
    }

    /// Sets `resource_documentation`, the URL of the documentation for developers.
    #[must_use]
    pub fn documentation(self, url: impl Into<String>) -> Self {
        self.with("resource_documentation", url.into())
    }

    /// Sets `authorization_servers`. Default: all issuers that the server trusts.
    #[must_use]
    pub fn authorization_servers<S: Into<String>>(
        mut self,
        issuers: impl IntoIterator<Item = S>,
    ) -> Self {
        self.authorization_servers = Some(issuers.into_iter().map(Into::into).collect());
        self
    }

    fn with(mut self, name: &str, value: String) -> Self {
        self.more.insert(name.to_owned(), Value::String(value));
        self
    }

    /// Validates the identifier; returns `None` if it is not valid.
    pub(crate) fn check(&self) -> Option<CheckedResource> {
        let (scheme, rest) = self.identifier.split_once("://")?;
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at_checked(slash)?,
            None => (rest, ""),
        };
        let is_safe = match scheme {
            "https" => is_authority(authority),
            "http" => is_authority(authority) && is_loopback(authority),
            _ => false,
        };
        // No characters that URLs do not have, nor those that have a meaning to routers.
        let is_path = |path: &str| {
            is_quotable(path)
                && !path.contains([' ', '?', '#', '{', '}', '*', '<', '>', '|', '^', '`', '%'])
        };
        if !is_safe || !is_path(path) {
            return None;
        }
        let path = if path == "/" { "" } else { path };
        Some(CheckedResource {
            metadata_url: format!("{scheme}://{authority}{WELL_KNOWN}{path}"),
            metadata_path: format!("{WELL_KNOWN}{path}"),
            resource: self.clone(),
        })
    }
}

impl From<&str> for Resource {
    fn from(identifier: &str) -> Self {
        Self::new(identifier)
    }
}

impl From<String> for Resource {
    fn from(identifier: String) -> Self {
        Self::new(identifier)
    }
}

impl CheckedResource {
    /// Returns the metadata as JSON
    /// ([RFC 9728 §2](https://www.rfc-editor.org/rfc/rfc9728#section-2)).
    pub(crate) fn document<'s>(
        &self,
        trusted: Vec<String>,
        scopes: impl IntoIterator<Item = &'s Scope>,
        in_header: bool,
    ) -> String {
        let Resource { identifier, authorization_servers, more } = &self.resource;
        let mut scopes: Vec<&str> = scopes.into_iter().map(Scope::as_str).collect();
        scopes.sort_unstable();
        scopes.dedup();
        let mut document = more.clone();
        let mut set = |name: &str, value: Value| document.insert(name.to_owned(), value);
        set("resource", identifier.as_str().into());
        set("authorization_servers", authorization_servers.clone().unwrap_or(trusted).into());
        set("bearer_methods_supported", if in_header { vec!["header"] } else { vec![] }.into());
        // A parameter without a value is left out (§3.2).
        if !scopes.is_empty() {
            set("scopes_supported", scopes.into());
        }
        Value::Object(document).to_string()
    }
}

/// Returns whether the text is a host with or without a port, and nothing else.
fn is_authority(text: &str) -> bool {
    let is_host_char = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    text.bytes().all(is_host_char) && !text.is_empty() && !text.starts_with(':')
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    let is_loopback =
        |host: &str| host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    host.is_some_and(|host| host == "localhost" || is_loopback(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_url_follows_from_the_path_of_the_identifier() {
        for (identifier, url) in [
            ("https://a.example", "https://a.example/.well-known/oauth-protected-resource"),
            ("https://a.example/", "https://a.example/.well-known/oauth-protected-resource"),
            ("https://a.example/mcp", "https://a.example/.well-known/oauth-protected-resource/mcp"),
            (
                "https://a.example:8443/a/b/",
                "https://a.example:8443/.well-known/oauth-protected-resource/a/b/",
            ),
            (
                "http://127.0.0.1:3000/mcp",
                "http://127.0.0.1:3000/.well-known/oauth-protected-resource/mcp",
            ),
            ("http://[::1]:3000/mcp", "http://[::1]:3000/.well-known/oauth-protected-resource/mcp"),
        ] {
            let checked = Resource::new(identifier).check();
            let found = checked.as_ref().map(|resource| resource.metadata_url.as_str());
            assert_eq!(found, Some(url), "{identifier}");
        }
    }

    #[test]
    fn an_identifier_is_a_url_that_clients_may_call() {
        for identifier in [
            "",
            "orders",
            "api://orders",
            "http://a.example/mcp",
            "http://localhost.evil.example/mcp",
            "http://127.0.0.1@evil.example/mcp",
            "https://",
            "https:///mcp",
            "https://:443/mcp",
            "https://user@a.example/mcp",
            "https://a.example/mcp?x=1",
            "https://a.example/mcp#x",
            "https://a.example?x",
            "https://a.example/{id}",
            "https://a.example/*",
            "https://a.example/a%20b",
            "https://a.example/a b",
            "https://a.example/\"x",
            "https://a.example/ä",
            "https://a.example\\b",
        ] {
            assert!(Resource::new(identifier).check().is_none(), "{identifier}");
        }
    }

    #[test]
    fn the_metadata_has_what_was_set_and_leaves_out_what_is_empty() {
        let trusted = || vec!["https://login.example.com".to_owned()];
        let resource = Resource::new("https://a.example").check().unwrap();
        assert_eq!(
            resource.document(trusted(), [], true),
            r#"{"authorization_servers":["https://login.example.com"],"bearer_methods_supported":["header"],"resource":"https://a.example"}"#
        );
        let resource = Resource::new("https://a.example")
            .name("Orders")
            .documentation("https://a.example/docs")
            .authorization_servers(["https://other.example"])
            .check()
            .unwrap();
        let scopes = [Scope::literal("b"), Scope::literal("a"), Scope::literal("b")];
        assert_eq!(
            resource.document(trusted(), &scopes, false),
            r#"{"authorization_servers":["https://other.example"],"bearer_methods_supported":[],"resource":"https://a.example","resource_documentation":"https://a.example/docs","resource_name":"Orders","scopes_supported":["a","b"]}"#
        );
    }
}
