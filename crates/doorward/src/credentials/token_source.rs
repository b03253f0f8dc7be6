use super::{BearerToken, CredentialsError, RequestHead, bearer_token};

/// Where a request carries its token.
///
/// A token in the query is never read: it ends up in logs and histories
/// ([RFC 6750 §5.3](https://www.rfc-editor.org/rfc/rfc6750#section-5.3)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSource(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Authorization,
    Cookie(Box<str>),
    Field(Box<str>),
    FieldWithScheme { name: Box<str>, scheme: Box<str> },
}

impl TokenSource {
    /// Reads the token from the `Authorization` field, after the scheme `Bearer`.
    #[must_use]
    pub const fn authorization() -> Self {
        Self(Kind::Authorization)
    }

    /// Reads the token from the cookie with this name.
    ///
    /// A browser sends a cookie also with requests that another site causes. So set it with
    /// `SameSite=Strict` or `Lax`, `Secure` and `HttpOnly`, and change nothing on `GET`
    /// ([RFC 6265 §8.2](https://www.rfc-editor.org/rfc/rfc6265#section-8.2)).
    #[must_use]
    pub fn cookie(name: impl AsRef<str>) -> Self {
        Self(Kind::Cookie(name.as_ref().into()))
    }

    /// Reads the token from the field (header) with this name, whose value is the token and nothing else,
    /// as proxies write it: `X-Forwarded-Access-Token`, `Cf-Access-Jwt-Assertion`. Case does not matter.
    #[must_use]
    pub fn field(name: impl AsRef<str>) -> Self {
        Self(Kind::Field(name.as_ref().to_ascii_lowercase().into()))
    }

    /// The field (header) of this name, whose value is a scheme, spaces and the token, as some
    /// gateways write it: `X-Auth: Bearer eyJ…`. Name and scheme are compared without case. A value
    /// without the scheme is malformed.
    ///
    /// ```
    /// use doorward::{ResourceServer, tokens::TokenSource};
    ///
    /// let builder = ResourceServer::builder()
    ///     .tokens_from([TokenSource::field_with_scheme("X-Auth", "Bearer")]);
    /// ```
    #[must_use]
    pub fn field_with_scheme(name: impl AsRef<str>, scheme: impl AsRef<str>) -> Self {
        let name = name.as_ref().to_ascii_lowercase().into();
        Self(Kind::FieldWithScheme { name, scheme: scheme.as_ref().into() })
    }

    /// Returns whether its name can occur in a request, and is not a field with a grammar of its own.
    pub(crate) fn is_sound(&self) -> bool {
        let is_field = |name: &str| is_token(name) && !["authorization", "cookie"].contains(&name);
        match &self.0 {
            Kind::Authorization => true,
            Kind::Cookie(name) => is_token(name),
            Kind::Field(name) => is_field(name),
            Kind::FieldWithScheme { name, scheme } => is_field(name) && is_token(scheme),
        }
    }

    /// Returns whether it is the field of RFC 6750 §2.1.
    pub(crate) const fn is_authorization(&self) -> bool {
        matches!(self.0, Kind::Authorization)
    }

    fn find<'r>(
        &'r self,
        fields: &'r impl RequestHead,
        most: usize,
    ) -> Result<BearerToken<'r>, CredentialsError> {
        match &self.0 {
            Kind::Authorization => bearer_token(fields.authorization(), most),
            Kind::Cookie(name) => {
                only(fields.values("cookie").flat_map(|f| values_of(f, name)), most)
            }
            Kind::Field(name) => only(fields.values(name), most),
            Kind::FieldWithScheme { name, scheme } => {
                let token = |value| after_scheme(value, scheme.as_bytes());
                only(fields.values(name).map(token), most)
            }
        }
    }
}

/// Finds the one token among all sources; `most` is how many bytes a token may have.
pub(crate) fn find_token<'r>(
    sources: &'r [TokenSource],
    fields: &'r impl RequestHead,
    most: usize,
) -> Result<BearerToken<'r>, CredentialsError> {
    let mut found = Err(CredentialsError::Missing);
    for source in sources {
        match (source.find(fields, most), &found) {
            (Err(CredentialsError::Missing), _) => {}
            (next, Err(CredentialsError::Missing)) => found = next,
            _ => return Err(CredentialsError::Several),
        }
    }
    found
}

fn only<'t>(
    mut values: impl Iterator<Item = &'t [u8]>,
    most: usize,
) -> Result<BearerToken<'t>, CredentialsError> {
    let value = values.next().ok_or(CredentialsError::Missing)?;
    if values.next().is_some() {
        return Err(CredentialsError::Several);
    }
    BearerToken::parse(value.trim_ascii(), most).ok_or(CredentialsError::Malformed)
}

/// Returns what follows the scheme and its spaces; nothing, which is no token, after another scheme.
fn after_scheme<'v>(value: &'v [u8], scheme: &[u8]) -> &'v [u8] {
    match value.trim_ascii_start().split_at_checked(scheme.len()) {
        Some((seen, [b' ', token @ ..])) if seen.eq_ignore_ascii_case(scheme) => token,
        _ => b"",
    }
}

/// Returns an iterator over the values of the cookies with this name in a `Cookie` field
/// ([RFC 6265 §4.2.1](https://www.rfc-editor.org/rfc/rfc6265#section-4.2.1)).
fn values_of<'f>(field: &'f [u8], name: &'f str) -> impl Iterator<Item = &'f [u8]> {
    field.split(|byte| *byte == b';').filter_map(move |pair| {
        let value = pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        let unquoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
        Some(unquoted.unwrap_or(value))
    })
}

