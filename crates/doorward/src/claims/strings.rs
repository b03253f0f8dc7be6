use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};

/// A string, or an array of strings: `aud`, and what many issuers do with `scope` and `roles`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StringOrList {
    One(Box<str>),
    Many(Box<[Box<str>]>),
}

impl StringOrList {
    /// Joins two lists; a single string is one element.
    pub(super) fn and(self, other: Self) -> Self {
        let list = |strings| match strings {
            Self::One(string) => vec![string],
            Self::Many(strings) => strings.into_vec(),
        };
        let mut all = list(self);
        all.extend(list(other));
        Self::Many(all.into())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        let strings = match self {
            Self::One(string) => std::slice::from_ref(string),
            Self::Many(strings) => strings,
        };
        strings.iter().map(AsRef::as_ref)
    }
}

impl<'de> Deserialize<'de> for StringOrList {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Strings;
        impl<'de> Visitor<'de> for Strings {
            type Value = StringOrList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E>(self, string: &str) -> Result<StringOrList, E> {
                Ok(StringOrList::One(string.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<StringOrList, A::Error> {
                let mut strings = Vec::new();
                while let Some(string) = seq.next_element::<Box<str>>()? {
                    strings.push(string);
                }
                Ok(StringOrList::Many(strings.into()))
            }
        }
        json.deserialize_any(Strings)
    }
}
