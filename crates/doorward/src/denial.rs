//! Stage 9: from an error to the answer that the client gets.
//!
//! In: [`Error`]. Out: [`Denial`]: a status, fixed sentences and the parameters that the specifications
//! define; nothing of the token, its times or its keys
//! ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)).

use std::time::Duration;

use base64_simd::STANDARD;
use serde_json::json;

use crate::{
    access::Access,
    challenge::Challenge,
    claims::ClaimsError,
    credentials::CredentialsError,
    error::{Error, Unavailable},
    policy::PolicyError,
    rule::{Rule, StepUp},
    terms::scope::Scope,
};

/// The answer to a rejected request. Its body is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    status: u16,
    error: Option<ErrorCode>,
    message: &'static str,
    challenges: Vec<String>,
    /// Whether scripts of other origins may read the challenges.
    exposed: bool,
    retry_after: Option<Duration>,
}

/// How one server challenges.
#[derive(Clone, Debug)]
pub(crate) struct ChallengeSettings {
    /// The realm, which [`is_quotable`](crate::challenge::is_quotable).
    pub(crate) realm: String,
    /// The URL of the protected resource metadata (RFC 9728 §5.1).
    pub(crate) resource_metadata: Option<String>,
    pub(crate) exposes_challenges: bool,
}

/// The error codes of RFC 6750 §3.1, and those of step-up authentication.
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

/// When a client may try again after the clock has failed.
const CLOCK_RETRY: Duration = Duration::from_secs(10);

impl Default for ChallengeSettings {
    fn default() -> Self {
        Self { realm: "api".to_owned(), resource_metadata: None, exposes_challenges: false }
    }
}

impl ChallengeSettings {
    fn challenge(&self) -> Challenge {
        let challenge = Challenge::bearer(&self.realm);
        match &self.resource_metadata {
            Some(url) => challenge.with("resource_metadata", url),
            None => challenge,
        }
    }

    /// Returns the scopes that a client without a valid token may request. Only clients that find the
    /// resource's metadata by the challenge use them.
    fn scopes_to_ask_for<'a>(&self, access: Option<&'a Access>) -> Vec<&'a Scope> {
        let rule = access.and_then(Access::rule).filter(|_| self.resource_metadata.is_some());
        rule.map(Rule::scopes_to_ask_for).unwrap_or_default()
    }
}

impl Denial {
    /// Decides the answer. This match is total: a new error does not compile until it has one.
    pub(crate) fn new(
        error: &Error,
        access: Option<&Access>,
        settings: &ChallengeSettings,
    ) -> Self {
        let bearer = || settings.challenge();
        let invalid = |message| {
            let code = ErrorCode::InvalidToken;
            let challenge = describe(bearer(), code, message);
            let challenge = with_scopes(challenge, &settings.scopes_to_ask_for(access));
            Self::challenge(401, Some(code), message, challenge)
        };
        let denial = match error {
            Error::Credentials(CredentialsError::Missing | CredentialsError::NoScheme) => {
                let challenge = with_scopes(bearer(), &settings.scopes_to_ask_for(access));
                Self::challenge(401, None, "The request carries no access token", challenge)
            }
            Error::Credentials(CredentialsError::Malformed | CredentialsError::Several) => {
                let message = "The request is malformed or carries several credentials";
                let code = ErrorCode::InvalidRequest;
                Self::challenge(400, Some(code), message, describe(bearer(), code, message))
            }
            Error::Policy { error: PolicyError::Expired { .. }, .. } => {
                invalid("The access token expired")
            }
            Error::Claims(ClaimsError::Mismatch { .. }) => Self::insufficient(bearer(), &[]),
            Error::Token(_)
            | Error::Key(_)
            | Error::Signature(_)
            | Error::Claims(_)
            | Error::Policy { .. } => invalid("The access token is invalid"),
            Error::Rule(error) => match error.step_up() {
                Some(step_up) => Self::step_up(step_up, bearer()),
                None => Self::insufficient(bearer(), error.scopes()),
            },
            Error::Unavailable(
                Unavailable::Keys { retry_after, .. } | Unavailable::Issuer { retry_after, .. },
            ) => Self::unavailable(*retry_after),
            Error::Unavailable(Unavailable::Clock) => Self::unavailable(CLOCK_RETRY),
        };
        Self { exposed: settings.exposes_challenges && !denial.challenges.is_empty(), ..denial }
    }

