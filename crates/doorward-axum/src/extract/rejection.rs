use std::fmt;

use axum::response::{IntoResponse, Response};
use doorward::{Error, ResourceServer, Target};
use http::{Method, request::Parts};

use crate::Gate;

/// Why an extractor refused the request. As a response it is the same answer that a layer gives; but a
/// call of gRPC is told no `grpc-status`.
#[derive(Clone, Debug)]
pub struct Rejection {
    server: ResourceServer,
    error: Error,
    method: Method,
    route: Option<String>,
}

impl Rejection {
    pub(super) fn new(gate: &Gate, error: Error, parts: &Parts) -> Self {
        let route = gate.route(&parts.extensions).map(str::to_owned);
        Self { server: gate.server().clone(), error, method: parts.method.clone(), route }
    }

    /// Returns the reason, for logs; the client must not see it.
    #[must_use]
    pub const fn error(&self) -> &Error {
        &self.error
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Rejection {}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let (method, route) = (Some(self.method.as_str()), self.route.as_deref());
        let target = Target { method, route, access: None };
        doorward_tower::denial_response(&self.server, self.error, &target)
    }
}
