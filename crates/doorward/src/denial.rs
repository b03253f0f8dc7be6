//! Room 8: from an error to the answer that the client gets.
//!
//! In: [`Error`]. Out: [`Denial`]: a status, fixed sentences and what the specifications ask for;
//! nothing of the token, its times or its keys
//! ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)).

use std::time::Duration;

use crate::{
    challenge::Challenge,
    credentials::CredentialsError,
    error::{Error, Unavailable},
    policy::PolicyError,
    rule::RuleError,
    terms::scope::Scope,
};

/// The answer to a refused request. The body is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    status: u16,
    error: Option<ErrorCode>,
    challenge: Option<String>,
    retry_after: Option<Duration>,
}

/// The error codes of RFC 6750 §3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ErrorCode {
    InvalidRequest,
    InvalidToken,
    InsufficientScope,
}

impl ErrorCode {
    const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
        }
    }
}

/// How long a client shall wait when the clock failed.
const CLOCK_RETRY: Duration = Duration::from_secs(10);

impl Denial {
    /// Decides the answer. This match is total: a new error does not compile until it has one.
    pub(crate) fn new(error: &Error, realm: &str) -> Self {
        let bearer = || Challenge::bearer(realm);
        match error {
            Error::Credentials(CredentialsError::Missing) => Self::challenge(401, None, bearer()),
            Error::Credentials(CredentialsError::Malformed | CredentialsError::Several) => {
                let description = "The request is malformed or carries several credentials";
                Self::with_error(400, ErrorCode::InvalidRequest, description, bearer())
            }
            Error::Policy(PolicyError::Expired) => {
                Self::with_error(401, ErrorCode::InvalidToken, "The access token expired", bearer())
            }
            Error::Token(_)
            | Error::Key(_)
            | Error::Signature(_)
            | Error::Claims(_)
            | Error::Policy(_) => Self::with_error(
                401,
                ErrorCode::InvalidToken,
                "The access token is invalid",
                bearer(),
            ),
            Error::Rule(error) => {
                let description = "The access token does not grant what this resource requires";
                let code = ErrorCode::InsufficientScope;
                let challenge = with_scopes(describe(bearer(), code, description), error);
                Self::challenge(403, Some(code), challenge)
            }
            Error::Unavailable(
                Unavailable::Keys { retry_after, .. } | Unavailable::Issuer { retry_after, .. },
            ) => Self::unavailable(*retry_after),
            Error::Unavailable(Unavailable::Clock) => Self::unavailable(CLOCK_RETRY),
        }
    }

    fn with_error(
        status: u16,
        error: ErrorCode,
        description: &'static str,
        challenge: Challenge,
    ) -> Self {
        Self::challenge(status, Some(error), describe(challenge, error, description))
    }

    fn challenge(status: u16, error: Option<ErrorCode>, challenge: Challenge) -> Self {
        Self { status, error, challenge: Some(challenge.into_string()), retry_after: None }
    }

    const fn unavailable(retry_after: Duration) -> Self {
        Self { status: 503, error: None, challenge: None, retry_after: Some(retry_after) }
    }

    /// Returns the status: 400, 401, 403 or 503.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the error code of the challenge
    /// ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)); `None` where there is
    /// none, as for a request without credentials.
    #[must_use]
    pub const fn error(&self) -> Option<&'static str> {
        match self.error {
            Some(error) => Some(error.as_str()),
            None => None,
        }
    }

    /// Goes through the fields of the answer: lower-case name and value. Every name occurs once,
    /// and every value is printable ASCII.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, String)> {
        let challenge = self.challenge.clone().map(|challenge| ("www-authenticate", challenge));
        let retry = self.retry_after.map(|after| ("retry-after", whole_seconds(after).to_string()));
        challenge.into_iter().chain(retry).chain([("cache-control", "no-store".to_owned())])
    }
}

fn describe(challenge: Challenge, error: ErrorCode, description: &'static str) -> Challenge {
    challenge.with("error", error.as_str()).with("error_description", description)
}

fn with_scopes(challenge: Challenge, error: &RuleError) -> Challenge {
    if error.scopes().is_empty() {
        return challenge;
    }
    let scopes: Vec<&str> = error.scopes().iter().map(Scope::as_str).collect();
    challenge.with("scope", &scopes.join(" "))
}

/// Rounds up, and never to zero: a client told to wait no time would come back at once.
fn whole_seconds(duration: Duration) -> u64 {
    let rounded = duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0));
    rounded.max(1)
}
