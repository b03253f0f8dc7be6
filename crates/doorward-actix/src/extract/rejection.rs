use std::fmt;

use actix_web::{HttpRequest, HttpResponse, ResponseError, http::StatusCode};
use doorward::{
    Error, Rule,
    adapter::{self, Verified, report_missing_guard},
    errors::CredentialsError,
};

use crate::{rejection_response, response, route_match::RouteMatch};

/// The error of an extractor. As a response it is the answer that middleware gives for the same
/// reason.
///
/// A token that does not meet what the extractor requires is reported at once, to the log and to
/// [`on_decision`](doorward::ResourceServerBuilder::on_decision). An anonymous request is reported when
/// this becomes the response: a handler that extracts an `Option` may go on without a token.
#[derive(Clone)]
pub struct Rejection(Reason);

#[derive(Clone)]
enum Reason {
    Rejected(adapter::Rejection),
    Anonymous(Box<Anonymous>),
    /// There is no gate in front of the handler, so the request was not verified.
    MissingGuard,
}

/// An anonymous request, of which the extractor requires a token and the gate in front does not.
#[derive(Clone)]
struct Anonymous {
    verified: Verified,
    request: HttpRequest,
    rule: Option<Rule>,
}

/// The reason for the rejection of an anonymous request.
static MISSING: Error = Error::Credentials(CredentialsError::Missing);

const FIX: &str = "put a gate in front of the handler: add its route to `gate.guarded_scope(prefix)` \
                   by `.route(…)` or `.optional(…)`, or wrap it in `gate.require(rule)`, \
                   `gate.authenticated()` or `gate.optional()`";

impl Rejection {
    /// Logs that no gate is in front of the handler.
    pub(super) fn missing_guard(request: &HttpRequest, extractor: &'static str) -> Self {
        report_missing_guard(extractor, FIX, &RouteMatch::of(request).info());
        Self(Reason::MissingGuard)
    }

    pub(super) fn anonymous(
        verified: Verified,
        request: &HttpRequest,
        rule: Option<&Rule>,
    ) -> Self {
        let (request, rule) = (request.clone(), rule.cloned());
        Self(Reason::Anonymous(Box::new(Anonymous { verified, request, rule })))
    }

    /// Returns the reason, for logs; the client must not see it. `None` if no gate is in front of the
    /// handler, so that the request was not verified.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match &self.0 {
            Reason::Rejected(rejection) => Some(rejection.error()),
            Reason::Anonymous(_) => Some(&MISSING),
            Reason::MissingGuard => None,
        }
    }
}

impl Anonymous {
    /// Reports the rejection and returns it. There always is one, since the request has no token.
    fn report(&self) -> Option<adapter::Rejection> {
        let matched = RouteMatch::of(&self.request);
        let token = match &self.rule {
            Some(rule) => self.verified.authorize(rule, &matched.info()),
            None => self.verified.require_token(&matched.info()),
        };
        token.err()
    }
}

impl From<adapter::Rejection> for Rejection {
    fn from(rejection: adapter::Rejection) -> Self {
        Self(Reason::Rejected(rejection))
    }
}

impl ResponseError for Rejection {
    fn status_code(&self) -> StatusCode {
        match &self.0 {
            Reason::Rejected(rejection) => response::status(rejection.denial()),
            Reason::Anonymous(_) => StatusCode::UNAUTHORIZED,
            Reason::MissingGuard => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match &self.0 {
            Reason::Rejected(rejection) => rejection_response(rejection.clone()),
            Reason::Anonymous(anonymous) => {
                let rejection = anonymous.report().map(rejection_response);
                rejection.unwrap_or_else(|| HttpResponse::new(self.status_code()))
            }
            Reason::MissingGuard => HttpResponse::new(self.status_code()),
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

/// Shows the reason without the server: actix's `Logger` writes this to the log.
impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error() {
            Some(error) => f.debug_tuple("Rejection").field(error).finish(),
            None => f.write_str("Rejection(MissingGuard)"),
        }
    }
}

impl std::error::Error for Rejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error()?.source()
    }
}
