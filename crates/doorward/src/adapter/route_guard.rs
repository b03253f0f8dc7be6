use std::sync::Arc;

use super::{Access, Authenticated, Authentication, Rejection, RequestHead, RequestInfo, Verified};
use crate::{
    audit::{Decision, Outcome},
    credentials::{self, BearerToken, CredentialsError},
    policy::AccessToken,
    server::{ResourceServer, Verification},
};

/// What stands in front of one or several routes: a server, and what it requires of a request.
/// Cloning is cheap.
///
/// ```no_run
/// use doorward::{
///     ResourceServer,
///     adapter::{Access, RequestHead, RouteGuard},
///     rules::RequestInfo,
///     scope,
/// };
///
/// # async fn handle(server: &ResourceServer, head: impl RequestHead) -> u16 {
/// let guard = RouteGuard::new(server, Access::Require(scope!("orders.read")));
/// let authenticated = guard.authenticate(&head, None).await;
/// match guard.authorize(authenticated, &RequestInfo::new().with_method(head.method())) {
///     Ok(admission) => 200, // and `admission.verified()` goes into the request's extensions
///     Err(rejection) => rejection.denial().status(),
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RouteGuard(Arc<(ResourceServer, Access)>);

/// A request that may go on to the handler.
#[derive(Clone, Debug)]
#[must_use = "without its `verified` in the request's extensions, extractors answer 500"]
pub struct Admission {
    verified: Verified,
}

impl RouteGuard {
    /// Creates the guard.
    #[must_use]
    pub fn new(server: &ResourceServer, access: Access) -> Self {
        Self(Arc::new((server.clone(), access)))
    }

    /// Returns the server.
    #[must_use]
    pub fn server(&self) -> &ResourceServer {
        &self.0.0
    }

    /// Returns what is required of a request.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.0.1
    }

    /// Returns whether the request is a CORS preflight to be answered with 204
    /// ([`answer_preflights`](crate::ResourceServerBuilder::answer_preflights)). A request with
    /// credentials, which browsers never send along, is not one.
    #[must_use]
    pub fn answers_preflight(&self, head: &impl RequestHead) -> bool {
        answers_preflight(self.server(), head)
    }

    /// Verifies the access token of a request, wherever the server reads tokens
    /// [from](crate::ResourceServerBuilder::tokens_from). `verified` is what the request's extensions
    /// hold: a token that this same server has verified is not verified again, unless the request has
    /// other credentials by now. What another server has verified is never used.
    ///
    /// The future does not borrow the request.
    pub fn authenticate(
        &self,
        head: &impl RequestHead,
        verified: Option<&Verified>,
    ) -> Authentication {
        let server = self.server();
        let started = server.starts_measuring();
        if let Some(token) = verified.and_then(|verified| verified.token_of(server))
            && is_of_request(token, server.find_token(head))
        {
            return Authentication::new(Verification::ready(Ok(token.clone())), started);
        }
        Authentication::new(server.authenticate_head(head), started)
    }

    /// Decides whether the request reaches the handler, and reports the decision: to the log, to the
    /// fields of the current `tracing` span, and to
    /// [`on_decision`](crate::ResourceServerBuilder::on_decision).
    ///
    /// # Errors
    ///
    /// [`Rejection`] if the request must be answered instead; also if another server has authenticated
    /// it.
    pub fn authorize(
        &self,
        authenticated: Authenticated,
        request: &RequestInfo<'_>,
    ) -> Result<Admission, Rejection> {
        let (server, access) = (self.server(), self.access());
        let settings = server.request_settings();
        let Authenticated { result, started } = authenticated;
        // A token that another server has verified was never checked by this one's policy.
        let result = result.and_then(|token| match server.has_verified(&token) {
            true => Ok(token),
            false => Err(CredentialsError::Malformed.into()),
        });
        let duration = || started.map(|started| server.monotonic().saturating_sub(started));
        match access.decide(result, request) {
            Ok(token) => {
                settings.on_decision.report(&Decision {
                    outcome: outcome(token.as_ref()),
                    access: Some(access),
                    request,
                    server: settings.name.as_deref(),
                    logs_subject: settings.logs_subjects,
                    duration: duration(),
                });
                Ok(Admission { verified: Verified::new(token, server) })
            }
            Err(error) => Err(Rejection::new(error, Some(access), request, settings, duration())),
        }
    }
}

/// Returns whether the token is the one that the request carries. A layer may have taken it out of the
/// request meanwhile; another one is verified.
fn is_of_request(token: &AccessToken, found: Result<BearerToken<'_>, CredentialsError>) -> bool {
    match found {
        Ok(found) => token.raw_octets().is_some_and(|raw| **raw == *found.as_bytes()),
        Err(error) => error == CredentialsError::Missing,
    }
}

const fn outcome(token: Option<&AccessToken>) -> Outcome<'_> {
    match token {
        Some(token) => Outcome::Accepted(token),
        None => Outcome::Anonymous,
    }
}

/// Returns whether the request is a CORS preflight that this server answers with 204: for routers,
/// which see a preflight before the choice of a route.
#[must_use]
pub fn answers_preflight(server: &ResourceServer, head: &impl RequestHead) -> bool {
    let has_no_credentials = || {
        server.find_token(head).is_err_and(|error| error == CredentialsError::Missing)
            && head.authorization().next().is_none()
    };
    server.request_settings().answers_preflights
        && credentials::is_preflight(head)
        && has_no_credentials()
}

/// Returns whether the server answers CORS preflights at all: if not, a router needs nothing in front
/// of its routes that calls [`answers_preflight`].
#[must_use]
pub fn preflights_enabled(server: &ResourceServer) -> bool {
    server.request_settings().answers_preflights
}

impl Admission {
    /// Returns the token; `None` for an anonymous request to a route whose token is optional.
    #[must_use]
    pub const fn token(&self) -> Option<&AccessToken> {
        self.verified.token()
    }

    /// Returns what goes into the request's extensions, for extractors and for further guards.
    #[must_use]
    pub fn verified(&self) -> Verified {
        self.verified.clone()
    }

    /// Returns header fields to add to the handler's response: lower-case name and value. A name may
    /// occur more than once, and may be in the response already; the fields are appended.
    pub fn response_fields(&self) -> impl Iterator<Item = (&'static str, String)> + use<> {
        std::iter::empty()
    }
}
