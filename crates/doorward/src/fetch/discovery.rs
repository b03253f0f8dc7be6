use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::de::MapAccess;

use super::{Fetch, FetchRequest, FetchUrl, fetch_url::UrlRules, fetcher::NamedBy};
use crate::{
    codec::json::{self, Members, Refused, Value},
    key::{Jwks, KeyRules},
    key_set::{FetchError, Fetched, KeySetSource, RemoteError},
    limits,
    terms::untrusted_text::UntrustedText,
};

/// One issuer's keys, to be fetched again and again.
#[derive(Debug)]
pub(crate) struct KeySetFetcher {
    fetch: Arc<dyn Fetch>,
    url: KeySetUrl,
    rules: UrlRules,
    keys: KeyRules,
    cached: Mutex<CachedDocuments>,
}

/// Where the key set is, or where that is said.
#[derive(Debug)]
pub(crate) enum KeySetUrl {
    Jwks(FetchUrl),
    /// At one of several places, in the order of trial, in the name of one of the issuer's names.
    Metadata {
        at: MetadataUrls,
        names: Vec<String>,
    },
}

/// One url or several, in the order of trial.
#[derive(Debug)]
pub(crate) struct MetadataUrls {
    pub(crate) first: FetchUrl,
    pub(crate) others: Vec<FetchUrl>,
}

impl KeySetUrl {
    /// Returns where the first fetch goes.
    pub(crate) const fn first(&self) -> &FetchUrl {
        match self {
            Self::Jwks(fetch_url) => fetch_url,
            Self::Metadata { at, .. } => &at.first,
        }
    }
}

/// The last documents, for requests that ask whether they have changed.
#[derive(Debug, Default)]
struct CachedDocuments {
    metadata: Option<CachedDocument<FetchUrl>>,
    jwks: Option<CachedDocument<Jwks>>,
}

