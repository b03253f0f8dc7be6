//! The procedure by which an issuer's key set is found and fetched.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    AllowedAddresses, Fetch, FetchRequest, FetchUrl, MetadataUrls, UrlRules, metadata::Metadata,
};
use crate::{
    key::{Jwks, JwksError, KeyRules},
    key_set::{FetchError, Fetched, KeySetSource, RemoteError},
    limits,
    terms::untrusted_text::UntrustedText,
};

/// Fetches one issuer's key set again and again.
#[derive(Debug)]
pub(crate) struct KeySetFetcher {
    fetch: Arc<dyn Fetch>,
    url: KeySetUrl,
    rules: UrlRules,
    keys: KeyRules,
    cached: Mutex<CachedDocuments>,
}

/// Where the key set is, or the metadata that names it.
#[derive(Debug)]
pub(crate) enum KeySetUrl {
    Jwks(FetchUrl),
    /// At one of these URLs; its `issuer` must be one of the names.
    Metadata {
        urls: MetadataUrls,
        names: Vec<String>,
    },
}

impl KeySetUrl {
    /// Returns the URL that is fetched first.
    pub(super) const fn first(&self) -> &FetchUrl {
        match self {
            Self::Jwks(url) => url,
            Self::Metadata { urls, .. } => &urls.first,
        }
    }
}

/// The last documents, for conditional requests.
#[derive(Debug, Default)]
struct CachedDocuments {
    metadata: Option<CachedDocument<FetchUrl>>,
    jwks: Option<CachedDocument<Jwks>>,
}

/// A parsed document.
#[derive(Clone, Debug)]
struct CachedDocument<T> {
    url: String,
    etag: Option<String>,
    max_age: Option<Duration>,
    value: T,
}

impl KeySetFetcher {
    pub(crate) fn new(
        fetch: Arc<dyn Fetch>,
        url: KeySetUrl,
        rules: UrlRules,
        keys: KeyRules,
    ) -> Self {
        Self { fetch, url, rules, keys, cached: Mutex::default() }
    }

    async fn fetch_keys(&self, timeout: Duration) -> Result<Fetched, RemoteError> {
        match &self.url {
            KeySetUrl::Jwks(url) => self.fetch_jwks(url, self.rules.addresses()).await,
            KeySetUrl::Metadata { urls, names } => {
                let (url, fault) = self.locate(urls, names, timeout).await?;
                let addresses = if url.has_host_of(&urls.first) {
                    self.rules.addresses()
                } else {
                    self.rules.discovered_addresses()
                };
                let fetched = self.fetch_jwks(&url, addresses).await?;
                Ok(Fetched { fault, ..fetched })
            }
        }
    }

    /// Returns the URL of the key set. If the metadata is unavailable, it is the last known URL, and
    /// the error is returned with it. Metadata that names another issuer, or a URL that breaks a rule,
    /// is an error.
    async fn locate(
        &self,
        urls: &MetadataUrls,
        names: &[String],
        timeout: Duration,
    ) -> Result<(FetchUrl, Option<RemoteError>), RemoteError> {
        let Some(last) = self.last_location() else {
            return Ok((self.discover(urls, names).await?, None));
        };
        // Some time must be left for the key set.
        let share = timeout.div_f64(2.0);
        let found = tokio::time::timeout(share, self.discover(urls, names)).await;
        match found.unwrap_or(Err(RemoteError::Timeout)) {
            Err(
                error @ (RemoteError::Fetch { .. }
                | RemoteError::NoMetadata { .. }
                | RemoteError::Metadata { .. }
                | RemoteError::Timeout),
            ) => Ok((last, Some(error))),
            found => Ok((found?, None)),
        }
    }

    /// Tries the URLs one after the other, as long as there is no metadata at them.
    async fn discover(
        &self,
        urls: &MetadataUrls,
        names: &[String],
    ) -> Result<FetchUrl, RemoteError> {
        let absence = match self.fetch_metadata(&urls.first, names).await {
            Err(error) if is_absence(&error) => error,
            found => return found,
        };
        for url in &urls.others {
            match self.fetch_metadata(url, names).await {
                Err(error) if is_absence(&error) => {}
                found => return found,
            }
        }
        if urls.others.is_empty() {
            return Err(absence);
        }
        let tried = urls.iter().map(|url| url.as_str().to_owned()).collect();
        Err(RemoteError::NoMetadata { tried, error: Box::new(absence) })
    }

