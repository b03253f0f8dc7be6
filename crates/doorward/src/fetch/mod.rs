//! The only IO: finds an issuer's keys by discovery or from a URL.
//!
//! What to do when is decided by [`crate::key_set::rotation`]; this folder fetches and reports what
//! happened. Nothing of a token is ever sent.

mod cache_control;
mod discovery;
mod fetch_url;
mod fetcher;
mod http;
mod resolver;

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use discovery::{KeySetFetcher, KeySetUrl, MetadataUrls};
use fetch_url::{FetchUrl, UrlRules};
pub use fetcher::{Document, Fetch, FetchRequest};
use http::HttpFetch;

use crate::{
    clock::Clock,
    config_error::ConfigError,
    issuer::{KeyOrigin, KeySetLocation, ResolvedIssuer},
    key::KeyRules,
    key_set::{
        IssuerKeys, KeyEvent, KeyEventHook, KeySetRefresher, RefresherConfig, RemoteError, Tokio,
        rotation::Schedule,
    },
};

/// How a server fetches.
pub(crate) struct RemoteSettings {
    pub(crate) lazy: bool,
    pub(crate) loopback_http: bool,
    pub(crate) schedule: Schedule,
    hook: KeyEventHook,
    client: Client,
}

enum Client {
    Http { begin: http::ClientFactory, shared: OnceLock<Arc<HttpFetch>> },
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
            hook: KeyEventHook::default(),
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
        self.hook = KeyEventHook::new(hook);
    }

    /// Starts to fetch the keys of a resolved issuer.
    pub(crate) fn begin(
        &self,
        resolved: &ResolvedIssuer,
        location: &KeySetLocation,
        keys: KeyRules,
        keep_removed: Duration,
        clock: &Arc<dyn Clock>,
    ) -> Result<IssuerKeys, ConfigError> {
        let place = self.place(resolved, location).map_err(ConfigError::Location)?;
        let fetch = self.client(place.first())?;
        let source = Box::new(KeySetFetcher::new(fetch, place, self.rules(), keys));
        let runtime = Tokio::current().ok_or(ConfigError::NoRuntime)?;
        let config = RefresherConfig {
            issuer: resolved.title.clone(),
            source,
            keep_removed,
            schedule: self.schedule.clone(),
            clock: Arc::clone(clock),
            hook: self.hook.clone(),
        };
        let refresher = KeySetRefresher::start(config, runtime);
        Ok(IssuerKeys::fetched(refresher.cell(), refresher))
    }

    fn client(&self, first: &FetchUrl) -> Result<Arc<dyn Fetch>, ConfigError> {
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

    /// Checks where the resolved's keys are fetched from, and shows no password that a URL may hold.
    pub(crate) fn check(&self, resolved: &ResolvedIssuer) -> Result<(), ConfigError> {
        match &resolved.origin {
            KeyOrigin::Fixed(_) => Ok(()),
            KeyOrigin::Fetched(location) => {
                self.place(resolved, location).map(drop).map_err(ConfigError::Location)
            }
        }
    }

    const fn rules(&self) -> UrlRules {
        UrlRules { loopback_http: self.loopback_http }
    }

    fn place(
        &self,
        resolved: &ResolvedIssuer,
        location: &KeySetLocation,
    ) -> Result<KeySetUrl, RemoteError> {
        let parse = |url: &str| FetchUrl::parse(url, self.rules());
        let at = match location {
            KeySetLocation::JwksUrl(url) => return Ok(KeySetUrl::Jwks(parse(url)?)),
            KeySetLocation::Metadata(url) => {
                MetadataUrls { first: parse(url)?, others: Vec::new() }
            }
            KeySetLocation::Discovery(issuer) => {
                FetchUrl::parse_issuer(issuer, self.rules())?.well_known()
            }
        };
        Ok(KeySetUrl::Metadata { at, names: resolved.metadata_names.clone() })
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
