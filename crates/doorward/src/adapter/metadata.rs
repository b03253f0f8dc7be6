use crate::{server::ResourceServer, terms::scope::Scope};

/// The protected resource metadata of a server
/// ([RFC 9728](https://www.rfc-editor.org/rfc/rfc9728)), for an adapter to serve.
#[derive(Clone, Debug)]
pub struct ResourceMetadata {
    server: ResourceServer,
    scopes: Vec<Scope>,
}

impl ResourceMetadata {
    /// Returns the metadata with these `scopes_supported`, which an access map
    /// [lists](crate::access_map::AccessMap::scopes); `None` if the server was built without a
    /// [resource](crate::ResourceServerBuilder::resource).
    pub fn new(server: &ResourceServer, scopes: impl IntoIterator<Item = Scope>) -> Option<Self> {
        server.request_settings().resource.as_ref()?;
        Some(Self { server: server.clone(), scopes: scopes.into_iter().collect() })
    }

    /// Returns the path at which clients look for the document
    /// ([RFC 9728 §3](https://www.rfc-editor.org/rfc/rfc9728#section-3)).
    #[must_use]
    pub fn path(&self) -> &str {
        let resource = self.server.request_settings().resource.as_ref();
        resource.map_or("", |resource| resource.metadata_path.as_str())
    }

    /// Returns the document as JSON, with the issuers that are trusted now
    /// ([RFC 9728 §2](https://www.rfc-editor.org/rfc/rfc9728#section-2)).
    #[must_use]
    pub fn document(&self) -> String {
        let settings = self.server.request_settings();
        let servers = self.server.authorization_servers();
        let reads_authorization = settings.reads_authorization();
        let resource = settings.resource.as_ref();
        resource.map_or_else(String::new, |resource| {
            resource.document(servers, &self.scopes, reads_authorization)
        })
    }
}
