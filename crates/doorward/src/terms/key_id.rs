use std::fmt;

use super::untrusted_text::UntrustedText;
use crate::limits;

/// A key ID or certificate thumbprint: an opaque name, compared byte for byte with the names of
/// the loaded keys and used for nothing else
/// ([RFC 7515 §4.1.4](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.4)).
///
/// It comes from an unverified token, so `Display` and `Debug` escape it for logs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KeyId(Box<str>);

impl KeyId {
    /// Returns the key ID, or `None` when it is longer than 256 bytes.
    pub(crate) fn new(name: impl Into<Box<str>>) -> Option<Self> {
        let name = name.into();
        (name.len() <= limits::KEY_ID_LEN).then_some(Self(name))
    }

    /// Returns the thumbprint without the padding that some issuers add.
    pub(crate) fn thumbprint(name: &str) -> Option<Self> {
        Self::new(name.trim_end_matches('='))
    }

    /// Returns the text as it was sent, unescaped.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&UntrustedText::new(&self.0), f)
    }
}

/// Shows the escaped text in quotes, as logs show lists of key IDs.
impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}
