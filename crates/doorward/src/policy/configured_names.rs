use std::fmt;

use crate::terms::untrusted_text::UntrustedText;

/// The configured names that a name in a token was compared with, for the operator: the one that
/// differs least, or the first three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredNames(Box<Names>);

/// Apart in memory, so that errors stay small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Names {
    shown: Vec<UntrustedText>,
    more: bool,
    difference: Option<&'static str>,
}

impl ConfiguredNames {
    /// How many names are shown.
    const SHOWN: usize = 3;
    /// How many names are looked at: a server may trust thousands of issuers, and anybody may send
    /// tokens.
    pub(crate) const COMPARED: usize = 16;

    pub(crate) fn nearest<'n>(seen: &str, configured: impl Iterator<Item = &'n str>) -> Self {
        let mut names = Names::default();
        for name in configured.take(Self::COMPARED) {
            if let Some(difference) = difference(seen, name) {
                let shown = vec![UntrustedText::url(name)];
                let names = Names { shown, more: false, difference: Some(difference) };
                return Self(Box::new(names));
            }
            if names.shown.len() < Self::SHOWN {
                names.shown.push(UntrustedText::url(name));
            } else {
                names.more = true;
            }
        }
        Self(Box::new(names))
    }

    /// Returns the names after these words, or nothing where there are none.
    pub(super) fn after(&self, words: &str) -> String {
        if self.0.shown.is_empty() { String::new() } else { format!("{words}{self}") }
    }
}

/// Returns by what alone two names differ, where it is easily overlooked.
fn difference(seen: &str, name: &str) -> Option<&'static str> {
    let without_slash = |text: &str| text.trim_end_matches('/').to_owned();
    let without_scheme = |text: &str| match text.split_once("://") {
        Some((_, rest)) => rest.to_owned(),
        None => text.to_owned(),
    };
    if without_slash(seen) == without_slash(name) {
        Some("the slash at the end")
    } else if seen.eq_ignore_ascii_case(name) {
        Some("case")
    } else if without_scheme(seen) == without_scheme(name) {
        Some("the scheme")
    } else {
        None
    }
}

impl fmt::Display for ConfiguredNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.shown.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}\"{name}\"")?;
        }
        if self.0.more {
            f.write_str(" and more")?;
        }
        match self.0.difference {
            Some(difference) => write!(f, ", which differs only by {difference}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_differs_least_is_shown_with_the_difference_or_the_first_three() {
        for (seen, configured, expected) in [
            (
                "https://a",
                &["https://b", "https://a/"][..],
                "\"https://a/\", which differs only by the slash at the end",
            ),
            ("api://A", &["api://a"], "\"api://a\", which differs only by case"),
            ("http://a", &["https://a"], "\"https://a\", which differs only by the scheme"),
            ("x", &["a", "b", "c"], "\"a\", \"b\", \"c\""),
            ("x", &["a", "b", "c", "d"], "\"a\", \"b\", \"c\" and more"),
        ] {
            let names = ConfiguredNames::nearest(seen, configured.iter().copied());
            assert_eq!(names.to_string(), expected);
        }
        assert_eq!(ConfiguredNames::nearest("x", std::iter::empty()).after("; "), "");
    }
}