/// What a document said.
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

    async fn fetch_keys(&self, longest: Duration) -> Result<Fetched, RemoteError> {
        match &self.url {
            KeySetUrl::Jwks(fetch_url) => self.fetch_jwks(fetch_url, NamedBy::Operator).await,
            KeySetUrl::Metadata { at, names } => {
                let (fetch_url, fault) = self.locate(at, names, longest).await?;
                let same_host = fetch_url.url().host() == at.first.url().host();
                let named_by = if same_host { NamedBy::Operator } else { NamedBy::Issuer };
                let fetched = self.fetch_jwks(&fetch_url, named_by).await?;
                Ok(Fetched { fault, ..fetched })
            }
        }
    }

    /// Finds where the keys are. Metadata that cannot be had does not keep them from being fetched
    /// from where they were: then the fault is returned beside. Metadata that names another issuer,
    /// or a url where keys must not be, does.
    async fn locate(
        &self,
        at: &MetadataUrls,
        names: &[String],
        longest: Duration,
    ) -> Result<(FetchUrl, Option<RemoteError>), RemoteError> {
        let Some(last) = self.last_location() else {
            return Ok((self.discover(at, names).await?, None));
        };
        // Some time must be left for the keys.
        let share = longest.div_f64(2.0);
        let found = tokio::time::timeout(share, self.discover(at, names)).await;
        match found.unwrap_or(Err(RemoteError::Timeout)) {
            Err(
                fault @ (RemoteError::Fetch { .. }
                | RemoteError::Metadata { .. }
                | RemoteError::Timeout),
            ) => Ok((last, Some(fault))),
            found => Ok((found?, None)),
        }
    }

    /// Tries the places one after the other, as long as there is nothing at them.
    async fn discover(&self, at: &MetadataUrls, names: &[String]) -> Result<FetchUrl, RemoteError> {
        let absence = match self.fetch_metadata(&at.first, names).await {
            Err(fault) if is_absence(&fault) => fault,
            found => return found,
        };
        for fetch_url in &at.others {
            match self.fetch_metadata(fetch_url, names).await {
                Err(fault) if is_absence(&fault) => {}
                found => return found,
            }
        }
        Err(absence)
    }

    async fn fetch_metadata(
        &self,
        fetch_url: &FetchUrl,
        names: &[String],
    ) -> Result<FetchUrl, RemoteError> {
        let url = || fetch_url.as_str().to_owned();
        let read = |text: &str| {
            let metadata =
                Metadata::parse(text).ok_or_else(|| RemoteError::Metadata { url: url() })?;
            if !names.contains(&metadata.issuer) {
                return Err(RemoteError::OtherIssuer {
                    url: url(),
                    expected: names.join("\" or \""),
                    seen: UntrustedText::new(&metadata.issuer),
                });
            }
            FetchUrl::parse_discovered(&metadata.jwks_uri, self.rules, fetch_url)
        };
        let known = self.lock().metadata.clone();
        let known = self.fetch_known(fetch_url, NamedBy::Operator, known, read).await?;
        let found = known.value.clone();
        self.lock().metadata = Some(known);
        Ok(found)
    }

    async fn fetch_jwks(
        &self,
        fetch_url: &FetchUrl,
        named_by: NamedBy,
    ) -> Result<Fetched, RemoteError> {
        let read = |text: &str| {
            Jwks::parse(text, &self.keys)
                .map_err(|error| RemoteError::Jwks { url: fetch_url.as_str().to_owned(), error })
        };
        let known = self.lock().jwks.clone();
        let known = self.fetch_known(fetch_url, named_by, known, read).await?;
        let fetched = Fetched { jwks: known.value.clone(), max_age: known.max_age, fault: None };
        self.lock().jwks = Some(known);
        Ok(fetched)
    }

    /// Fetches a document and reads it, unless it is the one that is known.
    async fn fetch_known<T>(
        &self,
        fetch_url: &FetchUrl,
        named_by: NamedBy,
        known: Option<CachedDocument<T>>,
        read: impl Fn(&str) -> Result<T, RemoteError>,
    ) -> Result<CachedDocument<T>, RemoteError> {
        let url = fetch_url.as_str();
        let fault = |error| RemoteError::Fetch { url: url.to_owned(), error };
        let known = known.filter(|known| known.url == url);
        let etag = known.as_ref().and_then(|known| known.etag.as_deref());
        let request = FetchRequest { url, etag, named_by };
        let document = self.fetch.fetch(request).await.map_err(fault)?;
        let Some(body) = document.body else {
            let known = known.filter(|known| known.etag.is_some());
            let known = known.ok_or_else(|| fault(FetchError::Status(304)))?;
            return Ok(CachedDocument { max_age: document.max_age.or(known.max_age), ..known });
        };
        if body.len() > limits::DOCUMENT_LEN {
            return Err(fault(FetchError::TooLong));
        }
        let text =
            String::from_utf8(body).map_err(|_| fault(FetchError::Body("not UTF-8".to_owned())))?;
        let value = read(&text)?;
        Ok(CachedDocument {
            url: url.to_owned(),
            etag: document.etag,
            max_age: document.max_age,
            value,
        })
    }

    fn last_location(&self) -> Option<FetchUrl> {
        self.lock().metadata.as_ref().map(|known| known.value.clone())
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

/// Returns whether there is no metadata at a url, so that another may be tried. Metadata of
/// another issuer is not absent; it is refused.
const fn is_absence(fault: &RemoteError) -> bool {
    matches!(
        fault,
        RemoteError::Fetch { error: FetchError::Status(400..=499), .. }
            | RemoteError::Metadata { .. }
    )
}

/// What is needed of an issuer's metadata (RFC 8414 §2).
#[derive(Default)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl Metadata {
    fn parse(text: &str) -> Option<Self> {
        let mut metadata = Self::default();
        json::read_object(text, limits::JSON_DEPTH, &mut metadata).ok()?;
        (!metadata.issuer.is_empty() && !metadata.jwks_uri.is_empty()).then_some(metadata)
    }
}

impl<'de> Members<'de> for Metadata {
    fn member<A: MapAccess<'de>>(
        &mut self,
        name: &str,
        value: Value<'_, 'de, A>,
    ) -> Result<(), Refused> {
        match name {
            "issuer" => self.issuer = value.take("issuer")?,
            "jwks_uri" => self.jwks_uri = value.take("jwks_uri")?,
            _ => value.skip()?,
        }
        Ok(())
    }
}
