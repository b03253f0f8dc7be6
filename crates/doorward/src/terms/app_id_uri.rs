/// The App ID URI of this API, which Microsoft clients put before the names of its scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AppIdUri(Box<str>);

impl AppIdUri {
    pub(crate) fn new(uri: &str) -> Self {
        Self(uri.trim_end_matches('/').into())
    }

    /// Returns the URI as an audience, with and without a slash at its end: Azure AD issues both.
    pub(crate) fn as_audience(&self) -> [String; 2] {
        [format!("{}/", self.0), self.0.to_string()]
    }

    /// Returns whether it is blank.
    pub(crate) fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// Returns the name of a scope without this URI before it. A URI that was registered with a
    /// slash at its end stands before the scope with two.
    pub(crate) fn strip<'s>(&self, scope: &'s str) -> &'s str {
        scope
            .strip_prefix(&*self.0)
            .and_then(|rest| rest.strip_prefix("//").or_else(|| rest.strip_prefix('/')))
            .filter(|name| !name.is_empty())
            .unwrap_or(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uri_is_taken_off_a_scope_and_nothing_else_is() {
        for uri in ["api://orders", "api://orders/"] {
            let own = AppIdUri::new(uri);
            assert_eq!(own.as_audience(), ["api://orders/", "api://orders"]);
            for (scope, name) in [
                ("api://orders/read", "read"),
                ("api://orders//read", "read"),
                ("read", "read"),
                ("api://orders", "api://orders"),
                ("api://orders/", "api://orders/"),
                ("api://orders2/read", "api://orders2/read"),
                ("xapi://orders/read", "xapi://orders/read"),
                ("API://orders/read", "API://orders/read"),
            ] {
                assert_eq!(own.strip(scope), name, "{scope}");
            }
        }
    }
}
