use std::fmt;

/// A piece of text that came with a token, kept for the operator: cut to 200 characters, and
/// escaped by `Display` and `Debug` so that it cannot forge a line of a log.
#[derive(Clone, PartialEq, Eq)]
pub struct UntrustedText(Box<str>);

impl UntrustedText {
    const CHARACTERS: usize = 200;

    pub(crate) fn new(text: &str) -> Self {
        Self(text.chars().take(Self::CHARACTERS).collect())
    }

    /// Keeps a text that should be a URL, without what may be a user name and a password: everything
    /// before the last `@`.
    pub(crate) fn url(text: &str) -> Self {
        match text.rsplit_once('@') {
            Some((_, rest)) => Self::new(&format!("…@{rest}")),
            None => Self::new(text),
        }
    }

    /// Returns the text as it came, cut but not escaped: to compare it, never to log or display it.
    #[must_use]
    pub fn as_unescaped_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn list<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut list = String::new();
        for text in texts.take(Self::CHARACTERS) {
            if !list.is_empty() {
                list.push_str(", ");
            }
            list.push_str(text);
        }
        Self::new(&list)
    }
}

impl fmt::Display for UntrustedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_debug())
    }
}

impl fmt::Debug for UntrustedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UntrustedText(\"{self}\")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_forge_a_line_of_a_log_is_escaped() {
        let text = UntrustedText::new("a\r\n\u{1b}[31m\u{202e}b\u{200b}\"");
        assert_eq!(text.to_string(), r#"a\r\n\u{1b}[31m\u{202e}b\u{200b}\""#);
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(UntrustedText::new(&"ä".repeat(5000)).to_string(), "ä".repeat(200));
        assert_eq!(UntrustedText::list(["a", "b"].into_iter()).to_string(), "a, b");
    }
}
