//! Room 8: from an error to the answer that the client gets.
//!
//! In: [`Error`]. Out: [`Denial`]: a status, fixed sentences and what the specifications ask for;
//! nothing of the token, its times or its keys
//! ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)).

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::{
    challenge::Challenge,
    credentials::CredentialsError,
    error::{Error, Unavailable},
    policy::PolicyError,
    rule::{RuleError, StepUp},
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

/// The error codes of RFC 6750 §3.1, and those of stepping up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ErrorCode {
    InvalidRequest,
    InvalidToken,
    InsufficientScope,
    /// RFC 9470 §3.
    InsufficientUserAuthentication,
    /// Entra's claims challenge.
    InsufficientClaims,
}

impl ErrorCode {
    const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::InsufficientUserAuthentication => "insufficient_user_authentication",
            Self::InsufficientClaims => "insufficient_claims",
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
            Error::Rule(error) => match error.step_up() {
                Some(step_up) => Self::step_up(step_up, bearer()),
                None => {
                    let description = "The access token does not grant what this resource requires";
                    let code = ErrorCode::InsufficientScope;
                    let challenge = with_scopes(describe(bearer(), code, description), error);
                    Self::challenge(403, Some(code), challenge)
                }
            },
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

    /// Tells the client to have its user sign in again: by Entra's claims challenge where that is
    /// for authentication contexts and the client can handle it, else by RFC 9470 §3.
    fn step_up(step_up: &StepUp, bearer: Challenge) -> Self {
        let StepUp { acr_values, max_age, authorization_uri } = step_up;
        if let Some(uri) = authorization_uri
            && !acr_values.is_empty()
        {
            let code = ErrorCode::InsufficientClaims;
            let challenge = bearer
                .with("authorization_uri", uri)
                .with("error", code.as_str())
                .with("claims", &wanted_contexts(acr_values))
                .with("cc_type", "authcontext");
            return Self::challenge(401, Some(code), challenge);
        }
        let code = ErrorCode::InsufficientUserAuthentication;
        let description = "A different or more recent authentication is required";
        let mut challenge = describe(bearer, code, description);
        if !acr_values.is_empty() {
            challenge = challenge.with("acr_values", &acr_values.join(" "));
        }
        if let Some(age) = max_age {
            challenge = challenge.with("max_age", &age.as_secs().to_string());
        }
        Self::challenge(401, Some(code), challenge)
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

/// Writes the claims of Entra's challenge: JSON in Base64 with padding.
fn wanted_contexts(values: &[Box<str>]) -> String {
    let wanted = match values {
        [value] => json!({ "essential": true, "value": value }),
        values => json!({ "essential": true, "values": values }),
    };
    STANDARD.encode(json!({ "access_token": { "acrs": wanted } }).to_string())
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
