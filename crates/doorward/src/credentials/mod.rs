//! Stage 1, credentials: finds the bearer token in the head of a request.
//!
//! In: the values of the `Authorization` fields, or of the other sources that are configured. Out:
//! [`BearerToken`]. Rejected: several credentials, a token without a scheme, and a `Bearer` credential
//! that is not one `b64token` ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1),
//! [RFC 9110 §11.4](https://www.rfc-editor.org/rfc/rfc9110#section-11.4)). A token in the query or the
//! body is never read.

mod bearer_token;
mod request_head;
mod token_source;

pub(crate) use bearer_token::BearerToken;
pub use request_head::RequestHead;
pub(crate) use request_head::is_preflight;
pub use token_source::TokenSource;
pub(crate) use token_source::find_token;

use crate::terms::codes::codes;

/// Why a request carries no bearer token that can be verified.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// There is no `Authorization` field, it names another scheme, or the other configured sources
    /// hold nothing.
    #[error("the request carries no bearer token")]
    Missing,
    /// The `Authorization` field holds a JWT without the scheme `Bearer`: alone, or after `JWT`,
    /// `Token` or `Bearer:`. The request is not anonymous.
    #[error(
        "the Authorization field holds a JWT without the scheme `Bearer`: the client must send `Authorization: Bearer <token>`"
    )]
    NoScheme,
    /// The scheme is `Bearer`, but what follows is not one token; or another source holds something
    /// other than one token.
    #[error("the credentials are not one token, after `Bearer` in an Authorization field")]
    Malformed,
    /// There are several `Authorization` fields, several credentials in one, or credentials in
    /// several sources.
    #[error("the request carries several credentials")]
    Several,
}

codes!(CredentialsError {
    Missing => "credentials.missing",
    NoScheme => "credentials.no_scheme",
    Malformed => "credentials.malformed",
    Several => "credentials.several",
});

const BEARER: &[u8] = b"bearer";

/// What clients send instead of the scheme by mistake; `DPoP` is not supported, and not anonymous.
const NO_SCHEMES: [&[u8]; 4] = [b"jwt", b"token", b"bearer:", b"dpop"];

/// Returns the one bearer token among the values of the request's `Authorization` fields; `most` is
/// how many bytes a token may have.
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
        } else if is_jwt_without_scheme(scheme, credential) {
            CredentialsError::NoScheme
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

/// Returns whether the value is a JWT alone, or after a word that is sent for the scheme by mistake.
/// Whoever sends a token is not anonymous.
fn is_jwt_without_scheme(scheme: &[u8], credential: &[u8]) -> bool {
    if credential.is_empty() {
        return looks_like_jwt(scheme);
    }
    NO_SCHEMES.iter().any(|word| scheme.eq_ignore_ascii_case(word))
        && looks_like_jwt(credential.trim_ascii())
}

/// Returns whether the text has the three parts of a JWT, the first of which is a JSON object.
fn looks_like_jwt(text: &[u8]) -> bool {
    text.starts_with(b"eyJ")
        && text.iter().filter(|byte| **byte == b'.').count() == 2
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// Returns whether a `Bearer` credential follows another scheme's after a comma.
fn holds_bearer_after_comma(value: &[u8]) -> bool {
    value.split(|byte| *byte == b',').skip(1).any(|part| {
        let words = part.trim_ascii_start().split_at_checked(BEARER.len());
        words.is_some_and(|(scheme, rest)| {
            scheme.eq_ignore_ascii_case(BEARER) && rest.first().is_some_and(u8::is_ascii_whitespace)
        })
    })
}

/// Returns whether white space other than a space follows `Bearer`, so that the scheme is malformed.
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
    fn a_jwt_without_the_scheme_is_named_so() {
        for value in ["eyJh.eyJp.c-_2", "JWT eyJh.eyJp.c", "token  eyJh..", "Bearer: eyJh.eyJp.c"] {
            assert_eq!(read(&[value]), Err(CredentialsError::NoScheme), "{value:?}");
        }
        for value in ["eyJh.eyJp", "abc.def.ghi", "JWT abc", "JWT eyJh.eyJp.c x", "Basic eyJh.e.c"]
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