    /// Answers a request whose valid token lacks a scope, a role or a claim.
    fn insufficient(bearer: Challenge, scopes: &[Scope]) -> Self {
        let message = "The access token does not grant what this resource requires";
        let code = ErrorCode::InsufficientScope;
        let scopes: Vec<&Scope> = scopes.iter().collect();
        let challenge = with_scopes(describe(bearer, code, message), &scopes);
        Self::challenge(403, Some(code), message, challenge)
    }

    /// Requests step-up authentication: by Entra's claims challenge if authentication contexts are
    /// missing and the client can handle it, else by RFC 9470 §3.
    fn step_up(step_up: &StepUp, bearer: Challenge) -> Self {
        let message = "A different or more recent authentication is required";
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
            return Self::challenge(401, Some(code), message, challenge);
        }
        let code = ErrorCode::InsufficientUserAuthentication;
        let mut challenge = describe(bearer, code, message);
        if !acr_values.is_empty() {
            challenge = challenge.with("acr_values", &acr_values.join(" "));
        }
        if let Some(age) = max_age {
            challenge = challenge.with("max_age", &age.as_secs().to_string());
        }
        Self::challenge(401, Some(code), message, challenge)
    }

    fn challenge(
        status: u16,
        error: Option<ErrorCode>,
        message: &'static str,
        challenge: Challenge,
    ) -> Self {
        let challenges = vec![challenge.into_string()];
        Self { status, error, message, challenges, exposed: false, retry_after: None }
    }

    const fn unavailable(retry_after: Duration) -> Self {
        Self {
            status: 503,
            error: None,
            message: "The access token cannot be verified at the moment",
            challenges: Vec::new(),
            exposed: false,
            retry_after: Some(retry_after),
        }
    }

    /// Returns the status: 400, 401, 403 or 503.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the error code of the challenge
    /// ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)); `None` if it has none, as
    /// for a request without credentials.
    #[must_use]
    pub const fn error(&self) -> Option<&'static str> {
        match self.error {
            Some(error) => Some(error.as_str()),
            None => None,
        }
    }

    /// Returns the fixed sentence that describes the answer.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        self.message
    }

    /// Returns the gRPC status code of the answer: 16 (`UNAUTHENTICATED`), 7 (`PERMISSION_DENIED`) or 14
    /// (`UNAVAILABLE`).
    #[must_use]
    pub const fn grpc_status(&self) -> u8 {
        match self.status {
            403 => 7,
            503 => 14,
            _ => 16,
        }
    }

    /// Returns the header fields of the answer: lower-case name and value, which is printable ASCII.
    ///
    /// A name may occur more than once: `www-authenticate` has one field for each challenge
    /// ([RFC 9110 §11.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1)). An adapter appends
    /// the fields and replaces none.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, String)> {
        let challenges = self.challenges.iter().map(|one| ("www-authenticate", one.clone()));
        let retry = self.retry_after.map(|after| ("retry-after", whole_seconds(after).to_string()));
        let expose = || ("access-control-expose-headers", "WWW-Authenticate".to_owned());
        let exposed = self.exposed.then(expose);
        let uncached = [("cache-control", "no-store".to_owned())];
        challenges.chain(retry).chain(exposed).chain(uncached)
    }
}

/// Returns the `claims` of Entra's challenge: JSON in Base64 with padding.
fn wanted_contexts(values: &[Box<str>]) -> String {
    let wanted = match values {
        [value] => json!({ "essential": true, "value": value }),
        values => json!({ "essential": true, "values": values }),
    };
    STANDARD.encode_to_string(json!({ "access_token": { "acrs": wanted } }).to_string())
}

fn describe(challenge: Challenge, error: ErrorCode, description: &'static str) -> Challenge {
    challenge.with("error", error.as_str()).with("error_description", description)
}

fn with_scopes(challenge: Challenge, scopes: &[&Scope]) -> Challenge {
    if scopes.is_empty() {
        return challenge;
    }
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    challenge.with("scope", &scopes.join(" "))
}

/// Rounds up, and never to zero: a client would try again at once.
fn whole_seconds(duration: Duration) -> u64 {
    let rounded = duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0));
    rounded.max(1)
}
