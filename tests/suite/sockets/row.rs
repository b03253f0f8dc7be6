//! A row of the table: what is sent, and what must come back.

use super::wire::{Answer, Request};

const BARE: &str = r#"Bearer realm="api""#;
const INVALID: &str =
    r#"Bearer realm="api", error="invalid_token", error_description="The access token is invalid""#;
const EXPIRED: &str =
    r#"Bearer realm="api", error="invalid_token", error_description="The access token expired""#;
const MALFORMED: &str = r#"Bearer realm="api", error="invalid_request", error_description="The request is malformed or carries several credentials""#;
const INSUFFICIENT: &str = r#"Bearer realm="api", error="insufficient_scope", error_description="The access token does not grant what this resource requires""#;
const STEP_UP: &str = r#"Bearer realm="api", error="insufficient_user_authentication", error_description="A different or more recent authentication is required""#;

/// Requests that are sent at once on one connection, and what each is answered.
#[derive(Clone, Debug)]
pub struct Row {
    pub what: String,
    pub requests: Vec<Request>,
    pub token: String,
    pub expected: Vec<Expected>,
}

/// An answer, and the code that the operator is told; none where nothing is refused by a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub answer: Answer,
    pub code: Option<&'static str>,
}

impl Row {
    pub fn new(what: impl Into<String>, request: Request, token: &str, expected: Expected) -> Self {
        let (requests, expected) = (vec![request], vec![expected]);
        Self { what: what.into(), requests, token: token.to_owned(), expected }
    }
}

/// The handler's answer.
pub fn served(body: &str) -> Expected {
    let answer = Answer { status: 200, body: body.to_owned(), ..Answer::default() };
    Expected { answer, code: None }
}

/// An answer of the framework's own, without a body.
pub fn of_framework(status: u16) -> Expected {
    Expected { answer: Answer { status, ..Answer::default() }, code: None }
}

/// The answer to what is wrong with the credentials or the token.
pub fn refused(code: &'static str) -> Expected {
    let (status, challenge) = match code {
        "credentials.missing" | "credentials.no_scheme" => (401, BARE),
        "credentials.malformed" | "credentials.several" => (400, MALFORMED),
        "policy.expired" => (401, EXPIRED),
        "claims.mismatch" => (403, INSUFFICIENT),
        _ => (401, INVALID),
    };
    refusal(status, challenge.to_owned(), code)
}

/// The answer to a good token that does not grant what the rule asks for.
pub fn insufficient(scopes: &str) -> Expected {
    let scopes = if scopes.is_empty() { String::new() } else { format!(", scope=\"{scopes}\"") };
    refusal(403, format!("{INSUFFICIENT}{scopes}"), "rule.not_met")
}

/// The answer to a good token whose user must sign in again.
pub fn step_up(parameters: &str) -> Expected {
    refusal(401, format!("{STEP_UP}, {parameters}"), "rule.step_up")
}

/// The answer while a token cannot be judged.
pub fn unavailable(code: &'static str, retry_after: &str) -> Expected {
    let mut expected = refusal(503, String::new(), code);
    expected.answer.challenge = None;
    expected.answer.retry_after = Some(retry_after.to_owned());
    expected
}

fn refusal(status: u16, challenge: String, code: &'static str) -> Expected {
    let cache_control = Some("no-store".to_owned());
    let answer = Answer { status, challenge: Some(challenge), cache_control, ..Answer::default() };
    Expected { answer, code: Some(code) }
}

impl Expected {
    /// The same after `100 Continue`.
    pub fn after_continue(mut self) -> Self {
        self.answer.continued = true;
        self
    }

    /// The same as clients of gRPC are told it.
    pub fn told_by_grpc(mut self, status: &str) -> Self {
        // Clients would take 400 for an internal error.
        self.answer.status = self.answer.status.max(401);
        self.answer.grpc_status = Some(status.to_owned());
        self
    }
}
