//! Recorded key sets: which keys an issuer has published when.
//!
//! A JSON text comes in, a [`Timeline`] goes out. Refused is what a replay could not follow: see
//! [`TimelineError`].

mod timeline_error;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Map, Value};

pub use self::timeline_error::TimelineError;
use crate::{Algorithm, signing_key::WantedKey};

/// Which keys an issuer has published when, as somebody has recorded it.
///
/// The text is a JSON object with a member `timeline`: an array of objects, each with `t` (the time,
/// in whole seconds since 1970-01-01 UTC, later than the one before) and `kids` (the IDs of the keys
/// that were published then, in their order). Other members are ignored.
///
/// ```
/// use doorward_issuer::Timeline;
///
/// let timeline = Timeline::parse(
///     r#"{ "timeline": [{ "t": 100, "kids": ["a"] }, { "t": 160, "kids": ["a", "b"] }] }"#,
/// )?;
/// assert_eq!(timeline.key_ids_at(130), Some(&["a".to_owned()][..]));
/// assert_eq!(timeline.first_time_of("b"), Some(160));
/// # Ok::<(), doorward_issuer::TimelineError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    first: Moment,
    later: Vec<Moment>,
}

/// What was published from a time on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Moment {
    time: u64,
    key_ids: Vec<String>,
}

impl Timeline {
    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// [`TimelineError::Read`] when the file could not be read, otherwise as [`Timeline::parse`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, TimelineError> {
        let path = path.as_ref();
        let failed = |source| TimelineError::Read { path: path.to_owned(), source };
        Self::parse(&fs::read_to_string(path).map_err(failed)?)
    }

    /// Reads a JSON text.
    ///
    /// # Errors
    ///
    /// A [`TimelineError`] that names the place of what is no JSON, is missing, has another type,
    /// or is out of order.
    pub fn parse(text: &str) -> Result<Self, TimelineError> {
        let document: Value = serde_json::from_str(text).map_err(|error| TimelineError::Json {
            line: error.line(),
            column: error.column(),
            reason: error.to_string(),
        })?;
        let entries =
            document.get("timeline").and_then(Value::as_array).ok_or(TimelineError::NoTimeline)?;
        let mut moments: Vec<Moment> = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            let moment = Moment::read(entry).map_err(|reason| reason.at(index))?;
            if moments.last().is_some_and(|before| before.time >= moment.time) {
                return Err(Reason("`t` is not later than that of the entry before").at(index));
            }
            moments.push(moment);
        }
        let mut moments = moments.into_iter();
        let first = moments.next().ok_or(TimelineError::Empty)?;
        Ok(Self { first, later: moments.collect() })
    }

    /// Returns the times of all moments, in seconds since 1970-01-01 UTC and ascending.
    pub fn times(&self) -> impl Iterator<Item = u64> {
        self.moments().map(|moment| moment.time)
    }

    /// Returns the IDs of the keys that were published at a time: those of the last moment that is
    /// not later. `None` when every moment is.
    #[must_use]
    pub fn key_ids_at(&self, at: u64) -> Option<&[String]> {
        let until = self.moments().take_while(|moment| moment.time <= at);
        until.last().map(|moment| moment.key_ids.as_slice())
    }

    /// Returns the IDs of all keys, in the order in which they were first seen.
    #[must_use]
    pub fn key_ids(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        let all = self.moments().flat_map(|moment| &moment.key_ids).map(String::as_str);
        all.filter(|key_id| seen.insert(*key_id)).collect()
    }

    /// Returns the time of the first moment that has the key, in seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn first_time_of(&self, key_id: &str) -> Option<u64> {
        self.times_of(key_id).next()
    }

    /// Returns the time of the last moment that has the key, in seconds since 1970-01-01 UTC; it may
    /// have been missing in between.
    #[must_use]
    pub fn last_time_of(&self, key_id: &str) -> Option<u64> {
        self.times_of(key_id).last()
    }

    /// Returns the times of all moments that have the key, in seconds since 1970-01-01 UTC and
    /// ascending.
    pub fn times_of(&self, key_id: &str) -> impl Iterator<Item = u64> {
        let with_it =
            self.moments().filter(move |moment| moment.key_ids.iter().any(|k| k == key_id));
        with_it.map(|moment| moment.time)
    }

    pub(crate) fn first_key_ids(&self) -> &[String] {
        &self.first.key_ids
    }

    pub(crate) fn wanted_keys(&self, algorithm: Algorithm) -> Vec<WantedKey> {
        let wanted = |key_id: &str| WantedKey { algorithm, key_id: Some(key_id.to_owned()) };
        self.key_ids().into_iter().map(wanted).collect()
    }

    fn moments(&self) -> impl Iterator<Item = &Moment> {
        std::iter::once(&self.first).chain(&self.later)
    }
}

/// What is wrong with an entry.
struct Reason(&'static str);

impl Reason {
    fn at(self, index: usize) -> TimelineError {
        TimelineError::Entry { index, reason: self.0 }
    }
}

impl Moment {
    fn read(entry: &Value) -> Result<Self, Reason> {
        let entry: &Map<String, Value> = entry.as_object().ok_or(Reason("it is no object"))?;
        let time = entry.get("t").and_then(Value::as_u64);
        let time = time.ok_or(Reason("`t` is missing or no whole number of seconds since 1970"))?;
        let kids = entry.get("kids").and_then(Value::as_array);
        let mut key_ids: Vec<String> = Vec::new();
        for kid in kids.ok_or(Reason("`kids` is missing or no array"))? {
            let key_id = kid.as_str().ok_or(Reason("`kids` has something that is no string"))?;
            if key_ids.iter().any(|earlier| earlier == key_id) {
                return Err(Reason("`kids` has a key ID twice"));
            }
            key_ids.push(key_id.to_owned());
        }
        Ok(Self { time, key_ids })
    }
}
