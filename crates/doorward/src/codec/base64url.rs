use base64_simd::URL_SAFE_NO_PAD;

/// The text is not base64url: a foreign character, padding, a line break, an impossible length or
/// trailing bits that are not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotBase64Url;

/// Decodes base64url without padding (RFC 7515 §2, RFC 4648 §3.5): each byte string has exactly
/// one spelling.
///
/// By vector instructions where the machine has them: a token is decoded once for every request.
pub(crate) fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD.decode_to_vec(text).map_err(|_| NotBase64Url)
}

/// Encodes in base64url without padding.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
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

    /// Vector instructions take the text in blocks of 32; a plain decoder knows nothing of them.
    #[test]
    fn every_character_at_every_position_is_decoded_as_by_a_plain_decoder() {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as PLAIN};
        for len in 0..=100 {
            let octets: Vec<u8> = (0_u8..len).map(|n| n.wrapping_mul(151)).collect();
            let text = PLAIN.encode(&octets);
            assert_eq!(decode(&text), Ok(octets), "{text}");
            for place in 0..text.len() {
                for other in ('\0'..='\x7f').chain(['\u{80}', '\u{7ff}']) {
                    let mut changed = text.clone();
                    changed.replace_range(place..=place, other.encode_utf8(&mut [0; 2]));
                    let plain = PLAIN.decode(&changed).map_err(|_| NotBase64Url);
                    assert_eq!(decode(&changed), plain, "{changed:?}");
                }
            }
        }
    }
}
