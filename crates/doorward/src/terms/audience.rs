/// The names under which an API accepts tokens: a token must name at least one of them in `aud`
/// ([RFC 7519 §4.1.3](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3)).
///
/// Names are compared byte for byte: no trimming, no case folding, no URL normalization.
///
/// ```
/// use doorward::Audience;
///
/// let one = Audience::from("api://orders");
/// let several = Audience::from(["api://orders", "https://orders.example.com"]);
/// assert!(several.accepts("api://orders") && !one.accepts("api://orders/"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience(Vec<Box<str>>);

impl Audience {
    /// Returns whether the name is one of these names.
    #[must_use]
    pub fn accepts(&self, name: &str) -> bool {
        self.0.iter().any(|accepted| **accepted == *name)
    }

    /// Returns the first name.
    #[cfg(feature = "testing")]
    pub(crate) fn first(&self) -> &str {
        self.0.first().map(AsRef::as_ref).unwrap_or_default()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    pub(crate) fn add(&mut self, name: String) {
        if !self.accepts(&name) {
            self.0.push(name.into());
        }
    }

    /// Returns whether it has no name, or a blank one.
    pub(crate) fn is_blank(&self) -> bool {
        self.0.is_empty() || self.0.iter().any(|name| name.trim().is_empty())
    }
}

impl From<&str> for Audience {
    fn from(name: &str) -> Self {
        Self(vec![name.into()])
    }
}

impl From<String> for Audience {
    fn from(name: String) -> Self {
        Self(vec![name.into()])
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Audience {
    fn from(names: [S; N]) -> Self {
        names.into_iter().collect()
    }
}

impl<S: Into<String>> From<Vec<S>> for Audience {
    fn from(names: Vec<S>) -> Self {
        names.into_iter().collect()
    }
}

impl<S: Into<String>> FromIterator<S> for Audience {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut audience = Self(Vec::new());
        for name in names {
            audience.add(name.into());
        }
        audience
    }
}
