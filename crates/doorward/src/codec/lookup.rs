//! Finds one value in a JSON object that has been read strictly before, without a copy.

use std::fmt;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A name leads through a value that is no object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoObject;

/// Returns the text of the value that the names lead to through nested objects; `None` where there
/// is none.
pub(crate) fn value_at<'t, 'n>(
    text: &'t str,
    names: impl IntoIterator<Item = &'n str>,
) -> Result<Option<&'t str>, NoObject> {
    let mut found = text;
    for name in names {
        let mut json = serde_json::Deserializer::from_str(found);
        match json.deserialize_map(Member(name)).map_err(|_| NoObject)? {
            Some(value) => found = value,
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// Goes through the names of the members of an object; `None` when the text is none.
pub(crate) fn names_of(text: &str) -> Option<Vec<Box<str>>> {
    serde_json::Deserializer::from_str(text).deserialize_map(Names).ok()
}

struct Member<'n>(&'n str);

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(super::json::Name(name)) = map.next_key()? {
            if name == self.0 {
                found = Some(map.next_value::<&RawValue>()?.get());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Vec<Box<str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::new();
        while let Some((super::json::Name(name), IgnoredAny)) = map.next_entry()? {
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