    async fn fetch_metadata(
        &self,
        metadata_url: &FetchUrl,
        names: &[String],
    ) -> Result<FetchUrl, RemoteError> {
        let url = || metadata_url.as_str().to_owned();
        let parse = |text: &str| {
            let metadata = Metadata::parse(text)
                .map_err(|error| RemoteError::Metadata { url: url(), error })?;
            if !names.contains(&metadata.issuer) {
                return Err(RemoteError::OtherIssuer {
                    url: url(),
                    expected: names.join("\" or \""),
                    seen: UntrustedText::new(&metadata.issuer),
                });
            }
            FetchUrl::parse_discovered(&metadata.jwks_uri, &self.rules, metadata_url)
        };
        let cached = self.lock().metadata.clone();
        let document =
            self.fetch_document(metadata_url, self.rules.addresses(), cached, parse).await?;
        let found = document.value.clone();
        self.lock().metadata = Some(document);
        Ok(found)
    }

    async fn fetch_jwks(
        &self,
        url: &FetchUrl,
        addresses: AllowedAddresses,
    ) -> Result<Fetched, RemoteError> {
        let parse = |text: &str| {
            Jwks::parse(text, &self.keys).map_err(|error| {
                let url = url.as_str().to_owned();
                let metadata = match error {
                    JwksError::Unreadable => Metadata::parse(text).ok(),
                    _ => None,
                };
                match metadata {
                    Some(Metadata { jwks_uri, .. }) => {
                        let jwks_uri = UntrustedText::url(&jwks_uri);
                        RemoteError::MetadataAsJwks { url, jwks_uri }
                    }
                    None => RemoteError::Jwks { url, error },
                }
            })
        };
        let cached = self.lock().jwks.clone();
        let document = self.fetch_document(url, addresses, cached, parse).await?;
        let fetched =
            Fetched { jwks: document.value.clone(), max_age: document.max_age, fault: None };
        self.lock().jwks = Some(document);
        Ok(fetched)
    }

    /// Fetches a document and parses it, or returns the cached one if it has not changed.
    async fn fetch_document<T>(
        &self,
        url: &FetchUrl,
        addresses: AllowedAddresses,
        cached: Option<CachedDocument<T>>,
        parse: impl Fn(&str) -> Result<T, RemoteError>,
    ) -> Result<CachedDocument<T>, RemoteError> {
        let url = url.as_str();
        let failed = |error| RemoteError::Fetch { url: url.to_owned(), error };
        let cached = cached.filter(|cached| cached.url == url);
        let etag = cached.as_ref().and_then(|cached| cached.etag.as_deref());
        let request = FetchRequest { url, etag, addresses };
        let document = self.fetch.fetch(request).await.map_err(failed)?;
        let Some(body) = document.body else {
            let cached = cached.filter(|cached| cached.etag.is_some());
            let cached = cached.ok_or_else(|| failed(FetchError::Status(304)))?;
            return Ok(CachedDocument { max_age: document.max_age.or(cached.max_age), ..cached });
        };
        if body.len() > limits::DOCUMENT_LEN {
            return Err(failed(FetchError::TooLong));
        }
        let text = String::from_utf8(body)
            .map_err(|_| failed(FetchError::Body("not UTF-8".to_owned())))?;
        let value = parse(&text)?;
        Ok(CachedDocument {
            url: url.to_owned(),
            etag: document.etag,
            max_age: document.max_age,
            value,
        })
    }

    fn last_location(&self) -> Option<FetchUrl> {
        self.lock().metadata.as_ref().map(|cached| cached.value.clone())
    }

    fn lock(&self) -> MutexGuard<'_, CachedDocuments> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeySetSource for KeySetFetcher {
    fn fetch(
        &self,
        timeout: Duration,
    ) -> Pin<Box<dyn Future<Output = Result<Fetched, RemoteError>> + Send + '_>> {
        Box::pin(async move {
            let fetched = tokio::time::timeout(timeout, self.fetch_keys(timeout)).await;
            fetched.unwrap_or(Err(RemoteError::Timeout))
        })
    }
}

/// Returns whether there is no metadata at a URL, so that another may be tried. Metadata of another
/// issuer is not absent; it is refused.
const fn is_absence(error: &RemoteError) -> bool {
    matches!(
        error,
        RemoteError::Fetch { error: FetchError::Status(400..=499), .. }
            | RemoteError::Metadata { .. }
    )
}
