use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::de::MapAccess;

use super::{
    Fetch, FetchError, FetchRequest, Location, RemoteError, fetch::NamedBy, location::Rules,
};
use crate::{
    codec::json::{self, Members, Refused, Value},
    key::{Jwks, KeyRules},
    limits,
    terms::seen::Seen,
};

/// One issuer's keys, to be fetched again and again.
#[derive(Debug)]
pub(crate) struct Errand {
    fetch: Arc<dyn Fetch>,
    place: Place,
    rules: Rules,
    keys: KeyRules,
    remembered: Mutex<Remembered>,
}

/// Where the key set is, or where that is said.
#[derive(Debug)]
pub(crate) enum Place {
    Jwks(Location),
    /// At one of several places, in the order of trial, in the name of one of the issuer's names.
    Metadata {
        at: Places,
        names: Vec<String>,
    },
}

/// One place or several, in the order of trial.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) first: Location,
    pub(crate) others: Vec<Location>,
}

impl Place {
    /// Returns where the first fetch goes.
    pub(crate) const fn first(&self) -> &Location {
        match self {
            Self::Jwks(location) => location,
            Self::Metadata { at, .. } => &at.first,
        }
    }
}

/// Keys that were fetched, and how long the issuer says that they are fresh.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) jwks: Jwks,
    pub(crate) max_age: Option<Duration>,
}

/// The last documents, for requests that ask whether they have changed.
#[derive(Debug, Default)]
struct Remembered {
    metadata: Option<Known<Location>>,
    jwks: Option<Known<Jwks>>,
}

/// What a document said.
#[derive(Clone, Debug)]
struct Known<T> {
    url: String,
    etag: Option<String>,
    max_age: Option<Duration>,
    value: T,
}

impl Errand {
    pub(crate) fn new(fetch: Arc<dyn Fetch>, place: Place, rules: Rules, keys: KeyRules) -> Self {
        Self { fetch, place, rules, keys, remembered: Mutex::default() }
    }

    /// Fetches the keys; takes as long as that may take.
    pub(crate) async fn run(&self) -> Result<Fetched, RemoteError> {
        match &self.place {
            Place::Jwks(location) => self.fetch_jwks(location, NamedBy::Operator).await,
            Place::Metadata { at, names } => {
                let location = match self.discover(at, names).await {
                    // Metadata that cannot be had does not keep the keys from being fetched from where
                    // they were.
                    Err(fault @ RemoteError::Fetch { .. }) => self.last_location().ok_or(fault)?,
                    found => found?,
                };
                self.fetch_jwks(&location, NamedBy::Issuer).await
            }
        }
    }

    /// Tries the places one after the other, as long as there is nothing at them.
    async fn discover(&self, at: &Places, names: &[String]) -> Result<Location, RemoteError> {
        let absence = match self.fetch_metadata(&at.first, names).await {
            Err(fault) if is_absence(&fault) => fault,
            found => return found,
        };
        for location in &at.others {
            match self.fetch_metadata(location, names).await {
                Err(fault) if is_absence(&fault) => {}
                found => return found,
            }
        }
        Err(absence)
    }

    async fn fetch_metadata(
        &self,
        location: &Location,
        names: &[String],
    ) -> Result<Location, RemoteError> {
        let url = || location.as_str().to_owned();
        let read = |text: &str| {
            let metadata =
                Metadata::parse(text).ok_or_else(|| RemoteError::Metadata { url: url() })?;
            if !names.contains(&metadata.issuer) {
                return Err(RemoteError::OtherIssuer {
                    url: url(),
                    expected: names.join("\" or \""),
                    seen: Seen::new(&metadata.issuer),
                });
            }
            Location::parse_discovered(&metadata.jwks_uri, self.rules, location)
        };
        let known = self.lock().metadata.clone();
        let known = self.fetch_known(location, NamedBy::Operator, known, read).await?;
        let found = known.value.clone();
        self.lock().metadata = Some(known);
        Ok(found)
    }

    async fn fetch_jwks(
        &self,
        location: &Location,
        named_by: NamedBy,
    ) -> Result<Fetched, RemoteError> {
        let read = |text: &str| {
            Jwks::parse(text, &self.keys)
                .map_err(|error| RemoteError::Jwks { url: location.as_str().to_owned(), error })
        };
        let known = self.lock().jwks.clone();
        let known = self.fetch_known(location, named_by, known, read).await?;
        let fetched = Fetched { jwks: known.value.clone(), max_age: known.max_age };
        self.lock().jwks = Some(known);
        Ok(fetched)
    }

    /// Fetches a document and reads it, unless it is the one that is known.
    async fn fetch_known<T>(
        &self,
        location: &Location,
        named_by: NamedBy,
        known: Option<Known<T>>,
        read: impl Fn(&str) -> Result<T, RemoteError>,
    ) -> Result<Known<T>, RemoteError> {
        let url = location.as_str();
        let fault = |error| RemoteError::Fetch { url: url.to_owned(), error };
        let known = known.filter(|known| known.url == url);
        let etag = known.as_ref().and_then(|known| known.etag.as_deref());
        let request = FetchRequest { url, etag, named_by };
        let document = self.fetch.fetch(request).await.map_err(fault)?;
        let Some(body) = document.body else {
            let known = known.filter(|known| known.etag.is_some());
            let known = known.ok_or_else(|| fault(FetchError::Status(304)))?;
            return Ok(Known { max_age: document.max_age.or(known.max_age), ..known });
        };
        if body.len() > limits::DOCUMENT_LEN {
            return Err(fault(FetchError::TooLong));
        }
        let text =
            String::from_utf8(body).map_err(|_| fault(FetchError::Body("not UTF-8".to_owned())))?;
        let value = read(&text)?;
        Ok(Known { url: url.to_owned(), etag: document.etag, max_age: document.max_age, value })
    }

    fn last_location(&self) -> Option<Location> {
        self.lock().metadata.as_ref().map(|known| known.value.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether there is no metadata at a place, so that another may be tried. Metadata of
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
