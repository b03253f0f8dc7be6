//! Finds one value in a JSON object that has been read strictly before, without a copy.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::member_name::{MemberName, Text};

/// A name leads through a value that is not an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoObject;

/// Returns the text of the value that the names lead to through nested objects; `None` where there
/// is none. Nothing is allocated, escaped strings aside.
pub(crate) fn value_at<'t, 'n>(
    text: &'t str,
    names: impl IntoIterator<Item = &'n str>,
) -> Result<Option<&'t str>, NoObject> {
    let mut names = names.into_iter();
    let Some(name) = names.next() else {
        return Ok(Some(text));
    };
    let mut json = serde_json::Deserializer::from_str(text);
    match (PathSeed { name, names }).deserialize(&mut json) {
        Ok(Found::Value(value)) => Ok(Some(value)),
        Ok(Found::Nothing) => Ok(None),
        Ok(Found::NoObject) | Err(_) => Err(NoObject),
    }
}

/// Returns the names of the members of an object; `None` when the text is not an object.
pub(crate) fn names_of(text: &str) -> Option<Vec<Box<str>>> {
    serde_json::Deserializer::from_str(text).deserialize_map(MemberNames).ok()
}

/// The member to look for, and the names that lead on from its value.
struct PathSeed<'n, I> {
    name: &'n str,
    names: I,
}

/// The result of following the names.
enum Found<'t> {
    Value(&'t str),
    Nothing,
    NoObject,
}

impl<'de, 'n, I: Iterator<Item = &'n str>> DeserializeSeed<'de> for PathSeed<'n, I> {
    type Value = Found<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Found<'de>, D::Error> {
        json.deserialize_any(self)
    }
}

/// Visits numbers, strings and the like, which have no members.
macro_rules! visit_scalars {
    ($value:ty, $result:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<$value, E> {
            Ok($result)
        }

        fn visit_i64<E>(self, _: i64) -> Result<$value, E> {
            Ok($result)
        }

        fn visit_u64<E>(self, _: u64) -> Result<$value, E> {
            Ok($result)
        }

        fn visit_f64<E>(self, _: f64) -> Result<$value, E> {
            Ok($result)
        }

        fn visit_str<E>(self, _: &str) -> Result<$value, E> {
            Ok($result)
        }

        fn visit_unit<E>(self) -> Result<$value, E> {
            Ok($result)
        }
    };
}

impl<'de, 'n, I: Iterator<Item = &'n str>> Visitor<'de> for PathSeed<'n, I> {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found<'de>, A::Error> {
        let (mut lead, mut found) = (Some(self), Found::Nothing);
        while let Some(name) = map.next_key()? {
            let MemberName::Name(name) = name else {
                map.next_value::<IgnoredAny>()?;
                return Ok(Found::NoObject);
            };
            match lead.take() {
                Some(Self { name: wanted, mut names }) if name == wanted => {
                    found = match names.next() {
                        Some(name) => map.next_value_seed(PathSeed { name, names })?,
                        None => Found::Value(map.next_value::<&RawValue>()?.get()),
                    };
                }
                other => {
                    lead = other;
                    map.next_value::<Skipped>()?;
                }
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Found<'de>, A::Error> {
        Skipped.visit_seq(seq).map(|_| Found::NoObject)
    }

    visit_scalars!(Found<'de>, Found::NoObject);
}

/// A value that is skipped. For a nested `IgnoredAny`, serde_json would allocate.
struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Skipped {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    visit_scalars!(Self, Self);
}

struct MemberNames;

impl<'de> Visitor<'de> for MemberNames {
    type Value = Vec<Box<str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::new();
        while let Some((Text(name), IgnoredAny)) = map.next_entry()? {
            names.push(name.into());
        }
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"a":1,"b":{"c":{"d.e":"x"},"f":[2]},"\u0067":"h"}"#;

    #[test]
    fn a_value_is_found_by_the_names_that_lead_to_it() {
        for (names, expected) in [
            (&["a"][..], Ok(Some("1"))),
            (&["b", "c", "d.e"], Ok(Some(r#""x""#))),
            (&["b", "f"], Ok(Some("[2]"))),
            (&["g"], Ok(Some(r#""h""#))),
            (&["b", "x"], Ok(None)),
            (&["x", "b"], Ok(None)),
            (&["a", "b"], Err(NoObject)),
            (&["b", "f", "0"], Err(NoObject)),
            (&["d.e"], Ok(None)),
        ] {
            assert_eq!(value_at(TEXT, names.iter().copied()), expected, "{names:?}");
        }
    }

    #[test]
    fn names_of_an_object_are_told_in_order() {
        assert_eq!(names_of(r#"{"b":1,"\u0061":{}}"#), Some(vec!["b".into(), "a".into()]));
        assert_eq!(names_of("[1]"), None);
    }
}
