use std::{fmt, sync::OnceLock};

use actix_web::{HttpRequest, HttpResponse, ResponseError, http::StatusCode};
use doorward::{Denial, Error, ResourceServer};

use crate::{Gate, response};

/// Why an extractor refused the request. As a response it is the same answer that middleware gives.
///
/// Where the application's data holds no gate, nobody can judge the request: the answer is 500, and
/// the log says how to mend it.
#[derive(Clone)]
pub struct Rejection(Reason);

#[derive(Clone)]
enum Reason {
    Refused {
        server: ResourceServer,
        error: Error,
        /// Decided, and so logged, once: actix may ask for status and response in turn.
        denial: OnceLock<Denial>,
    },
    Misconfigured(&'static str),
}

impl Rejection {
    pub(super) fn new(gate: &Gate, error: Error) -> Self {
        let server = gate.server().clone();
        Self(Reason::Refused { server, error, denial: OnceLock::new() })
    }

    pub(super) fn no_gate(request: &HttpRequest) -> Self {
        Self::misconfigured(
            request,
            "an extractor finds no gate: add `.app_data(gate.clone())` to the App",
        )
    }

    pub(super) fn two_gates(request: &HttpRequest) -> Self {
        Self::misconfigured(
            request,
            "an extractor finds two different gates: add one, by `.app_data(gate.clone())` alone \
             and not by `web::Data` too",
        )
    }

    /// Logs at once: within an `Option` a rejection is never turned into a response.
    fn misconfigured(request: &HttpRequest, fault: &'static str) -> Self {
        tracing::error!(route = request.match_pattern(), "{fault}");
        Self(Reason::Misconfigured(fault))
    }

    /// Returns the reason, for logs; the client must not see it. There is none where no gate has
    /// judged the request.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        match &self.0 {
            Reason::Refused { error, .. } => Some(error),
            Reason::Misconfigured(_) => None,
        }
    }
}

impl ResponseError for Rejection {
    fn status_code(&self) -> StatusCode {
        match &self.0 {
            Reason::Refused { server, error, denial } => {
                response::status(denial.get_or_init(|| server.deny(error)))
            }
            Reason::Misconfigured(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match &self.0 {
            Reason::Refused { server, error, denial } => {
                response::respond(denial.get_or_init(|| server.deny(error)), error.clone())
            }
            Reason::Misconfigured(_) => HttpResponse::new(self.status_code()),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Refused { error, .. } => error.fmt(f),
            Reason::Misconfigured(fault) => f.write_str(fault),
        }
    }
}

/// Shows the reason without the server: actix's `Logger` writes this to the log.
impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Refused { error, .. } => f.debug_tuple("Rejection").field(error).finish(),
            Reason::Misconfigured(fault) => f.debug_tuple("Rejection").field(fault).finish(),
        }
    }
}

impl std::error::Error for Rejection {}
