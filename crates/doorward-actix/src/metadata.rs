use std::future::ready;

use actix_web::{
    HttpResponse, Resource,
    dev::{AppService, HttpServiceFactory},
    guard, web,
};
use doorward::{ResourceServer, Scope};

/// Serves the protected resource metadata
/// ([RFC 9728 §3](https://www.rfc-editor.org/rfc/rfc9728#section-3)) at its path, for everybody; made
/// by [`Gate::metadata`](crate::Gate::metadata). It goes on the app, not on a scope.
#[derive(Clone, Debug)]
#[must_use = "the metadata is not served until it is on an app"]
pub struct Metadata {
    server: ResourceServer,
    scopes: Vec<Scope>,
}

impl Metadata {
    pub(crate) const fn new(server: ResourceServer, scopes: Vec<Scope>) -> Self {
        Self { server, scopes }
    }

    /// Returns it as a resource of actix's, if there is something to serve.
    pub(crate) fn resource(self) -> Option<Resource> {
        let Self { server, scopes } = self;
        let path = server.resource_metadata_path()?.to_owned();
        let serve = move || {
            ready(match server.resource_metadata(&scopes) {
                Some(document) => {
                    HttpResponse::Ok().content_type("application/json").body(document)
                }
                None => HttpResponse::NotFound().finish(),
            })
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
