//! What an error of the HTTP client means, and its fix where that is known.

use super::resolver::NoAllowedAddress;
use crate::key_set::FetchError;

/// Returns why a request failed.
pub(super) fn fetch_error(error: &reqwest::Error) -> FetchError {
    let cause = root_cause(error);
    if error.is_timeout() {
        FetchError::Timeout
    } else if has_source::<NoAllowedAddress>(error) {
        FetchError::Address
    } else if cause.contains("UnknownIssuer") || cause.contains("BadSignature") {
        // The second is that of a CA that has the name of a known one, and another key.
        FetchError::Certificate(format!(
            "{cause}. If a private CA has signed it, add the CA's certificate by `.http_client(HttpClientSettings::new().root_certificates(…))`"
        ))
    } else if cause.contains("invalid peer certificate") {
        FetchError::Certificate(cause)
    } else if error.is_connect() {
        FetchError::Connect(cause)
    } else {
        FetchError::Body(cause)
    }
}

/// Returns why a client could not be created, with the fix for bare containers.
pub(super) fn client_error(error: &reqwest::Error) -> String {
    let cause = root_cause(error);
    if cause.contains("No CA certificates") {
        format!(
            "{cause}. Install the package `ca-certificates` in the container, set SSL_CERT_FILE to a bundle, or add root certificates by `.http_client(HttpClientSettings::new().root_certificates(…))`"
        )
    } else {
        cause
    }
}

/// Returns the innermost cause; the outer ones repeat the URL.
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn has_source<E: std::error::Error + 'static>(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<E>() {
            return true;
        }
        cause = error.source();
    }
    false
}
