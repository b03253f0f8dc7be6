use std::fmt;

use axum::response::{IntoResponse, Response};
use doorward::{Error, adapter};
use http::StatusCode;

use crate::rejection_response;

/// The error of an extractor. As a response it is the answer that a layer gives for the same reason.
///
/// It is reported when it is created, to the log and to
/// [`on_decision`](doorward::ResourceServerBuilder::on_decision): also if the handler goes on without
/// the token.
#[derive(Clone, Debug)]
pub struct Rejection(Reason);

#[derive(Clone, Debug)]
enum Reason {
    Rejected(adapter::Rejection),
    /// There is no gate in front of the handler, so the request was not verified.
    MissingGuard,
}

impl Rejection {
    pub(super) const fn missing_guard() -> Self {
        Self(Reason::MissingGuard)
    }

    /// Returns the reason, for logs; the client must not see it. `None` if no gate is in front of the
    /// handler, so that the request was not verified.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        match &self.0 {
            Reason::Rejected(rejection) => Some(rejection.error()),
            Reason::MissingGuard => None,
        }
    }

    /// Returns the status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match &self.0 {
            // The core's statuses are always valid; if one were not, the request would still be
            // rejected.
            Reason::Rejected(rejection) => StatusCode::from_u16(rejection.denial().status())
                .unwrap_or(StatusCode::UNAUTHORIZED),
            Reason::MissingGuard => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<adapter::Rejection> for Rejection {
    fn from(rejection: adapter::Rejection) -> Self {
        Self(Reason::Rejected(rejection))
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        match self.0 {
            Reason::Rejected(rejection) => rejection_response(rejection),
            Reason::MissingGuard => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error() {
            Some(error) => error.fmt(f),
            None => f.write_str("no gate is in front of the handler"),
        }
    }
}

impl std::error::Error for Rejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error()?.source()
    }
}
