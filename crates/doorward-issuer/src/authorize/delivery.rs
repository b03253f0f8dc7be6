use axum::{
    http::{HeaderValue, StatusCode, header::LOCATION},
    response::{IntoResponse as _, Response},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::page;

/// All but `unreserved` (RFC 3986 §2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How an answer travels to the application (OAuth 2.0 Multiple Response Types §2.1, and OAuth 2.0
/// Form Post Response Mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Query,
    Fragment,
    FormPost,
}

/// Where the answer goes, and how.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) redirect_uri: String,
    pub(crate) mode: Mode,
    pub(crate) state: Option<String>,
}

impl Delivery {
    /// Answers with the parameters and the application's `state`.
    pub(crate) fn deliver(&self, parameters: &[(&str, String)]) -> Response {
        let state = self.state.iter().map(|state| ("state", state.clone()));
        let parameters: Vec<(&str, String)> = parameters.iter().cloned().chain(state).collect();
        let uri = &self.redirect_uri;
        let to = match self.mode {
            Mode::FormPost => return page::form_post(uri, &parameters).into_response(),
            Mode::Query if uri.contains('?') => format!("{uri}&{}", encoded(&parameters)),
            Mode::Query => format!("{uri}?{}", encoded(&parameters)),
            Mode::Fragment => format!("{uri}#{}", encoded(&parameters)),
        };
        match HeaderValue::try_from(to) {
            Ok(to) => (StatusCode::FOUND, [(LOCATION, to)]).into_response(),
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
