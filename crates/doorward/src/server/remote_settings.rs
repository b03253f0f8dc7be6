use std::sync::Arc;

use crate::{
    clock::Clock,
    config_error::ConfigError,
    fetch::{FetchSettings, FetchUrl, InvalidFetchSettings, KeySetUrl, MetadataUrls, UrlRules},
    issuer::{Issuer, KeyOrigin, KeySetLocation, ResolvedIssuer},
    key::KeyRules,
    key_set::{
        IssuerKeys, KeyEventHook, KeySetRefresher, RefresherConfig, RemoteError, Tokio,
        rotation::Schedule,
    },
};

/// How a server fetches keys and keeps them fresh.
#[derive(Debug, Default)]
pub(super) struct RemoteSettings {
    pub(super) lazy: bool,
    pub(super) schedule: Schedule,
    pub(super) hook: KeyEventHook,
    pub(super) fetch: FetchSettings,
}

impl RemoteSettings {
    /// Checks what was set.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if let Some(setting) = self.schedule.fault() {
            return Err(ConfigError::Times { setting });
        }
        self.fetch.check(self.schedule.fetch_timeout).map_err(config_error)
    }

    /// Checks where the issuer's keys are fetched from. The error shows no password that a URL may
    /// contain.
    pub(super) fn check_location(
        &self,
        issuer: &Issuer,
        resolved: &ResolvedIssuer,
    ) -> Result<(), ConfigError> {
        match &resolved.origin {
            KeyOrigin::Fixed(_) => Ok(()),
            KeyOrigin::Fetched(location) => {
                let url = key_set_url(resolved, location, &self.url_rules(issuer));
                url.map(drop).map_err(ConfigError::Location)
            }
        }
    }

    /// Starts to fetch the issuer's keys and to keep them fresh.
    pub(super) fn begin(
        &self,
        issuer: &Issuer,
        resolved: &ResolvedIssuer,
        location: &KeySetLocation,
        keys: KeyRules,
        clock: &Arc<dyn Clock>,
    ) -> Result<IssuerKeys, ConfigError> {
        let rules = self.url_rules(issuer);
        let url = key_set_url(resolved, location, &rules).map_err(ConfigError::Location)?;
        let timeout = self.schedule.fetch_timeout;
        let fetcher = self.fetch.key_set_fetcher(url, rules, keys, timeout);
        let runtime = Tokio::current().ok_or(ConfigError::NoRuntime)?;
        let config = RefresherConfig {
            issuer: resolved.title.clone(),
            source: Box::new(fetcher.map_err(config_error)?),
            keep_removed: issuer.options.keep_removed,
            schedule: self.schedule.clone(),
            clock: Arc::clone(clock),
            hook: self.hook.clone(),
        };
        let refresher = KeySetRefresher::start(config, runtime);
        Ok(IssuerKeys::fetched(refresher.cell(), refresher))
    }

    fn url_rules(&self, issuer: &Issuer) -> UrlRules {
        if issuer.options.untrusted_url { UrlRules::untrusted() } else { self.fetch.url_rules() }
    }
}

fn key_set_url(
    resolved: &ResolvedIssuer,
    location: &KeySetLocation,
    rules: &UrlRules,
) -> Result<KeySetUrl, RemoteError> {
    let urls = match location {
        KeySetLocation::JwksUrl(url) => return Ok(KeySetUrl::Jwks(FetchUrl::parse(url, rules)?)),
        KeySetLocation::Metadata(url) => MetadataUrls::one(FetchUrl::parse(url, rules)?),
        KeySetLocation::Discovery(issuer) => MetadataUrls::of_issuer(issuer, rules)?,
    };
    Ok(KeySetUrl::Metadata { urls, names: resolved.metadata_names.clone() })
}

fn config_error(error: InvalidFetchSettings) -> ConfigError {
    match error {
        InvalidFetchSettings::HttpClient(invalid) => {
            ConfigError::HttpClientSetting { setting: invalid.setting, reason: invalid.reason }
        }
        InvalidFetchSettings::HttpHost(host) => ConfigError::HttpHost { host },
        InvalidFetchSettings::FetcherAndHttpClient => ConfigError::FetcherAndHttpClient,
        InvalidFetchSettings::Client(reason) => ConfigError::HttpClient { reason },
    }
}
