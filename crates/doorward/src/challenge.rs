use std::fmt::Write as _;

/// One challenge of a `WWW-Authenticate` field
/// ([RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3),
/// [RFC 9110 §11.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1)): the scheme, then
/// parameters separated by commas, each value a quoted string.
#[derive(Debug)]
pub(crate) struct Challenge(String);

impl Challenge {
    /// Creates a challenge of the scheme `Bearer` with a realm, which [`is_quotable`].
    pub(crate) fn bearer(realm: &str) -> Self {
        Self(format!("Bearer realm=\"{realm}\""))
    }

    /// Adds a parameter, unless its value is not [quotable](is_quotable): so no text can break out of
    /// the field, wherever it comes from.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if is_quotable(value) {
            // Writing to a string cannot fail.
            let _ = write!(self.0, ", {name}=\"{value}\"");
        }
        self
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

/// Returns whether the text can be a quoted value without escapes: the characters that RFC 6750 §3
/// allows in `error_description`.
pub(crate) fn is_quotable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_separated_by_commas() {
        let challenge =
            Challenge::bearer("api").with("error", "invalid_token").with("scope", "a b");
        assert_eq!(
            challenge.into_string(),
            r#"Bearer realm="api", error="invalid_token", scope="a b""#
        );
    }

    #[test]
    fn nothing_breaks_out_of_the_field() {
        for text in ["a\"b", "a\\b", "a\r\nSet-Cookie: x", "ä", "\0"] {
            assert!(!is_quotable(text), "{text:?}");
            let challenge = Challenge::bearer("api").with("scope", text);
            assert_eq!(challenge.into_string(), "Bearer realm=\"api\"");
        }
    }
}
