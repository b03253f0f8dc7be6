use std::fmt;

/// A `b64token` of RFC 6750 §2.1: letters, digits, `-._~+/`, then any number of `=`.
#[derive(Clone, Copy)]
pub(crate) struct BearerToken<'t>(&'t str);

impl<'t> BearerToken<'t> {
    pub(crate) fn parse(bytes: &'t [u8]) -> Option<Self> {
        let body = without_padding(bytes);
        let fits = |byte: &u8| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
        if body.is_empty() || !body.iter().all(fits) {
            return None;
        }
        std::str::from_utf8(bytes).ok().map(Self)
    }

    pub(crate) fn to_owned(self) -> OwnedToken {
        OwnedToken(self.0.to_owned())
    }

    pub(crate) const fn as_str(self) -> &'t str {
        self.0
    }
}

/// A token that outlives the request it came with, for the time of a fetch.
pub(crate) struct OwnedToken(String);

impl OwnedToken {
    pub(crate) fn as_bearer(&self) -> BearerToken<'_> {
        BearerToken(&self.0)
    }
}

/// Shows the length alone: the token is a secret.
impl fmt::Debug for BearerToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BearerToken({} bytes)", self.0.len())
    }
}

fn without_padding(mut bytes: &[u8]) -> &[u8] {
    while let [head @ .., b'='] = bytes {
        bytes = head;
    }
    bytes
}
