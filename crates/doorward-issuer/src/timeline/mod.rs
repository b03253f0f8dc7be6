//! Recorded key sets, each with the time at which an issuer published it.
//!
//! A JSON text comes in, a [`Timeline`] goes out. Rejected are texts that are not JSON, missing members,
//! and times that are not ascending: see [`TimelineError`].

mod timeline_error;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Map, Value};

pub use self::timeline_error::TimelineError;
use crate::{Algorithm, signing_key::WantedKey};

/// A recording of the key sets that an issuer has published.
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
    first: Entry,
    later: Vec<Entry>,
}

/// The keys that were published from a time on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    time: u64,
    key_ids: Vec<String>,
}

impl Timeline {
    /// Reads a file and parses its text as [`Timeline::parse`].
    ///
    /// # Errors
    ///
    /// [`TimelineError::Read`] if the file cannot be read; otherwise as [`Timeline::parse`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, TimelineError> {
        let path = path.as_ref();
        let failed = |source| TimelineError::Read { path: path.to_owned(), source };
        Self::parse(&fs::read_to_string(path).map_err(failed)?)
    }

    /// Parses a JSON text.
    ///
    /// # Errors
    ///
    /// A [`TimelineError`] with the position of the syntax error, or with the entry that has a missing
    /// member, a wrong type, or a time that is not ascending.
    pub fn parse(text: &str) -> Result<Self, TimelineError> {
        let document: Value = serde_json::from_str(text).map_err(|error| TimelineError::Json {
            line: error.line(),
            column: error.column(),
            reason: error.to_string(),
        })?;
        let values =
            document.get("timeline").and_then(Value::as_array).ok_or(TimelineError::NoTimeline)?;
        let mut entries: Vec<Entry> = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let entry = Entry::parse(value).map_err(|reason| reason.at(index))?;
            if entries.last().is_some_and(|before| before.time >= entry.time) {
                return Err(Reason("`t` is not later than that of the entry before").at(index));
            }
            entries.push(entry);
        }
        let mut entries = entries.into_iter();
        let first = entries.next().ok_or(TimelineError::Empty)?;
        Ok(Self { first, later: entries.collect() })
    }

    /// Returns the times of all entries, in seconds since 1970-01-01 UTC, ascending.
    pub fn times(&self) -> impl Iterator<Item = u64> {
        self.entries().map(|entry| entry.time)
    }

    /// Returns the IDs of the keys that were published at a time, in seconds since 1970-01-01 UTC: those
    /// of the last entry at or before it. Returns `None` if every entry is later.
    #[must_use]
    pub fn key_ids_at(&self, at: u64) -> Option<&[String]> {
        let until = self.entries().take_while(|entry| entry.time <= at);
        until.last().map(|entry| entry.key_ids.as_slice())
    }

    /// Returns the IDs of all keys, in the order of their first entries.
    #[must_use]
    pub fn key_ids(&self) -> Vec<&str> {
        let mut returned = BTreeSet::new();
        let all = self.entries().flat_map(|entry| &entry.key_ids).map(String::as_str);
        all.filter(|key_id| returned.insert(*key_id)).collect()
    }

    /// Returns the time of the first entry with the key, in seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn first_time_of(&self, key_id: &str) -> Option<u64> {
        self.times_of(key_id).next()
    }

    /// Returns the time of the last entry with the key, in seconds since 1970-01-01 UTC. The key may be
    /// missing in between.
    #[must_use]
    pub fn last_time_of(&self, key_id: &str) -> Option<u64> {
        self.times_of(key_id).last()
    }

    /// Returns the times of all entries with the key, in seconds since 1970-01-01 UTC, ascending.
    pub fn times_of(&self, key_id: &str) -> impl Iterator<Item = u64> {
        let with_it = self.entries().filter(move |entry| entry.key_ids.iter().any(|k| k == key_id));
        with_it.map(|entry| entry.time)
    }

    pub(crate) fn first_key_ids(&self) -> &[String] {
        &self.first.key_ids
    }

    pub(crate) fn wanted_keys(&self, algorithm: Algorithm) -> Vec<WantedKey> {
        let wanted = |key_id: &str| WantedKey { algorithm, key_id: Some(key_id.to_owned()) };
        self.key_ids().into_iter().map(wanted).collect()
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        std::iter::once(&self.first).chain(&self.later)
    }
}

/// Why an entry is invalid.
struct Reason(&'static str);

impl Reason {
    fn at(self, index: usize) -> TimelineError {
        TimelineError::Entry { index, reason: self.0 }
    }
}

impl Entry {
    fn parse(value: &Value) -> Result<Self, Reason> {
        let entry: &Map<String, Value> = value.as_object().ok_or(Reason("it is not an object"))?;
        let time = entry.get("t").and_then(Value::as_u64);
        let time =
            time.ok_or(Reason("`t` is missing or not a whole number of seconds since 1970"))?;
        let kids = entry.get("kids").and_then(Value::as_array);
        let mut key_ids: Vec<String> = Vec::new();
        for kid in kids.ok_or(Reason("`kids` is missing or not an array"))? {
            let key_id = kid.as_str().ok_or(Reason("`kids` has a value that is not a string"))?;
            if key_ids.iter().any(|earlier| earlier == key_id) {
                return Err(Reason("`kids` has a key ID twice"));
            }
            key_ids.push(key_id.to_owned());
        }
        Ok(Self { time, key_ids })
    }
}
