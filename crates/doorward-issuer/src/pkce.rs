use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{form::Form, protocol::ProtocolError};

/// A code challenge (RFC 7636 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    value: String,
    method: Method,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Plain,
    S256,
}

impl Challenge {
    /// Parses the challenge of an authorization request. The default method is `plain`.
    pub(crate) fn parse(form: &Form) -> Result<Option<Self>, ProtocolError> {
        let method = match form.get("code_challenge_method") {
            None | Some("plain") => Method::Plain,
            Some("S256") => Method::S256,
            Some(_) => return Err(ProtocolError::bad_challenge_method()),
        };
        let Some(value) = form.get("code_challenge") else {
            let alone = form.get("code_challenge_method").is_some();
            return if alone { Err(ProtocolError::bad_challenge()) } else { Ok(None) };
        };
        let is_valid = match method {
            Method::Plain => is_verifier(value),
            // The length of a SHA-256 in base64url.
            Method::S256 => URL_SAFE_NO_PAD.decode(value).is_ok_and(|hash| hash.len() == 32),
        };
        let challenge = Self { value: value.to_owned(), method };
        if is_valid { Ok(Some(challenge)) } else { Err(ProtocolError::bad_challenge()) }
    }

    /// Verifies the `code_verifier` of a token request (RFC 7636 §4.6).
    pub(crate) fn verify(&self, verifier: &str) -> Result<(), ProtocolError> {
        if !is_verifier(verifier) {
            return Err(ProtocolError::bad_verifier());
        }
        let matches = match self.method {
            Method::Plain => verifier == self.value,
            Method::S256 => {
                let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
                URL_SAFE_NO_PAD.encode(hash) == self.value
            }
        };
        if matches { Ok(()) } else { Err(ProtocolError::wrong_verifier()) }
    }
}

/// Returns whether a text is a `code-verifier` (RFC 7636 §4.1).
fn is_verifier(text: &str) -> bool {
    let unreserved =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Option<Challenge>, ProtocolError> {
        Challenge::parse(&Form::parse(query.as_bytes()).unwrap())
    }

    #[test]
    fn pair_of_rfc_7636_appendix_b_matches() {
        let query =
            "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
        let challenge = read(query).unwrap().unwrap();
        assert_eq!(challenge.verify("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), Ok(()));
        let other = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXj";
        assert_eq!(challenge.verify(other), Err(ProtocolError::wrong_verifier()));
    }

    #[test]
    fn challenge_without_a_method_is_the_verifier() {
        let verifier = "ThisIsntRandomButItNeedsToBe43CharactersLong";
        for method in ["", "&code_challenge_method=plain"] {
            let challenge = read(&format!("code_challenge={verifier}{method}")).unwrap().unwrap();
            assert_eq!(challenge.verify(verifier), Ok(()));
        }
    }

    #[test]
    fn challenge_printed_in_the_document_of_v2_is_not_the_hash_of_anything() {
        let printed =
            "YTFjNjI1OWYzMzA3MTI4ZDY2Njg5M2RkNmVjNDE5YmEyZGRhOGYyM2IzNjdmZWFhMTQ1ODg3NDcxY2Nl";
        let query = format!("code_challenge={printed}&code_challenge_method=S256");
        assert_eq!(read(&query), Err(ProtocolError::bad_challenge()));
    }

    #[test]
    fn challenge_and_method_of_other_forms_are_refused() {
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("code_challenge=short"), Err(ProtocolError::bad_challenge()));
        assert_eq!(read("code_challenge_method=S256"), Err(ProtocolError::bad_challenge()));
        assert_eq!(
            read("code_challenge=x&code_challenge_method=s256"),
            Err(ProtocolError::bad_challenge_method())
        );
        let long = "a".repeat(129);
        assert_eq!(read(&format!("code_challenge={long}")), Err(ProtocolError::bad_challenge()));
    }
}
