use std::{fmt, sync::OnceLock};

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::{Method, StatusCode},
};
use doorward::{Denial, Error, ResourceServer, Target};

use crate::{Gate, response};

/// Why an extractor refused the request. As a response it is the same answer that middleware gives.
///
/// Where the application's data holds no gate, nobody can judge the request: the answer is 500, and
/// the log says how to mend it.
#[derive(Clone)]
pub struct Rejection(Reason);

#[derive(Clone)]
enum Reason {
    Refused(Box<Refused>),
    Misconfigured(&'static str),
}

#[derive(Clone)]
struct Refused {
    server: ResourceServer,
    error: Error,
    method: Method,
    route: Option<String>,
    /// Decided, and so logged, once: actix may ask for status and response in turn.
    denial: OnceLock<Denial>,
}

impl Refused {
    fn denial(&self) -> &Denial {
        let (method, route) = (Some(self.method.as_str()), self.route.as_deref());
        let target = Target { method, route, access: None };
        self.denial.get_or_init(|| self.server.deny(&self.error, &target))
    }
}

impl Rejection {
    pub(super) fn new(gate: &Gate, error: Error, request: &HttpRequest) -> Self {
        Self(Reason::Refused(Box::new(Refused {
            server: gate.server().clone(),
            error,
            method: request.method().clone(),
            route: request.match_pattern(),
            denial: OnceLock::new(),
        })))
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
            Reason::Refused(refused) => Some(&refused.error),
            Reason::Misconfigured(_) => None,
        }
    }
}

impl ResponseError for Rejection {
    fn status_code(&self) -> StatusCode {
        match &self.0 {
            Reason::Refused(refused) => response::status(refused.denial()),
            Reason::Misconfigured(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match &self.0 {
            Reason::Refused(refused) => response::respond(refused.denial(), refused.error.clone()),
            Reason::Misconfigured(_) => HttpResponse::new(self.status_code()),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Refused(refused) => refused.error.fmt(f),
            Reason::Misconfigured(fault) => f.write_str(fault),
        }
    }
}

/// Shows the reason without the server: actix's `Logger` writes this to the log.
impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Refused(refused) => f.debug_tuple("Rejection").field(&refused.error).finish(),
            Reason::Misconfigured(fault) => f.debug_tuple("Rejection").field(fault).finish(),
        }
    }
}

impl std::error::Error for Rejection {}
