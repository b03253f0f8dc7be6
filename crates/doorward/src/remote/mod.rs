//! The only IO: finds an issuer's keys by discovery or from a URL, and keeps them fresh.
//!
//! What to do when is decided by [`crate::rotation`]; this folder fetches, waits and tells it what
//! happened. Nothing of a token is ever sent.

mod cache_control;
mod discovery;
mod event;
mod fetch;
mod flight;
mod http;
mod keeper;
mod location;
mod resolver;
#[cfg(test)]
mod schedules;
mod spawn;

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

pub use event::KeyEvent;
pub use fetch::{Document, Fetch, FetchError, FetchRequest};
use http::HttpFetch;
pub(crate) use keeper::Keeper;
use location::Location;

use crate::{
    clock::Clock,
    key::{JwksError, KeyRules},
    key_source::KeySource,
    profile::{KeyOrigin, Lane, Whence},
    rotation::Schedule,
    server::ConfigError,
    terms::seen::Seen,
};

/// Why an issuer's keys could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// The URL must not be fetched from.
    #[error("{url} is not fetched from: {reason}")]
    Location {
        /// The URL, without what may be a user name and a password.
        url: Seen,
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
        seen: Seen,
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

/// How a server fetches.
pub(crate) struct RemoteSettings {
    pub(crate) lazy: bool,
    pub(crate) loopback_http: bool,
    pub(crate) schedule: Schedule,
    hook: event::Hook,
    client: Client,
}

enum Client {
    Http { begin: http::Begin, shared: OnceLock<Arc<HttpFetch>> },
    Own(Arc<dyn Fetch>),
}

impl Client {
    fn http(begin: impl Fn() -> reqwest::ClientBuilder + Send + Sync + 'static) -> Self {
        Self::Http { begin: Arc::new(begin), shared: OnceLock::new() }
    }
}

impl Default for RemoteSettings {
    fn default() -> Self {
        Self {
            lazy: false,
            loopback_http: false,
            schedule: Schedule::default(),
            hook: event::Hook::default(),
            client: Client::http(reqwest::Client::builder),
        }
    }
}

impl RemoteSettings {
    pub(crate) fn begin_with(
        &mut self,
        begin: impl Fn() -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) {
        self.client = Client::http(begin);
    }

    pub(crate) fn fetch_with(&mut self, fetch: impl Fetch) {
        self.client = Client::Own(Arc::new(fetch));
    }

    pub(crate) fn tell(&mut self, hook: impl Fn(&KeyEvent) + Send + Sync + 'static) {
        self.hook = event::Hook::new(hook);
    }

    /// Makes the source of the lane's keys and begins to keep them fresh.
    pub(crate) fn begin(
        &self,
        lane: &Lane,
        whence: &Whence,
        keys: KeyRules,
        keep_removed: Duration,
        clock: &Arc<dyn Clock>,
    ) -> Result<(Arc<Keeper>, KeySource), ConfigError> {
        let place = self.place(lane, whence).map_err(ConfigError::Location)?;
        let fetch = self.client(place.first())?;
        let errand = discovery::Errand::new(fetch, place, self.rules(), keys);
        let runtime = spawn::Tokio::current().ok_or(ConfigError::NoRuntime)?;
        let beginning = keeper::Beginning {
            issuer: lane.title.clone(),
            errand,
            keep_removed,
            schedule: self.schedule.clone(),
            clock: Arc::clone(clock),
            hook: self.hook.clone(),
        };
        Ok(Keeper::begin(beginning, runtime))
    }

    fn client(&self, first: &Location) -> Result<Arc<dyn Fetch>, ConfigError> {
        match &self.client {
            Client::Own(fetch) => Ok(Arc::clone(fetch)),
            Client::Http { begin, shared } => {
                let timeout = self.schedule.fetch_timeout;
                let new = || Arc::new(HttpFetch::new(Arc::clone(begin), timeout));
                let http = shared.get_or_init(new);
                http.prepare(first.url()).map_err(ConfigError::HttpClient)?;
                Ok(Arc::<HttpFetch>::clone(http))
            }
        }
    }

    /// Checks where the lane's keys are fetched from, and shows no password that a URL may hold.
    pub(crate) fn check(&self, lane: &Lane) -> Result<(), ConfigError> {
        match &lane.origin {
            KeyOrigin::Fixed(_) => Ok(()),
            KeyOrigin::Fetched(whence) => {
                self.place(lane, whence).map(drop).map_err(ConfigError::Location)
            }
        }
    }

    const fn rules(&self) -> location::Rules {
        location::Rules { loopback_http: self.loopback_http }
    }

    fn place(&self, lane: &Lane, whence: &Whence) -> Result<discovery::Place, RemoteError> {
        let parse = |url: &str| Location::parse(url, self.rules());
        let at = match whence {
            Whence::JwksUrl(url) => return Ok(discovery::Place::Jwks(parse(url)?)),
            Whence::Metadata(url) => discovery::Places { first: parse(url)?, others: Vec::new() },
            Whence::Discovery(issuer) => Location::parse_issuer(issuer, self.rules())?.well_known(),
        };
        Ok(discovery::Place::Metadata { at, names: lane.metadata_names.clone() })
    }
}

impl fmt::Debug for RemoteSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteSettings")
            .field("lazy", &self.lazy)
            .field("loopback_http", &self.loopback_http)
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}
