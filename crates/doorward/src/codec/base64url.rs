use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The text is not base64url: a foreign character, padding, a line break, an impossible length or
/// trailing bits that are not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotBase64Url;

/// Decodes base64url without padding (RFC 7515 §2, RFC 4648 §3.5): each byte string has exactly
/// one spelling.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| NotBase64Url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_string_has_one_spelling() {
        assert_eq!(decode("AQAB"), Ok(vec![1, 0, 1]));
        assert_eq!(decode("_-8"), Ok(vec![0xff, 0xef]));
        assert_eq!(decode(""), Ok(vec![]));
        for bad in ["AQAB=", "_-9", "_-8=", "/+8", "AQ\nAB", " AQAB", "A", "AQAB\0", "ÄQAB"] {
            assert_eq!(decode(bad), Err(NotBase64Url), "{bad:?}");
        }
    }
}
