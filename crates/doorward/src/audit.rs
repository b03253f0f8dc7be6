//! What operators see of decisions: one [`Decision`] for each request at a gate, accepted or
//! rejected.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use tracing::field::display;

use crate::{
    access::Access,
    denial::Denial,
    error::Error,
    policy::{AccessToken, Principal},
    rule::RequestInfo,
};

/// The decision about one request at a gate, for audit logs and metrics.
///
/// Of a rejected request it names the sender only if the signature has been verified. Of an accepted
/// request, [`outcome`](Self::outcome) gives access to the whole token, its secret text included: do not
/// log that.
///
/// ```
/// use doorward::{ResourceServer, audit::Decision};
///
/// let builder = ResourceServer::builder().on_decision(|decision: &Decision<'_>| {
///     let (code, route) = (decision.code(), decision.route().unwrap_or("?"));
///     println!("{code} on {route} by the client {:?}", decision.client_id());
/// });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Decision<'d> {
    pub(crate) outcome: Outcome<'d>,
    pub(crate) access: Option<&'d Access>,
    pub(crate) request: &'d RequestInfo<'d>,
    pub(crate) server: Option<&'d str>,
    pub(crate) logs_subject: bool,
    pub(crate) duration: Option<Duration>,
}

/// What was decided about a request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Outcome<'d> {
    /// The request reaches the handler with this token.
    Accepted(&'d AccessToken),
    /// The request carries no token and reaches the handler of a route whose token is optional.
    Anonymous,
    /// The request is rejected.
    #[non_exhaustive]
    Rejected {
        /// The reason, for the operator.
        error: &'d Error,
        /// The answer that the client gets.
        denial: &'d Denial,
    },
}

