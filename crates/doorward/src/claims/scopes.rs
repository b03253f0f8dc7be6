use std::fmt;

use super::strings::StringOrList;

/// The scopes that a token grants: the words of a string, or the elements of an array, never
/// split ([RFC 8693 §4.2](https://www.rfc-editor.org/rfc/rfc8693#section-4.2)).
///
/// Scopes are compared byte for byte; nothing is implied by a prefix, a wildcard or another scope.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Scopes(Option<StringOrList>);

impl Scopes {
    pub(crate) const fn new(claim: Option<StringOrList>) -> Self {
        Self(claim)
    }

    /// Returns whether the scope is granted.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|granted| granted == scope)
    }

    /// Goes through the scopes in the token's order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let (words, elements): (&str, &[Box<str>]) = match &self.0 {
            Some(StringOrList::One(string)) => (string, &[]),
            Some(StringOrList::Many(strings)) => ("", strings),
            None => ("", &[]),
        };
        words.split(' ').filter(|word| !word.is_empty()).chain(elements.iter().map(AsRef::as_ref))
    }

    /// Returns whether no scope is granted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(json: &str) -> Scopes {
        Scopes::new(Some(serde_json::from_str(json).unwrap()))
    }

    #[test]
    fn a_string_is_split_at_spaces_alone() {
        let granted = scopes("\"read  write\\tx a,b \"");
        assert_eq!(granted.iter().collect::<Vec<_>>(), ["read", "write\tx", "a,b"]);
        assert!(granted.contains("read") && !granted.contains("rea") && !granted.contains("a"));
    }

    #[test]
    fn an_element_of_an_array_is_never_split() {
        let granted = scopes(r#"["read","orders write"]"#);
        assert!(granted.contains("read") && granted.contains("orders write"));
        assert!(!granted.contains("orders") && !granted.contains("write"));
    }

    #[test]
    fn nothing_granted_is_empty() {
        assert!(
            Scopes::default().is_empty() && scopes("\" \"").is_empty() && scopes("[]").is_empty()
        );
    }
}
