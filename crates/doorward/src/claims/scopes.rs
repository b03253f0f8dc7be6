use std::{fmt, sync::Arc};

use super::strings::StringOrList;
use crate::terms::app_id_uri::AppIdUri;

/// The scopes that a token grants: the words of a string, or the elements of an array, never
/// split ([RFC 8693 §4.2](https://www.rfc-editor.org/rfc/rfc8693#section-4.2)).
///
/// Scopes are compared byte for byte; a prefix, a wildcard or another scope implies nothing. If the
/// [`app_id_uri`](crate::Issuer::app_id_uri) of this API is set for the issuer, a scope may be written
/// with this URI before it, as clients request it, or without, as Microsoft tokens carry it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    claim: Option<StringOrList>,
    own: Arc<[AppIdUri]>,
}

impl Scopes {
    pub(crate) const fn new(claim: Option<StringOrList>, own: Arc<[AppIdUri]>) -> Self {
        Self { claim, own }
    }

    /// Returns whether the scope is granted.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        let scope = self.without_own_uri(scope);
        self.iter().any(|granted| self.without_own_uri(granted) == scope)
    }

    fn without_own_uri<'s>(&self, scope: &'s str) -> &'s str {
        self.own.iter().map(|own| own.strip(scope)).find(|name| *name != scope).unwrap_or(scope)
    }

    /// Returns an iterator over the scopes, in the token's order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let (words, elements): (&str, &[Box<str>]) = match &self.claim {
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
        Scopes::new(Some(serde_json::from_str(json).unwrap()), Arc::default())
    }

    #[test]
    fn the_own_uri_may_stand_before_a_scope_and_no_other() {
        let uris = ["https://contoso.example/api", "api://contoso"];
        let own = uris.map(AppIdUri::new).into_iter().collect();
        let claim = serde_json::from_str(r#"["read","https://contoso.example/api/write"]"#);
        let granted = Scopes::new(claim.ok(), own);
        for scope in ["read", "write"] {
            assert!(granted.contains(scope), "{scope}");
            assert!(granted.contains(&format!("https://contoso.example/api/{scope}")), "{scope}");
            assert!(granted.contains(&format!("api://contoso/{scope}")), "{scope}");
            for other in ["https://contoso.example/", "https://contoso.example/api2/", "api/", "/"]
            {
                assert!(!granted.contains(&format!("{other}{scope}")), "{other}{scope}");
            }
        }
        assert!(!granted.contains("https://contoso.example/api/"));
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
