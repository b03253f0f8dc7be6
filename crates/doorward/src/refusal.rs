use std::{borrow::Cow, fmt, sync::Arc};

use tracing::field::display;

use crate::{access::Access, denial::Denial, error::Error, policy::Principal, rule::RequestInfo};

/// A request that was refused, for audit logs. Nothing of the token is in it but who sent it, as far
/// as its signature vouches for that.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'r> {
    error: &'r Error,
    denial: &'r Denial,
    access: Option<&'r Access>,
    request: &'r RequestInfo<'r>,
    logs_subject: bool,
}

impl<'r> Refusal<'r> {
    pub(crate) const fn new(
        error: &'r Error,
        denial: &'r Denial,
        access: Option<&'r Access>,
        request: &'r RequestInfo<'r>,
        logs_subject: bool,
    ) -> Self {
        Self { error, denial, access, request, logs_subject }
    }

    /// Returns the code of the reason, such as `policy.expired`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.error.code()
    }

    /// Returns the reason.
    #[must_use]
    pub const fn error(&self) -> &'r Error {
        self.error
    }

    /// Returns the answer that the client gets.
    #[must_use]
    pub const fn denial(&self) -> &'r Denial {
        self.denial
    }

    /// Returns the method of the request, where it is known.
    #[must_use]
    pub const fn method(&self) -> Option<&'r str> {
        self.request.method()
    }

    /// Returns the matched route as it was registered, where it is known.
    #[must_use]
    pub const fn route(&self) -> Option<&'r str> {
        self.request.route()
    }

    /// Returns the rule of the route, where one is known.
    #[must_use]
    pub fn rule(&self) -> Option<Cow<'r, str>> {
        match (self.error, self.access) {
            (Error::Rule(error), _) => Some(error.rule().into()),
            (_, access) => Some(access?.rule()?.to_string().into()),
        }
    }

    /// Returns who issued the token: for one whose signature is good, and for one that cannot be
    /// judged.
    #[must_use]
    pub fn issuer(&self) -> Option<&'r str> {
        match self.error {
            Error::Unavailable(error) => error.issuer(),
            error => error.principal().map(Principal::issuer),
        }
    }

    /// Returns the client that the token was issued to, for one whose signature is good.
    #[must_use]
    pub fn client_id(&self) -> Option<&'r str> {
        self.error.principal()?.client_id()
    }

    /// Returns for whom the token was issued, for one whose signature is good, if the server was
    /// built to [tell](crate::ResourceServerBuilder::log_subjects) that.
    #[must_use]
    pub fn subject(&self) -> Option<&'r str> {
        self.error.principal().filter(|_| self.logs_subject)?.subject()
    }

    fn log(&self) {
        let (code, status, reason) = (self.code(), self.denial.status(), self.error);
        let (method, route) = (self.method(), self.route());
        let rule = || self.rule().map(display);
        let (issuer, client_id, subject) = (self.issuer(), self.client_id(), self.subject());
        match reason {
            Error::Unavailable(_) => {
                tracing::warn!(
                    code, status, method, route, rule = rule(), issuer, %reason, "cannot judge"
                );
            }
            _ if reason.is_anonymous() => {
                tracing::debug!(code, status, method, route, rule = rule(), "no credentials");
            }
            _ => tracing::info!(
                code, status, method, route, rule = rule(), issuer, client_id, subject, %reason,
                "request refused"
            ),
        }
    }
}

type Tell = dyn Fn(&Refusal<'_>) + Send + Sync;

/// A function of the operator's that is told of refusals.
#[derive(Clone, Default)]
pub(crate) struct RefusalHook(Option<Arc<Tell>>);

impl RefusalHook {
    pub(crate) fn new(hook: impl Fn(&Refusal<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    /// Logs the refusal and tells the operator's function of it.
    pub(crate) fn tell(&self, refusal: &Refusal<'_>) {
        refusal.log();
        if let Some(hook) = &self.0 {
            hook(refusal);
        }
    }
}

impl fmt::Debug for RefusalHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "RefusalHook(set)" } else { "RefusalHook(none)" })
    }
}
