use std::fmt;

use actix_web::{HttpRequest, HttpResponse, ResponseError, http::StatusCode};
use doorward::{
    Error,
    adapter::{Access, Denial},
    rules::RequestInfo,
};

use crate::{Gate, denial_response, response};

/// Why an extractor refused the request. As a response it is the same answer that middleware gives.
///
/// The refusal is logged, and told to [`on_refusal`](doorward::ResourceServerBuilder::on_refusal),
/// when it is made: also if the handler goes on without the token.
///
/// Where the application's data holds no gate, nobody can judge the request: the answer is 500, and
/// the log says how to mend it.
#[derive(Clone)]
pub struct Rejection(Reason);

#[derive(Clone)]
enum Reason {
    Refused(Box<(Denial, Error)>),
    Misconfigured(&'static str),
}

impl Rejection {
    pub(super) fn new(
        gate: &Gate,
        error: Error,
        request: &HttpRequest,
        access: Option<&Access>,
    ) -> Self {
        let (method, route) = (request.method().as_str(), request.match_pattern());
        let info = RequestInfo::new().with_method(method).with_route(route.as_deref());
        Self(Reason::Refused(Box::new((gate.deny(&error, access, &info), error))))
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

    fn misconfigured(request: &HttpRequest, fault: &'static str) -> Self {
        tracing::error!(route = request.match_pattern(), "{fault}");
        Self(Reason::Misconfigured(fault))
    }

    /// Returns the reason, for logs; the client must not see it. There is none where no gate has
    /// judged the request.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        match &self.0 {
            Reason::Refused(refused) => Some(&refused.1),
            Reason::Misconfigured(_) => None,
        }
    }
}

impl ResponseError for Rejection {
    fn status_code(&self) -> StatusCode {
        match &self.0 {
            Reason::Refused(refused) => response::status(&refused.0),
            Reason::Misconfigured(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match &self.0 {
            Reason::Refused(refused) => denial_response(&refused.0, refused.1.clone()),

            Reason::Misconfigured(_) => HttpResponse::new(self.status_code()),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Refused(refused) => refused.1.fmt(f),
            Reason::Misconfigured(fault) => f.write_str(fault),
        }
    }
}

/// Shows the reason without the server: actix's `Logger` writes this to the log.
impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Refused(refused) => f.debug_tuple("Rejection").field(&refused.1).finish(),
            Reason::Misconfigured(fault) => f.debug_tuple("Rejection").field(fault).finish(),
        }
    }
}

impl std::error::Error for Rejection {}
