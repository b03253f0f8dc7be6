use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header::WWW_AUTHENTICATE},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use super::System;
use crate::{clock, random, token_endpoint::describable};

/// Why a request is refused; [`refusals_of_requests`](super::refusals_of_requests) and
/// [`refusals_of_proofs`](super::refusals_of_proofs) list them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The code of OAuth (RFC 6749 §4.1.2.1 and §5.2), or one of Microsoft's own.
    error: &'static str,
    /// The number after `AADSTS`.
    aadsts: u32,
    /// The number after `AADB2C`.
    aadb2c: u32,
    sentence: String,
}

pub(super) fn refusal(error: &'static str, aadsts: u32, aadb2c: u32, sentence: String) -> Refusal {
    Refusal { error, aadsts, aadb2c, sentence }
}

/// What Microsoft's errors tell of the request itself.
#[derive(Clone, Debug)]
pub(crate) struct Incident {
    pub(crate) now: i64,
    trace_id: String,
    correlation_id: String,
}

impl Incident {
    /// Takes the correlation ID from the client's `client-request-id`, if it sends one.
    pub(crate) fn new(headers: &HeaderMap, now: i64) -> Self {
        let sent = headers.get("client-request-id").and_then(|value| value.to_str().ok());
        let fresh = || random::guid().unwrap_or_default();
        Self { now, trace_id: fresh(), correlation_id: sent.map_or_else(fresh, str::to_owned) }
    }
}

impl Refusal {
    pub(crate) fn error(&self) -> &'static str {
        self.error
    }

    /// Returns the sentence with its number: what a page shows.
    pub(crate) fn headline(&self, system: System) -> String {
        match system {
            System::V1 | System::V2 => format!("AADSTS{}: {}", self.aadsts, self.sentence),
            System::B2c => format!("AADB2C{}: {}", self.aadb2c, self.sentence),
            System::Oidc => self.sentence.clone(),
        }
    }

    /// Returns the `error_description`.
    pub(crate) fn description(&self, system: System, incident: &Incident) -> String {
        let headline = self.headline(system);
        let (trace, correlation) = (&incident.trace_id, &incident.correlation_id);
        let time = clock::timestamp(incident.now);
        match system {
            System::V1 | System::V2 => format!(
                "{headline}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {time}"
            ),
            System::B2c => {
                format!("{headline}\r\nCorrelation ID: {correlation}\r\nTimestamp: {time}\r\n")
            }
            System::Oidc => describable(&headline),
        }
    }

    /// Returns the answer of the token endpoint, and of others that answer in JSON.
    pub(crate) fn response(&self, system: System, incident: &Incident) -> Response {
        tracing::debug!(error = self.error, reason = %self.headline(system), "request refused");
        let description = self.description(system, incident);
        let body = match system {
            System::V1 | System::V2 => json!({
                "error": self.error,
                "error_description": description,
                "error_codes": [self.aadsts],
                "timestamp": clock::timestamp(incident.now),
                "trace_id": incident.trace_id,
                "correlation_id": incident.correlation_id,
                "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.aadsts),
            }),
            System::B2c | System::Oidc => {
                json!({ "error": self.error, "error_description": description })
            }
        };
        let status = match self.error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        let mut response = (status, Json(body)).into_response();
        // RFC 6749 §5.2 and RFC 9110 §15.5.2 ask for a challenge; Microsoft's systems have none.
        if status == StatusCode::UNAUTHORIZED && system == System::Oidc {
            let challenge = HeaderValue::from_static("Basic realm=\"doorward-issuer\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
