use std::fmt;

use axum::response::{IntoResponse, Response};
use doorward::{
    Error,
    adapter::{Access, Denial},
    rules::RequestInfo,
};
use http::request::Parts;

use crate::Gate;

/// Why an extractor refused the request. As a response it is the same answer that a layer gives.
///
/// The refusal is logged, and told to [`on_refusal`](doorward::ResourceServerBuilder::on_refusal),
/// when it is made: also if the handler goes on without the token.
#[derive(Clone, Debug)]
pub struct Rejection {
    denial: Denial,
    error: Error,
}

impl Rejection {
    pub(super) fn new(gate: &Gate, error: Error, parts: &Parts, access: Option<&Access>) -> Self {
        let (method, route) = (parts.method.as_str(), gate.route(&parts.extensions));
        let info = RequestInfo::new().with_method(method).with_route(route);
        Self { denial: gate.deny(&error, access, &info), error }
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
        doorward_tower::denial_response(&self.denial, self.error)
    }
}
