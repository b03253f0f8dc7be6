use crate::{key::JwksError, terms::untrusted_text::UntrustedText};

/// Why an issuer's keys could not be fetched.
///
/// The messages do not repeat their causes: print the [`source`](std::error::Error::source) too.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// The URL breaks a rule, so nothing was fetched from it.
    #[error("the URL {url} is not allowed")]
    Url {
        /// The URL, without what may be a user name and a password.
        url: UntrustedText,
        /// Which rule it breaks.
        #[source]
        error: UrlError,
    },
    /// A document could not be fetched.
    #[error("GET {url} failed")]
    Fetch {
        /// The URL.
        url: String,
        /// What went wrong.
        #[source]
        error: FetchError,
    },
    /// There is no metadata at any of the URLs that the specifications name.
    #[error("no issuer metadata found; tried {}", tried.join(", "))]
    NoMetadata {
        /// The URLs, in the order in which they were tried.
        tried: Vec<String>,
        /// What went wrong at the first of them.
        #[source]
        error: Box<RemoteError>,
    },
    /// The document is not an issuer's metadata.
    #[error("{url} is not issuer metadata")]
    Metadata {
        /// The URL.
        url: String,
        /// What is wrong with the document.
        #[source]
        error: MetadataError,
    },
    /// The metadata is another issuer's
    /// ([RFC 8414 §3.3](https://www.rfc-editor.org/rfc/rfc8414#section-3.3)).
    #[error(
        "{url} is the metadata of \"{seen}\", not of \"{expected}\"{}; configure the issuer exactly as its metadata names it",
        slash_hint(.expected, .seen)
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
    #[error("{url} is not a usable key set")]
    Jwks {
        /// The URL.
        url: String,
        /// What is wrong with it.
        #[source]
        error: JwksError,
    },
    /// The URL that was configured for the key set is the one of the issuer's metadata.
    #[error(
        "{url} is issuer metadata, not a key set; pass the issuer to `Issuer::discover(…)`, or its key set {jwks_uri} to `Issuer::jwks_url(…)`"
    )]
    MetadataAsJwks {
        /// The URL.
        url: String,
        /// The key set that the metadata names.
        jwks_uri: UntrustedText,
    },
    /// Metadata and key set together took longer than the fetch timeout.
    #[error("the issuer took too long to answer")]
    Timeout,
    /// The fetch ended early, because its runtime was shut down or has no timer.
    #[error(
        "the fetch was given up: its tokio runtime was shut down, or lacks time or IO (`enable_all`)"
    )]
    GivenUp,
}

impl RemoteError {
    /// Returns whether the issuer is down, so that the same fetch may succeed later.
    pub(crate) const fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::Fetch {
                    error: FetchError::Connect(_)
                        | FetchError::Timeout
                        | FetchError::Status(500..=599),
                    ..
                }
        )
    }
}

fn slash_hint(expected: &str, seen: &UntrustedText) -> &'static str {
    let seen = seen.to_string();
    if seen.trim_end_matches('/') == expected.trim_end_matches('/') {
        ", which differs by the slash at the end"
    } else {
        ""
    }
}

/// Which rule a URL breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// The URL is longer than the limit.
    #[error("it is longer than 2048 bytes")]
    TooLong,
    /// The text is not an absolute URL with a host.
    #[error("it is not an absolute URL such as `https://login.example.com`")]
    NotAbsolute,
    /// The scheme is not `https`.
    #[error("it is not https")]
    NotHttps,
    /// The URL is `http` to a loopback address.
    #[error(
        "it is not https; for a development issuer on this machine, build with `.allow_loopback_http()`"
    )]
    LoopbackHttp,
    /// The URL is `http` to another machine.
    #[error(
        "it is not https; for an issuer in a private network, allow the host by `.danger_allow_http(\"{host}\")`"
    )]
    Http {
        /// The host.
        host: UntrustedText,
    },
    /// The URL contains a user name or a password.
    #[error("it contains a user name or a password")]
    Credentials,
    /// The URL contains a fragment.
    #[error("it contains a fragment")]
    Fragment,
    /// The issuer's URL has a query.
    #[error(
        "an issuer's URL has no query; use `.metadata_url(…)` for metadata at a URL with a query"
    )]
    Query,
    /// The URL of metadata was configured as the issuer.
    #[error(
        "it is the URL of the issuer's metadata, not the issuer; the issuer is probably \"{issuer}\""
    )]
    WellKnown {
        /// The issuer to which metadata at this URL belongs.
        issuer: UntrustedText,
    },
    /// Metadata names a link-local address, or another at which clouds serve credentials.
    #[error("metadata must not name a link-local address or one that serves a cloud's credentials")]
    LinkLocal,
    /// Metadata that was fetched from another machine names this one.
    #[error("metadata from another machine must not name this machine")]
    ThisMachine,
    /// The URL was marked by `.untrusted_url()`, and its host is not a public address.
    #[error("it was marked by `.untrusted_url()`, and its host is not a public address")]
    NotPublic,
}

/// Why a document is not an issuer's metadata.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The document is not one JSON object.
    #[error("expected one JSON object, found a document that begins with \"{start}\"")]
    NotJson {
        /// The first characters of the document.
        start: UntrustedText,
    },
    /// Two members have one name.
    #[error("the member `{member}` occurs twice")]
    DuplicateMember {
        /// The name.
        member: UntrustedText,
    },
    /// Two members of an object within this member have one name.
    #[error("an object within the member `{member}` has two members of one name")]
    DuplicateWithin {
        /// The name of the outer member.
        member: UntrustedText,
    },
    /// A member, at the top level or within this member, has a name that the JSON parser interprets.
    #[error("the member `{member}` has, or contains, a reserved name")]
    ReservedMember {
        /// The member's name.
        member: UntrustedText,
    },
    /// The document is nested deeper than the limit.
    #[error("it is nested deeper than 32 levels")]
    TooDeep,
    /// A member is missing.
    #[error("the member `{member}` is missing")]
    Missing {
        /// The name.
        member: &'static str,
    },
    /// A member is not a string.
    #[error("the member `{member}` is not a string")]
    NotString {
        /// The name.
        member: &'static str,
    },
}

/// Why a document could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The server could not be reached.
    #[error("no connection: {0}")]
    Connect(String),
    /// The server's certificate was rejected.
    #[error("the server's certificate was rejected: {0}")]
    Certificate(String),
    /// The host's name resolves to no address that the fetch may reach.
    #[error(
        "the host's name resolves only to addresses that must not be reached: this machine, link-local addresses or, for an untrusted URL, private networks"
    )]
    Address,
    /// The answer did not arrive completely in time.
    #[error("no complete answer in time")]
    Timeout,
    /// The status was neither 200 nor an expected 304.
    #[error("answered with status {}", status(.0))]
    Status(u16),
    /// The document is longer than the limit.
    #[error("the document is longer than 512 KiB")]
    TooLong,
    /// The answer ended early, or is not HTTP.
    #[error("the answer could not be read: {0}")]
    Body(String),
}

fn status(status: &u16) -> String {
    let note = match status {
        304 => " (but no document is cached)",
        300..=399 => " (redirects are not followed)",
        _ => "",
    };
    format!("{status}{note}")
}
