use std::fmt;

/// A `b64token` of RFC 6750 §2.1: letters, digits, `-._~+/`, then any number of `=`; or a credential
/// that is too long for a token, and not read.
#[derive(Clone, Copy)]
pub(crate) struct BearerToken<'t>(&'t [u8]);

impl<'t> BearerToken<'t> {
    /// Parses a credential of these characters. One that is longer than `most` is accepted with any
    /// characters: the next stage rejects it by its length, so it is not worth reading.
    pub(crate) fn parse(bytes: &'t [u8], most: usize) -> Option<Self> {
        if bytes.len() > most {
            return Some(Self(bytes));
        }
        let body = without_padding(bytes);
        // No early end: the loop over a long token is left to vector instructions.
        let fits = body.iter().fold(true, |fits, byte| fits & is_b64token(*byte));
        (fits && !body.is_empty()).then_some(Self(bytes))
    }

    /// Creates a token from a text with any characters.
    #[cfg(feature = "conformance")]
    pub(crate) const fn unchecked(text: &'t str) -> Self {
        Self(text.as_bytes())
    }

    pub(crate) fn to_owned(self) -> OwnedToken {
        OwnedToken(self.0.into())
    }

    pub(crate) const fn as_bytes(self) -> &'t [u8] {
        self.0
    }
}

/// A token that outlives its request, for the time of a fetch.
pub(crate) struct OwnedToken(Box<[u8]>);

impl OwnedToken {
    pub(crate) fn as_bearer(&self) -> BearerToken<'_> {
        BearerToken(&self.0)
    }
}

/// Shows the length only: the token is a secret.
impl fmt::Debug for BearerToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BearerToken({} bytes)", self.0.len())
    }
}

/// Letters, digits and `-._~+/`, without a branch.
const fn is_b64token(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let from_dash_to_nine = byte.wrapping_sub(b'-') < 13;
    letter | from_dash_to_nine | (byte == b'_') | (byte == b'~') | (byte == b'+')
}

fn without_padding(mut bytes: &[u8]) -> &[u8] {
    while let [head @ .., b'='] = bytes {
        bytes = head;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_not_read() {
        let parse = |text: &'static str| BearerToken::parse(text.as_bytes(), 3).is_some();
        assert!(parse("abc") && parse("ab=") && parse("a b!"));
        assert!(!parse("") && !parse("=") && !parse("a,b"));
    }

    #[test]
    fn the_characters_are_those_of_rfc_6750_and_no_others() {
        for byte in 0..=u8::MAX {
            let fits = byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
            assert_eq!(is_b64token(byte), fits, "{byte:#x}");
        }
    }
}
