use std::fmt;

use serde::{
    Deserialize, Deserializer as _,
    de::{IgnoredAny, SeqAccess, Visitor},
};

/// The value of a claim, for the function of [`claim`](super::claim).
#[derive(Clone, Copy)]
pub struct ClaimValue<'t>(&'t str);

impl<'t> ClaimValue<'t> {
    pub(crate) const fn new(json: &'t str) -> Self {
        Self(json)
    }

    /// Returns whether the value is this string.
    #[must_use]
    pub fn is(self, text: &str) -> bool {
        // Before a reader is asked, whose error would be allocated.
        self.0.starts_with('"')
            && serde_json::Deserializer::from_str(self.0)
                .deserialize_str(Equals(text))
                .unwrap_or(false)
    }

    /// Returns whether the value is an array that contains this string.
    #[must_use]
    pub fn holds(self, text: &str) -> bool {
        self.0.starts_with('[')
            && serde_json::Deserializer::from_str(self.0)
                .deserialize_seq(Holds(text))
                .unwrap_or(false)
    }

    /// Returns the value as a number, or `None`.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        self.to()
    }

    /// Returns the value as a Boolean, or `None`.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        self.to()
    }

    /// Deserializes the value into a type of your own; `None` where it does not fit.
    #[must_use]
    pub fn to<T: Deserialize<'t>>(self) -> Option<T> {
        serde_json::from_str(self.0).ok()
    }

    /// Returns the JSON that the issuer signed.
    #[must_use]
    pub const fn json(self) -> &'t str {
        self.0
    }
}

/// Shows nothing of the value, which may be personal.
impl fmt::Debug for ClaimValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimValue")
    }
}

/// Compares a string without a copy of it.
struct Equals<'w>(&'w str);

impl Visitor<'_> for Equals<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<bool, E> {
        Ok(text == self.0)
    }
}

/// Finds a string among the elements of an array; elements of other types are skipped.
struct Holds<'w>(&'w str);

impl<'de> Visitor<'de> for Holds<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<bool, A::Error> {
        while let Some(element) = elements.next_element::<&serde_json::value::RawValue>()? {
            if ClaimValue(element.get()).is(self.0) {
                while elements.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_compared_whole_and_unescaped() {
        assert!(ClaimValue(r#""a""#).is("a") && ClaimValue(r#""\u0061""#).is("a"));
        for other in [r#""ab""#, r#""A""#, "1", "null", r#"["a"]"#, r#""""#] {
            assert!(!ClaimValue(other).is("a"), "{other}");
        }
    }

    #[test]
    fn an_array_holds_its_elements_alone() {
        assert!(ClaimValue(r#"[1,null,{"a":1},["a"],"a"]"#).holds("a"));
        for other in [r#""a""#, r#"["ab"]"#, "[]", "{}", r#"{"a":"a"}"#, r#"[["a"]]"#] {
            assert!(!ClaimValue(other).holds("a"), "{other}");
        }
    }
}
