use crate::{key::JwksError, terms::untrusted_text::UntrustedText};

/// Why an issuer's keys could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// The URL must not be fetched from.
    #[error("{url} is not fetched from: {reason}")]
    Url {
        /// The URL, without what may be a user name and a password.
        url: UntrustedText,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// A document could not be fetched.
    #[error("GET {url}: {error}")]
    Fetch {
        /// The URL.
        url: String,
        /// What went wrong.
        error: FetchError,
    },
    /// The metadata is not one strict JSON object with the strings `issuer` and `jwks_uri`.
    #[error("{url} is no issuer metadata: expected a JSON object with `issuer` and `jwks_uri`")]
    Metadata {
        /// The URL.
        url: String,
    },
    /// The metadata is another issuer's
    /// ([RFC 8414 §3.3](https://www.rfc-editor.org/rfc/rfc8414#section-3.3)).
    #[error(
        "{url} is the metadata of \"{seen}\", not of \"{expected}\"; configure the issuer exactly as its metadata names it"
    )]
    OtherIssuer {
        /// The URL.
        url: String,
        /// The issuer that is configured.
        expected: String,
        /// The issuer that the metadata names.
        seen: UntrustedText,
    },
    /// The key set cannot be used.
    #[error("{url}: {error}")]
    Jwks {
        /// The URL.
        url: String,
        /// What is wrong with it.
        error: JwksError,
    },
    /// Discovery and keys together took too long.
    #[error("the issuer took too long to answer")]
    Timeout,
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be made: {reason}")]
    Client {
        /// What went wrong, and how to mend it where that is known.
        reason: String,
    },
    /// The fetch was given up, because its runtime was shut down or has no timer.
    #[error(
        "the fetch was given up: its tokio runtime was shut down, or lacks time or IO (`enable_all`)"
    )]
    GivenUp,
}

/// Why a document could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The server could not be reached.
    #[error("no connection: {0}")]
    Connect(String),
    /// The answer did not come, or not whole, in time.
    #[error("no whole answer in time")]
    Timeout,
    /// The answer was neither 200 nor a 304 that was asked for.
    #[error("answered {}", status(.0))]
    Status(u16),
    /// The document is longer than the limit.
    #[error("the document is longer than 512 KiB")]
    TooLong,
    /// The answer broke off, or is no HTTP.
    #[error("the answer could not be read: {0}")]
    Body(String),
}

fn status(status: &u16) -> String {
    let note = match status {
        304 => " (and nothing was cached)",
        300..=399 => " (redirects are not followed)",
        _ => "",
    };
    format!("{status}{note}")
}
