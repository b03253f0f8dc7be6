//! Room 1: from the head of a request to one bearer token.
//!
//! In: the raw values of its `Authorization` fields, in any number, or of other sources that were
//! chosen. Out: [`BearerToken`]. Refused: several credentials, and a `Bearer` credential that is not
//! one `b64token` ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1),
//! [RFC 9110 §11.4](https://www.rfc-editor.org/rfc/rfc9110#section-11.4)). A token in the query or
//! the body is never read.

mod request_head;
mod token_source;

pub use request_head::RequestHead;
pub(crate) use request_head::is_preflight;
pub use token_source::TokenSource;
pub(crate) use token_source::find_token;

use crate::token::BearerToken;

/// Why the request carries no bearer token that could be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// There is no `Authorization` field, or it names another scheme; or there is nothing in the
    /// other sources that were chosen.
    #[error("the request carries no bearer token")]
    Missing,
    /// The scheme is `Bearer`, but what follows is not one token; or another source holds something
    /// else than one token.
    #[error("the credentials are not one token, after `Bearer` in an Authorization field")]
    Malformed,
    /// There are several `Authorization` fields or several credentials in one, or several sources
    /// hold some.
    #[error("the request carries several credentials")]
    Several,
}

impl CredentialsError {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "credentials.missing",
            Self::Malformed => "credentials.malformed",
            Self::Several => "credentials.several",
        }
    }
}

const BEARER: &[u8] = b"bearer";

/// Finds the one bearer token among the values of the request's `Authorization` fields; `most` is how
/// many bytes a token may have.
pub(crate) fn bearer_token<'t>(
    values: impl IntoIterator<Item = &'t [u8]>,
    most: usize,
) -> Result<BearerToken<'t>, CredentialsError> {
    let mut values = values.into_iter();
    let value = values.next().ok_or(CredentialsError::Missing)?;
    if values.next().is_some() {
        return Err(CredentialsError::Several);
    }
    let value = value.trim_ascii();
    let (scheme, credential) = match value.iter().position(|byte| *byte == b' ') {
        Some(space) => value.split_at_checked(space).unwrap_or((value, b"")),
        None => (value, b"".as_slice()),
    };
    if !scheme.eq_ignore_ascii_case(BEARER) {
        return Err(if starts_with_bearer_and_odd_space(value) {
            CredentialsError::Malformed
        } else if holds_bearer_after_comma(value) {
            CredentialsError::Several
        } else {
            CredentialsError::Missing
        });
    }
    BearerToken::parse(without_leading_spaces(credential), most).ok_or(CredentialsError::Malformed)
}

/// Between scheme and token the grammar has spaces, and no other blanks.
fn without_leading_spaces(mut credential: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] = credential {
        credential = rest;
    }
    credential
}

/// Another scheme's credential, a comma, and one of ours: nobody who sends that is anonymous.
fn holds_bearer_after_comma(value: &[u8]) -> bool {
    value.split(|byte| *byte == b',').skip(1).any(|part| {
        let words = part.trim_ascii_start().split_at_checked(BEARER.len());
        words.is_some_and(|(scheme, rest)| {
            scheme.eq_ignore_ascii_case(BEARER) && rest.first().is_some_and(u8::is_ascii_whitespace)
        })
    })
}

/// `Bearer` and then white space other than a space: meant as our scheme, but malformed.
fn starts_with_bearer_and_odd_space(value: &[u8]) -> bool {
    match value.split_at_checked(BEARER.len()) {
        Some((scheme, [next, ..])) => {
            scheme.eq_ignore_ascii_case(BEARER) && (next.is_ascii_control() || !next.is_ascii())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'t>(values: &[&'t str]) -> Result<&'t str, CredentialsError> {
        bearer_token(values.iter().map(|value| value.as_bytes()), 16)
            .map(|token| std::str::from_utf8(token.as_bytes()).unwrap())
    }

    #[test]
    fn one_token_is_found_under_any_spelling_of_the_scheme() {
        for value in ["Bearer abc", "bearer abc", "BEARER abc", "Bearer   abc", " Bearer abc "] {
            assert_eq!(read(&[value]), Ok("abc"), "{value:?}");
        }
        assert_eq!(read(&["Bearer a-._~+/9=="]), Ok("a-._~+/9=="));
    }

    #[test]
    fn no_field_and_other_schemes_are_missing_credentials() {
        assert_eq!(read(&[]), Err(CredentialsError::Missing));
        for value in ["", " ", "Basic dTpw", "Bearerabc", "Bearer: abc", "BearerX abc", "DPoP abc"]
        {
            assert_eq!(read(&[value]), Err(CredentialsError::Missing), "{value:?}");
        }
    }

    #[test]
    fn a_bearer_credential_that_is_not_one_token_is_malformed() {
        for value in [
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Bearer a, Bearer b",
            "Bearer a,b",
            "Bearer \"abc\"",
            "Bearer token=\"abc\"",
            "Bearer =",
            "Bearer a=b",
            "Bearer\tabc",
            "Bearer \tabc",
            "Bearer abc\tx",
            "Bearer ä",
            "Bearer\u{a0}abc",
            "Bearer a\0",
        ] {
            assert_eq!(read(&[value]), Err(CredentialsError::Malformed), "{value:?}");
        }
        let not_utf8: &[u8] = b"Bearer \xff\xfe";
        assert_eq!(bearer_token([not_utf8], 16).map(|_| ()), Err(CredentialsError::Malformed));
    }

    #[test]
    fn a_bearer_credential_after_another_scheme_is_one_of_several() {
        for value in ["Basic dTpw, Bearer abc", "Basic dTpw,bearer abc", "DPoP a,  BEARER\tabc"] {
            assert_eq!(read(&[value]), Err(CredentialsError::Several), "{value:?}");
        }
        for value in
            ["Digest username=\"bearer\", realm=x", "Basic dTpw, Bearer", "Basic a, Bearerx b"]
        {
            assert_eq!(read(&[value]), Err(CredentialsError::Missing), "{value:?}");
        }
    }

    #[test]
    fn two_fields_are_refused_whatever_they_hold() {
        for second in ["Bearer a", "Bearer b", "Basic dTpw", ""] {
            assert_eq!(read(&["Bearer a", second]), Err(CredentialsError::Several));
        }
    }
}
