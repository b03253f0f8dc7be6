use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// One scope token ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)): printable
/// ASCII without space, quote and backslash.
///
/// The grammar also keeps a scope from breaking out of a `WWW-Authenticate` field. Every conversion
/// checks it, deserialization included.
///
/// ```
/// use doorward::Scope;
///
/// const READ: Scope = Scope::literal("orders.read"); // checked when it is compiled
/// let configured: Scope = "orders.read".parse()?;
/// assert_eq!(configured, READ);
/// # Ok::<(), doorward::errors::InvalidScope>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(Cow<'static, str>);

/// The text is not a scope token: it is empty, or contains a space, a quote, a backslash or a
/// character outside printable ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a scope token of RFC 6749 §3.3: empty, or a character other than printable ASCII without space, quote and backslash"
)]
pub struct InvalidScope;

impl Scope {
    /// Parses a scope that is known at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidScope`] when the text is not exactly one scope token.
    pub fn parse(scope: impl Into<Cow<'static, str>>) -> Result<Self, InvalidScope> {
        let scope = scope.into();
        if is_scope_token(&scope) { Ok(Self(scope)) } else { Err(InvalidScope) }
    }

    /// Creates a scope from a literal, as [`scope!`](crate::scope) does when it is compiled.
    ///
    /// # Panics
    ///
    /// When the text is not exactly one scope token; in a `const` this is a compile error.
    #[must_use]
    pub const fn literal(scope: &'static str) -> Self {
        assert!(
            is_scope_token(scope),
            "a scope is one word of printable ASCII without quote and backslash (RFC 6749 §3.3); combine several with `&`"
        );
        Self(Cow::Borrowed(scope))
    }

    /// Returns the scope as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(scope: &str) -> Result<Self, InvalidScope> {
        Self::parse(scope.to_owned())
    }
}

impl TryFrom<&str> for Scope {
    type Error = InvalidScope;

    fn try_from(scope: &str) -> Result<Self, InvalidScope> {
        scope.parse()
    }
}

impl TryFrom<String> for Scope {
    type Error = InvalidScope;

    fn try_from(scope: String) -> Result<Self, InvalidScope> {
        Self::parse(scope)
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.try_into().map_err(de::Error::custom)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns whether the text is one scope token; `const`, so that literals are checked when they
/// are compiled.
const fn is_scope_token(text: &str) -> bool {
    let mut rest = text.as_bytes();
    if rest.is_empty() {
        return false;
    }
    while let [byte, tail @ ..] = rest {
        if !matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E) {
            return false;
        }
        rest = tail;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_characters_of_rfc_6749_make_a_scope() {
        for good in ["read", "orders.read", "api://x/read", "https://a/b#c", "!~"] {
            assert_eq!(Scope::parse(good).map(|s| s.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "a b", "a\"b", "a\\b", "ä", "a\tb", "a\r\nb", " a", "\u{7f}"] {
            assert_eq!(Scope::parse(bad), Err(InvalidScope), "{bad:?}");
        }
    }

    #[test]
    fn every_conversion_checks_the_grammar() {
        let read = Scope::literal("read");
        assert_eq!("read".parse(), Ok(read.clone()));
        assert_eq!(Scope::try_from("read"), Ok(read.clone()));
        assert_eq!(Scope::try_from("read".to_owned()), Ok(read.clone()));
        assert_eq!(serde_json::to_string(&read).unwrap(), r#""read""#);
        assert_eq!(serde_json::from_str::<Scope>(r#""read""#).unwrap(), read);
        assert_eq!("a b".parse::<Scope>(), Err(InvalidScope));
        assert_eq!(Scope::try_from("a b"), Err(InvalidScope));
        assert_eq!(Scope::try_from("a b".to_owned()), Err(InvalidScope));
        let error = serde_json::from_str::<Scope>(r#""a b""#).unwrap_err();
        assert!(error.to_string().starts_with(&InvalidScope.to_string()), "{error}");
    }
}
