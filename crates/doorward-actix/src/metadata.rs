use std::future::ready;

use actix_web::{
    HttpResponse, Resource,
    dev::{AppService, HttpServiceFactory},
    guard, web,
};
use doorward::adapter::ResourceMetadata;

/// A service that serves the protected resource metadata
/// ([RFC 9728 §3](https://www.rfc-editor.org/rfc/rfc9728#section-3)) at its path, to everybody; created
/// by [`Gate::metadata`](crate::Gate::metadata). It belongs on the app, not on a scope.
///
/// It serves nothing if the server was built without a
/// [resource](doorward::ResourceServerBuilder::resource).
#[derive(Clone, Debug)]
#[must_use = "the metadata is not served until it is on an app"]
pub struct Metadata(Option<ResourceMetadata>);

impl Metadata {
    pub(crate) const fn new(metadata: Option<ResourceMetadata>) -> Self {
        Self(metadata)
    }

    /// Returns the path, if there is something to serve.
    pub(crate) fn path(&self) -> Option<&str> {
        self.0.as_ref().map(ResourceMetadata::path)
    }

    /// Returns the actix resource, if there is something to serve.
    pub(crate) fn resource(self) -> Option<Resource> {
        let metadata = self.0?;
        let path = metadata.path().to_owned();
        let serve = move || {
            let document = metadata.document();
            ready(HttpResponse::Ok().content_type("application/json").body(document))
        };
        let reading = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
        Some(web::resource(path).route(reading.to(serve)))
    }
}

impl HttpServiceFactory for Metadata {
    fn register(self, config: &mut AppService) {
        if let Some(resource) = self.resource() {
            resource.register(config);
        }
    }
}
