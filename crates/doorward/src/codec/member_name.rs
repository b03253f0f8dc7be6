//! The names of an object's members, and the two names that `serde_json` gives a meaning of its own.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, de::Visitor};

/// What `serde_json` puts before the names that it interprets. With its feature `raw_value`, its
/// `Value` reads `{"$serde_json::private::RawValue":"1"}` as the number 1, and with
/// `arbitrary_precision` it does so with `…::Number`. An issuer that signs JSON of its users would
/// let them choose what such a claim is compared as.
const RESERVED: &str = "$serde_json::private::";

/// With the feature `arbitrary_precision`, `serde_json` hands over a number as an object with one
/// member of this name.
const NUMBER: &str = "$serde_json::private::Number";

/// What `serde_json` hands over where the name of a member is expected.
pub(super) enum MemberName<'de> {
    /// A name of the text, escapes resolved.
    Name(Cow<'de, str>),
    /// No name of the text: the value is a number, whose digits follow as a string.
    NumberFollows,
}

/// Returns whether `serde_json` may interpret a member of this name.
pub(super) fn is_reserved(name: &str) -> bool {
    name.starts_with(RESERVED)
}

impl<'de> Deserialize<'de> for MemberName<'de> {
    /// Distinguishes a name in the text from the mark of a number: asked for an optional value, `serde_json`
    /// hands over the first as `Some`, and the second as a string.
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = MemberName<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_some<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
                Text::deserialize(json).map(|Text(name)| MemberName::Name(name))
            }

            fn visit_str<E>(self, mark: &str) -> Result<Self::Value, E> {
                Ok(match mark {
                    NUMBER => MemberName::NumberFollows,
                    name => MemberName::Name(Cow::Owned(name.to_owned())),
                })
            }
        }
        json.deserialize_option(NameVisitor)
    }
}

/// A string, borrowed unless it holds escapes.
pub(crate) struct Text<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        json.deserialize_str(TextVisitor)
    }
}
