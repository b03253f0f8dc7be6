use std::fmt;

/// The path of a claim: its name at the top level, or the names of nested objects from the outside
/// in.
///
/// A text is one name, dots and slashes included, because the name of a claim may contain any
/// character; nesting is written as an array.
///
/// ```
/// use doorward::tokens::ClaimPath;
///
/// let top = ClaimPath::from("https://example.com/roles");
/// let nested = ClaimPath::from(["realm_access", "roles"]);
/// assert_eq!(nested.to_string(), "realm_access > roles");
/// # let _ = top;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClaimPath(Box<[Box<str>]>);

impl ClaimPath {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Returns the name of a claim at the top level; `None` for a nested one.
    pub(crate) fn top_level(&self) -> Option<&str> {
        match &*self.0 {
            [name] => Some(name),
            _ => None,
        }
    }

    /// Returns whether it has no name, or a blank one.
    pub(crate) fn is_blank(&self) -> bool {
        self.0.is_empty() || self.names().any(|name| name.trim().is_empty())
    }
}

impl From<&str> for ClaimPath {
    fn from(name: &str) -> Self {
        Self(Box::new([name.into()]))
    }
}

impl From<String> for ClaimPath {
    fn from(name: String) -> Self {
        Self(Box::new([name.into()]))
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for ClaimPath {
    fn from(names: [S; N]) -> Self {
        Self(names.into_iter().map(|name| name.into().into_boxed_str()).collect())
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.names().enumerate() {
            if index > 0 {
                f.write_str(" > ")?;
            }
            write!(f, "{}", name.escape_debug())?;
        }
        Ok(())
    }
}
