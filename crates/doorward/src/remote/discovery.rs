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
    /// Why the metadata could not be had, if the keys were fetched from where they were.
    pub(crate) fault: Option<RemoteError>,
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

    /// Fetches the keys in this time, discovery included.
    pub(crate) async fn run(&self, longest: Duration) -> Result<Fetched, RemoteError> {
        let fetched = tokio::time::timeout(longest, self.fetch_keys(longest)).await;
        fetched.unwrap_or(Err(RemoteError::Timeout))
    }

    async fn fetch_keys(&self, longest: Duration) -> Result<Fetched, RemoteError> {
        match &self.place {
            Place::Jwks(location) => self.fetch_jwks(location, NamedBy::Operator).await,
            Place::Metadata { at, names } => {
                let (location, fault) = self.locate(at, names, longest).await?;
                let same_host = location.url().host() == at.first.url().host();
                let named_by = if same_host { NamedBy::Operator } else { NamedBy::Issuer };
                let fetched = self.fetch_jwks(&location, named_by).await?;
                Ok(Fetched { fault, ..fetched })
            }
        }
    }

    /// Finds where the keys are. Metadata that cannot be had does not keep them from being fetched
    /// from where they were: then the fault is returned beside. Metadata that names another issuer,
    /// or a place where keys must not be, does.
    async fn locate(
        &self,
        at: &Places,
        names: &[String],
        longest: Duration,
    ) -> Result<(Location, Option<RemoteError>), RemoteError> {
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
        let fetched = Fetched { jwks: known.value.clone(), max_age: known.max_age, fault: None };
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