/// Returns whether the text is a `token` of
/// [RFC 9110 §5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2).
fn is_token(text: &str) -> bool {
    let is_tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_tchar)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fields(&'static [(&'static str, &'static str)]);

    impl RequestHead for Fields {
        fn method(&self) -> &str {
            "GET"
        }

        fn target(&self) -> &str {
            "/"
        }

        fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
            let named = move |(known, _): &&(&str, &str)| *known == name;
            self.0.iter().filter(named).map(|(_, value)| value.as_bytes())
        }
    }

    #[track_caller]
    fn assert_found(
        sources: &[TokenSource],
        fields: &'static [(&'static str, &'static str)],
        expected: Result<&str, CredentialsError>,
    ) {
        let fields = Fields(fields);
        let found = find_token(sources, &fields, 16)
            .map(|token| std::str::from_utf8(token.as_bytes()).unwrap());
        assert_eq!(found, expected, "{:?}", fields.0);
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name_and_must_be_one_token() {
        let session = [TokenSource::cookie("session")];
        assert_found(&session, &[("cookie", "a=b; session=abc; c=d")], Ok("abc"));
        assert_found(&session, &[("cookie", "a=b"), ("cookie", "session=\"abc\"")], Ok("abc"));
        for fields in [
            &[][..],
            &[("cookie", "sessions=abc; xsession=abc; Session=abc; session")],
            &[("authorization", "Bearer abc")],
            &[("x-session", "abc")],
        ] {
            assert_found(&session, fields, Err(CredentialsError::Missing));
        }
        for fields in [
            &[("cookie", "session=")][..],
            &[("cookie", "session=a b")],
            &[("cookie", "session=Bearer abc")],
            &[("cookie", "session=a,b")],
            &[("cookie", "session=\"abc")],
        ] {
            assert_found(&session, fields, Err(CredentialsError::Malformed));
        }
        for fields in [
            &[("cookie", "session=abc; session=abc")][..],
            &[("cookie", "session=abc"), ("cookie", "session=def")],
        ] {
            assert_found(&session, fields, Err(CredentialsError::Several));
        }
    }

    #[test]
    fn a_field_holds_the_token_and_nothing_else() {
        let forwarded = [TokenSource::field("X-Forwarded-Access-Token")];
        assert_found(&forwarded, &[("x-forwarded-access-token", " abc ")], Ok("abc"));
        assert_found(
            &forwarded,
            &[("authorization", "Bearer abc")],
            Err(CredentialsError::Missing),
        );
        let malformed = Err(CredentialsError::Malformed);
        assert_found(&forwarded, &[("x-forwarded-access-token", "Bearer abc")], malformed);
        let twice = &[("x-forwarded-access-token", "abc"), ("x-forwarded-access-token", "")];
        assert_found(&forwarded, twice, Err(CredentialsError::Several));
    }

    #[test]
    fn a_field_with_a_scheme_holds_the_scheme_and_one_token() {
        let gateway = [TokenSource::field_with_scheme("X-Auth", "Bearer")];
        for value in ["Bearer abc", "bearer   abc ", " BEARER abc"] {
            assert_found(&gateway, one(value), Ok("abc"));
        }
        for value in ["abc", "Bearer", "Bearer ", "Bearerabc", "Token abc", "Bearer a b", "", "ä"]
        {
            assert_found(&gateway, one(value), Err(CredentialsError::Malformed));
        }
        let twice = &[("x-auth", "Bearer abc"), ("x-auth", "abc")];
        assert_found(&gateway, twice, Err(CredentialsError::Several));
        let elsewhere = &[("authorization", "Bearer abc")];
        assert_found(&gateway, elsewhere, Err(CredentialsError::Missing));
    }

    /// One `X-Auth` field with this value.
    fn one(value: &'static str) -> &'static [(&'static str, &'static str)] {
        Box::leak(Box::new([("x-auth", value)]))
    }

    #[test]
    fn a_token_in_two_sources_is_refused_also_if_one_of_them_is_malformed() {
        let both = [TokenSource::authorization(), TokenSource::cookie("session")];
        assert_found(&both, &[("authorization", "Bearer abc")], Ok("abc"));
        assert_found(&both, &[("cookie", "session=abc")], Ok("abc"));
        assert_found(&both, &[("authorization", "Basic x"), ("cookie", "session=abc")], Ok("abc"));
        for fields in [
            &[("authorization", "Bearer abc"), ("cookie", "session=abc")][..],
            &[("authorization", "Bearer"), ("cookie", "session=abc")],
            &[("authorization", "Bearer abc"), ("cookie", "session=")],
        ] {
            assert_found(&both, fields, Err(CredentialsError::Several));
        }
    }

    #[test]
    fn a_source_has_a_name_that_can_occur() {
        for sound in [
            TokenSource::authorization(),
            TokenSource::cookie("__Host-session"),
            TokenSource::field("Cf-Access-Jwt-Assertion"),
        ] {
            assert!(sound.is_sound(), "{sound:?}");
        }
        for unsound in [
            TokenSource::cookie(""),
            TokenSource::cookie("a=b"),
            TokenSource::cookie("a b"),
            TokenSource::field(""),
            TokenSource::field("a:b"),
            TokenSource::field("Authorization"),
            TokenSource::field("Cookie"),
            TokenSource::field_with_scheme("Authorization", "Bearer"),
            TokenSource::field_with_scheme("X-Auth", "Bearer "),
            TokenSource::field_with_scheme("X-Auth", ""),
        ] {
            assert!(!unsound.is_sound(), "{unsound:?}");
        }
    }
}
