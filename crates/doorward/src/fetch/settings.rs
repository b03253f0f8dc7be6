use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use super::{
    Fetch, HttpClientSettings, KeySetFetcher, KeySetUrl, UrlRules, http::HttpFetch,
    http_client_settings::InvalidSetting, url_rules::HttpHost,
};
use crate::key::KeyRules;

/// How a server fetches documents.
#[derive(Default)]
pub(crate) struct FetchSettings {
    pub(crate) loopback_http: bool,
    pub(crate) http_hosts: Vec<String>,
    pub(crate) http_client: Option<HttpClientSettings>,
    pub(crate) fetcher: Option<Arc<dyn Fetch>>,
    /// The built-in client, shared by all issuers.
    http: OnceLock<Arc<HttpFetch>>,
}

/// Why documents cannot be fetched with these settings.
#[derive(Debug)]
pub(crate) enum InvalidFetchSettings {
    HttpClient(InvalidSetting),
    /// A host of [`FetchSettings::http_hosts`] is not one.
    HttpHost(String),
    /// Both a fetcher and settings of the built-in client are set.
    FetcherAndHttpClient,
    /// The built-in client could not be created.
    Client(String),
}

impl FetchSettings {
    /// Checks the settings.
    pub(crate) fn check(&self, timeout: Duration) -> Result<(), InvalidFetchSettings> {
        for host in &self.http_hosts {
            if HttpHost::parse(host).is_none() {
                return Err(InvalidFetchSettings::HttpHost(host.clone()));
            }
        }
        match (&self.fetcher, &self.http_client) {
            (Some(_), Some(_)) => Err(InvalidFetchSettings::FetcherAndHttpClient),
            (Some(_), None) => Ok(()),
            (None, _) => self.http(timeout).map(drop),
        }
    }

    /// Returns the rules for URLs that the operator chose.
    pub(crate) fn url_rules(&self) -> UrlRules {
        let hosts = self.http_hosts.iter().filter_map(|host| HttpHost::parse(host));
        UrlRules::new(self.loopback_http, hosts.collect())
    }

    /// Creates the fetcher of one issuer's keys.
    pub(crate) fn key_set_fetcher(
        &self,
        url: KeySetUrl,
        rules: UrlRules,
        keys: KeyRules,
        timeout: Duration,
    ) -> Result<KeySetFetcher, InvalidFetchSettings> {
        let fetch: Arc<dyn Fetch> = match &self.fetcher {
            Some(fetcher) => Arc::clone(fetcher),
            None => {
                let http = self.http(timeout)?;
                http.prepare(url.first().url(), rules.addresses())
                    .map_err(InvalidFetchSettings::Client)?;
                http
            }
        };
        Ok(KeySetFetcher::new(fetch, url, rules, keys))
    }

    fn http(&self, timeout: Duration) -> Result<Arc<HttpFetch>, InvalidFetchSettings> {
        if let Some(http) = self.http.get() {
            return Ok(Arc::clone(http));
        }
        let config = self.http_client.clone().unwrap_or_default().parse();
        let config = config.map_err(InvalidFetchSettings::HttpClient)?;
        let new = || Arc::new(HttpFetch::new(config, timeout));
        Ok(Arc::clone(self.http.get_or_init(new)))
    }
}

impl fmt::Debug for FetchSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchSettings")
            .field("loopback_http", &self.loopback_http)
            .field("http_hosts", &self.http_hosts)
            .field("http_client", &self.http_client)
            .finish_non_exhaustive()
    }
}
