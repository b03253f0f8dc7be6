use axum::{
    http::{HeaderValue, StatusCode, header::LOCATION},
    response::{IntoResponse as _, Response},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::page;

/// All but `unreserved` (RFC 3986 §2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The `response_mode` (OAuth 2.0 Multiple Response Types §2.1, and OAuth 2.0 Form Post Response Mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// Where an authorization response is sent, and how.
#[derive(Clone, Debug)]
pub(super) struct ResponseTarget {
    pub(super) redirect_uri: String,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
}

impl ResponseTarget {
    /// Returns an answer that sends the parameters and `state` to the redirect URI.
    pub(super) fn response(&self, parameters: &[(&str, String)]) -> Response {
        let state = self.state.iter().map(|state| ("state", state.clone()));
        let parameters: Vec<(&str, String)> = parameters.iter().cloned().chain(state).collect();
        let uri = &self.redirect_uri;
        let location = match self.mode {
            ResponseMode::FormPost => return page::form_post(uri, &parameters).into_response(),
            ResponseMode::Query if uri.contains('?') => format!("{uri}&{}", encoded(&parameters)),
            ResponseMode::Query => format!("{uri}?{}", encoded(&parameters)),
            ResponseMode::Fragment => format!("{uri}#{}", encoded(&parameters)),
        };
        match HeaderValue::try_from(location) {
            Ok(location) => (StatusCode::FOUND, [(LOCATION, location)]).into_response(),
            // Redirect URIs were checked when the directory was read.
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

fn encoded(parameters: &[(&str, String)]) -> String {
    let pairs = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, ENCODED)));
    pairs.collect::<Vec<_>>().join("&")
}
