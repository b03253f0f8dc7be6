use axum::http::HeaderMap;

use crate::random;

/// The time and the IDs of a request, which Microsoft's errors carry.
#[derive(Clone, Debug)]
pub(crate) struct RequestTrace {
    pub(crate) now: i64,
    pub(super) trace_id: String,
    pub(super) correlation_id: String,
}

impl RequestTrace {
    /// Creates new IDs; the correlation ID is the client's `client-request-id` if it sends one.
    pub(crate) fn new(headers: &HeaderMap, now: i64) -> Self {
        let sent = headers.get("client-request-id").and_then(|value| value.to_str().ok());
        let generated = || random::guid().unwrap_or_default();
        Self {
            now,
            trace_id: generated(),
            correlation_id: sent.map_or_else(generated, str::to_owned),
        }
    }
}
