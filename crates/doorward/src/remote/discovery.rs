use std::{sync::Arc, time::Duration};

use serde::de::MapAccess;

use super::{Document, Fetch, FetchError, Location, RemoteError, location::Rules};
use crate::{
    codec::json::{self, Members, Refused, Value},
    key::{Jwks, KeyRules},
    limits,
    terms::seen::Seen,
};

/// One issuer's keys, to be fetched again and again.
#[derive(Debug)]
pub(crate) struct Errand {
    pub(crate) fetch: Arc<dyn Fetch>,
    pub(crate) place: Place,
    pub(crate) rules: Rules,
    pub(crate) keys: KeyRules,
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

impl Errand {
    /// Fetches the keys, no longer than a fetch may take, discovery included.
    pub(crate) async fn run(&self) -> Result<Fetched, RemoteError> {
        tokio::time::timeout(limits::FETCH_TIMEOUT, self.fetch_keys())
            .await
            .unwrap_or(Err(RemoteError::Timeout))
    }

    async fn fetch_keys(&self) -> Result<Fetched, RemoteError> {
        match &self.place {
            Place::Jwks(location) => self.fetch_jwks(location).await,
            Place::Metadata { at, names } => {
                let location = self.discover(at, names).await?;
                self.fetch_jwks(&location).await
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
        let text = self.fetch_text(location).await?.0;
        let url = || location.as_str().to_owned();
        let metadata =
            Metadata::parse(&text).ok_or_else(|| RemoteError::Metadata { url: url() })?;
        if !names.contains(&metadata.issuer) {
            return Err(RemoteError::OtherIssuer {
                url: url(),
                expected: names.join("\" or \""),
                seen: Seen::new(&metadata.issuer),
            });
        }
        Location::parse(&metadata.jwks_uri, self.rules)
    }

    async fn fetch_jwks(&self, location: &Location) -> Result<Fetched, RemoteError> {
        let (text, max_age) = self.fetch_text(location).await?;
        let jwks = Jwks::parse(&text, &self.keys)
            .map_err(|error| RemoteError::Jwks { url: location.as_str().to_owned(), error })?;
        Ok(Fetched { jwks, max_age })
    }

    async fn fetch_text(
        &self,
        location: &Location,
    ) -> Result<(String, Option<Duration>), RemoteError> {
        let fault = |error| RemoteError::Fetch { url: location.as_str().to_owned(), error };
        let Document { body, max_age } =
            self.fetch.fetch(location.as_str()).await.map_err(fault)?;
        if body.len() > limits::DOCUMENT_LEN {
            return Err(fault(FetchError::TooLong));
        }
        let text =
            String::from_utf8(body).map_err(|_| fault(FetchError::Body("not UTF-8".to_owned())))?;
        Ok((text, max_age))
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