impl<'d> Decision<'d> {
    /// Returns what was decided.
    #[must_use]
    pub const fn outcome(&self) -> Outcome<'d> {
        self.outcome
    }

    /// Returns `accepted`, `anonymous`, or the code of the reason, such as `policy.expired`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.outcome {
            Outcome::Accepted(_) => "accepted",
            Outcome::Anonymous => "anonymous",
            Outcome::Rejected { error, .. } => error.code(),
        }
    }

    /// Returns the reason for a rejection.
    #[must_use]
    pub const fn error(&self) -> Option<&'d Error> {
        match self.outcome {
            Outcome::Rejected { error, .. } => Some(error),
            Outcome::Accepted(_) | Outcome::Anonymous => None,
        }
    }

    /// Returns the answer that the client gets to a rejected request.
    #[must_use]
    pub const fn denial(&self) -> Option<&'d Denial> {
        match self.outcome {
            Outcome::Rejected { denial, .. } => Some(denial),
            Outcome::Accepted(_) | Outcome::Anonymous => None,
        }
    }

    /// Returns the name of the server, if it was
    /// [named](crate::ResourceServerBuilder::name).
    #[must_use]
    pub const fn server(&self) -> Option<&'d str> {
        self.server
    }

    /// Returns the method of the request, if it is known.
    #[must_use]
    pub const fn method(&self) -> Option<&'d str> {
        self.request.method()
    }

    /// Returns the matched route as it was registered, if it is known.
    #[must_use]
    pub fn route(&self) -> Option<&'d str> {
        self.request.route()
    }

    /// Returns the rule of the route, if it has one.
    #[must_use]
    pub fn rule(&self) -> Option<Cow<'d, str>> {
        match (self.outcome, self.access) {
            (Outcome::Rejected { error: Error::Rule(error), .. }, _) => Some(error.rule().into()),
            (_, access) => Some(access?.rule()?.to_string().into()),
        }
    }

    /// Returns the issuer of the token: of one whose signature has been verified, and of one that
    /// cannot be verified because the issuer's keys are unavailable.
    #[must_use]
    pub fn issuer(&self) -> Option<&'d str> {
        match self.outcome {
            Outcome::Accepted(token) => Some(token.issuer()),
            Outcome::Anonymous => None,
            Outcome::Rejected { error: Error::Unavailable(error), .. } => error.issuer(),
            Outcome::Rejected { error, .. } => error.principal().map(Principal::issuer),
        }
    }

    /// Returns the client to which the token was issued, if the signature has been verified.
    #[must_use]
    pub fn client_id(&self) -> Option<&'d str> {
        match self.outcome {
            Outcome::Accepted(token) => token.client_id(),
            Outcome::Anonymous => None,
            Outcome::Rejected { error, .. } => error.principal()?.client_id(),
        }
    }

    /// Returns the subject of the token, if the signature has been verified and the server was built
    /// with [`log_subjects`](crate::ResourceServerBuilder::log_subjects).
    #[must_use]
    pub fn subject(&self) -> Option<&'d str> {
        match self.outcome {
            _ if !self.logs_subject => None,
            Outcome::Accepted(token) => Some(token.subject()),
            Outcome::Anonymous => None,
            Outcome::Rejected { error, .. } => error.principal()?.subject(),
        }
    }

    /// Returns whether an accepted token was found in the cache of verified tokens.
    #[must_use]
    pub const fn is_cached(&self) -> bool {
        match self.outcome {
            Outcome::Accepted(token) => token.is_cached(),
            Outcome::Anonymous | Outcome::Rejected { .. } => false,
        }
    }

    /// Returns how long the decision took, fetching included. `None` for decisions inside a handler,
    /// such as those of an extractor.
    #[must_use]
    pub const fn duration(&self) -> Option<Duration> {
        self.duration
    }

    fn log(&self) {
        let Outcome::Rejected { error: reason, denial } = self.outcome else {
            let (code, method) = (self.code(), self.method());
            let (issuer, client_id) = (self.issuer(), self.client_id());
            tracing::debug!(
                code,
                server = self.server,
                method,
                route = self.route(),
                issuer,
                client_id,
                subject = self.subject(),
                cached = self.is_cached(),
                "request accepted"
            );
            return;
        };
        let (code, status, server) = (self.code(), denial.status(), self.server);
        let (method, route) = (self.method(), || self.route());
        let rule = || self.rule().map(display);
        let (issuer, client_id, subject) = (self.issuer(), self.client_id(), self.subject());
        match reason {
            Error::Unavailable(_) => {
                tracing::warn!(
                    code, status, server, method, route = route(), rule = rule(), issuer, %reason,
                    "cannot verify"
                );
            }
            _ if reason.is_anonymous() => {
                tracing::debug!(
                    code,
                    status,
                    server,
                    method,
                    route = route(),
                    rule = rule(),
                    "no credentials"
                );
            }
            _ => tracing::info!(
                code, status, server, method, route = route(), rule = rule(), issuer, client_id,
                subject, %reason, "request refused"
            ),
        }
    }

    /// Records the decision in the current span, if it declares the fields.
    fn record(&self) {
        if !tracing::dispatcher::has_been_set() {
            return;
        }
        let span = tracing::Span::current();
        span.record("auth.code", self.code());
        span.record("auth.issuer", self.issuer());
        span.record("auth.client_id", self.client_id());
        span.record("auth.subject", self.subject());
    }
}

type Hook = dyn Fn(&Decision<'_>) + Send + Sync;

/// The operator's function that is called with each decision.
#[derive(Clone, Default)]
pub(crate) struct DecisionHook(Option<Arc<Hook>>);

impl DecisionHook {
    pub(crate) fn new(hook: impl Fn(&Decision<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(crate) const fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// Logs the decision, records it in the current span and calls the operator's function.
    pub(crate) fn report(&self, decision: &Decision<'_>) {
        decision.log();
        decision.record();
        if let Some(hook) = &self.0 {
            hook(decision);
        }
    }
}

impl fmt::Debug for DecisionHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_set() { "DecisionHook(set)" } else { "DecisionHook(none)" })
    }
}
