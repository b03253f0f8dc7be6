use std::{fmt, string::FromUtf8Error};

use super::{Header, TokenError};
use crate::{
    codec::base64url,
    credentials::BearerToken,
    limits::{self, TokenLimits},
};

/// A token in the JWS compact serialization (RFC 7515 §7.1), nothing of it verified: the header
/// can be read, the payload is sealed until stage 4 has verified the signature.
pub(crate) struct Jws<'t> {
    pub(crate) header: Header,
    /// The whole token, as it was sent.
    pub(crate) raw: &'t [u8],
    pub(crate) signing_input: &'t [u8],
    pub(crate) signature: Vec<u8>,
    payload: UnverifiedPayload,
}

/// The decoded payload: text, or any octets. Only stage 4 opens it.
pub(crate) struct UnverifiedPayload {
    octets: Result<String, FromUtf8Error>,
    json_depth: u8,
}

impl<'t> Jws<'t> {
    /// Splits and decodes the token; its length is checked before anything else.
    pub(crate) fn parse(token: BearerToken<'t>, limits: TokenLimits) -> Result<Self, TokenError> {
        let token = token.as_bytes();
        if token.len() > limits.token_len {
            return Err(TokenError::TooLong);
        }
        let Parts { header, payload, signing_input, signature } = split(token)?;
        let header = Header::parse(&decode_text(header, "header")?, limits.json_depth)?;
        let signature = decode_signature(signature)?;
        let payload = decode_bytes(payload, "payload")?;
        Ok(Self {
            header,
            raw: token,
            signing_input,
            signature,
            payload: UnverifiedPayload {
                octets: String::from_utf8(payload),
                json_depth: limits.json_depth,
            },
        })
    }

    /// Returns the payload, for the stage that has verified the signature over it.
    pub(crate) fn sealed(self) -> UnverifiedPayload {
        self.payload
    }

    pub(crate) const fn unverified_payload(&self) -> &UnverifiedPayload {
        &self.payload
    }
}

impl UnverifiedPayload {
    /// Holds claims that a test has written.
    #[cfg(feature = "testing")]
    pub(crate) const fn for_test(claims: String, json_depth: u8) -> Self {
        Self { octets: Ok(claims), json_depth }
    }

    /// Opens the payload: called by stage 4 after the signature has been verified.
    pub(crate) fn open(self) -> Result<String, FromUtf8Error> {
        self.octets
    }

    /// Returns the payload for the two questions that are decided before the signature: whose key
    /// set, and whether the token would otherwise pass. `None` when it is not UTF-8.
    pub(crate) fn unverified_text(&self) -> Option<&str> {
        self.octets.as_deref().ok()
    }

    /// Returns how deep the payload's JSON may nest.
    pub(crate) const fn json_depth(&self) -> u8 {
        self.json_depth
    }
}

/// Shows nothing of the token.
impl fmt::Debug for Jws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws").finish_non_exhaustive()
    }
}

/// A token's parts, as they are spelled.
struct Parts<'t> {
    header: &'t [u8],
    payload: &'t [u8],
    signing_input: &'t [u8],
    signature: &'t [u8],
}

fn split(token: &[u8]) -> Result<Parts<'_>, TokenError> {
    let mut dots = memchr::memchr_iter(b'.', token);
    let parts = match (dots.next(), dots.next(), dots.count()) {
        (Some(first), Some(second), 0) => parts_at(token, first, second),
        (Some(_), Some(_), 2) => return Err(TokenError::Encrypted),
        _ => None,
    };
    parts.ok_or(TokenError::NotCompact)
}

fn parts_at(token: &[u8], first: usize, second: usize) -> Option<Parts<'_>> {
    let signing_input = token.get(..second)?;
    Some(Parts {
        header: token.get(..first)?,
        payload: signing_input.get(first.checked_add(1)?..)?,
        signing_input,
        signature: token.get(second.checked_add(1)?..)?,
    })
}

fn decode_bytes(part: &[u8], name: &'static str) -> Result<Vec<u8>, TokenError> {
    base64url::decode(part).map_err(|_| TokenError::Encoding { part: name })
}

fn decode_text(part: &[u8], name: &'static str) -> Result<String, TokenError> {
    String::from_utf8(decode_bytes(part, name)?).map_err(|_| TokenError::HeaderJson)
}

/// Decodes the signature, which must be there and no longer than the longest of any algorithm.
fn decode_signature(part: &[u8]) -> Result<Vec<u8>, TokenError> {
    let signature = decode_bytes(part, "signature")?;
    if signature.is_empty() || signature.len() > limits::SIGNATURE_LEN {
        return Err(TokenError::Encoding { part: "signature" });
    }
    Ok(signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    // {"alg":"ES256"} . {"iss":"me"} . 01
    const HEADER: &str = "eyJhbGciOiJFUzI1NiJ9";
    const PAYLOAD: &str = "eyJpc3MiOiJtZSJ9";

    fn parse(token: &str) -> Result<Jws<'_>, TokenError> {
        let token = BearerToken::parse(token.as_bytes(), usize::MAX).expect("a b64token");
        Jws::parse(token, TokenLimits::default())
    }

    #[test]
    fn three_canonical_parts_are_read() {
        let token = format!("{HEADER}.{PAYLOAD}.AQ");
        let jws = parse(&token).unwrap();
        assert_eq!(jws.signing_input, format!("{HEADER}.{PAYLOAD}").as_bytes());
        assert_eq!(jws.signature, [1]);
        assert_eq!(jws.sealed().open().unwrap(), "{\"iss\":\"me\"}");
    }

    #[test]
    fn any_other_number_of_parts_is_refused() {
        for token in ["abc", "a.b", "a.b.c.d", "a.b.c.d.e.f", &".".repeat(9000)] {
            assert_eq!(parse(token).unwrap_err(), TokenError::NotCompact, "{token:.20}");
        }
        assert_eq!(parse("a.b.c.d.e").unwrap_err(), TokenError::Encrypted);
    }

    #[test]
    fn a_part_in_a_second_spelling_is_refused() {
        let encoding = |part| TokenError::Encoding { part };
        for (token, part) in [
            (format!("{HEADER}.{PAYLOAD}.AR"), "signature"),
            (format!("{HEADER}.{PAYLOAD}.AQ=="), "signature"),
            (format!("{HEADER}.{PAYLOAD}.A+"), "signature"),
            (format!("{HEADER}.{PAYLOAD}."), "signature"),
            (format!("{HEADER}.{PAYLOAD}x.AQ"), "payload"),
            (format!("{HEADER}~.{PAYLOAD}.AQ"), "header"),
        ] {
            assert_eq!(parse(&token).unwrap_err(), encoding(part), "{token}");
        }
        let long = format!("{HEADER}.{PAYLOAD}.{}", "AAAA".repeat(342));
        assert_eq!(parse(&long).unwrap_err(), encoding("signature"));
    }

    #[test]
    fn length_is_looked_at_first() {
        let token = "a".repeat(limits::TOKEN_LEN + 1);
        assert_eq!(parse(&token).unwrap_err(), TokenError::TooLong);
        assert_eq!(parse(&"a".repeat(limits::TOKEN_LEN)).unwrap_err(), TokenError::NotCompact);
    }

    #[test]
    fn debug_shows_nothing_of_the_token() {
        let token = format!("{HEADER}.{PAYLOAD}.AQ");
        let bearer = BearerToken::parse(token.as_bytes(), usize::MAX).unwrap();
        assert_eq!(
            format!("{bearer:?} {:?}", parse(&token).unwrap()),
            "BearerToken(40 bytes) Jws { .. }"
        );
    }
}
