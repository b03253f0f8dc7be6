use std::borrow::Cow;

use serde::de::MapAccess;

use super::TokenError;
use crate::{
    codec::json::{self, Members, NotJson, Refused, Text, Value},
    terms::{algorithm::JwsAlgorithm, key_id::KeyId},
};

/// The members of a JOSE header that are used (RFC 7515 §4). `jwk`, `jku`, `x5u` and `x5c` are not read:
/// a key never comes from the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) algorithm: JwsAlgorithm,
    pub(crate) token_type: TokenType,
    pub(crate) key: KeyHint,
    /// `nonce` is present, as in tokens for Microsoft's own resources.
    pub(crate) has_nonce: bool,
}

/// How the header names the key: `kid` takes precedence over the thumbprints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyHint {
    Id(KeyId),
    Sha256Thumbprint(KeyId),
    Sha1Thumbprint(KeyId),
    None,
}

impl KeyHint {
    /// Returns the key ID or thumbprint.
    pub(crate) const fn name(&self) -> Option<&KeyId> {
        match self {
            Self::Id(name) | Self::Sha256Thumbprint(name) | Self::Sha1Thumbprint(name) => {
                Some(name)
            }
            Self::None => None,
        }
    }
}

/// The value of `typ`, without regard to case and an `application/` prefix (RFC 7515 §4.1.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenType {
    Absent,
    Jwt,
    AccessToken,
    /// Any other value, in lower case and without the prefix.
    Other(Box<str>),
}

impl TokenType {
    pub(crate) fn parse(typ: &str) -> Self {
        const PREFIX: &str = "application/";
        let bare = match typ.split_at_checked(PREFIX.len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
            _ => typ,
        };
        if bare.eq_ignore_ascii_case("jwt") {
            Self::Jwt
        } else if bare.eq_ignore_ascii_case("at+jwt") {
            Self::AccessToken
        } else {
            Self::Other(bare.to_ascii_lowercase().into())
        }
    }
}

impl Header {
    pub(crate) fn parse(text: &str, depth: u8) -> Result<Self, TokenError> {
        let mut members = Read::default();
        json::read_object(text, depth, &mut members).map_err(|fault| match fault {
            NotJson::Member(member @ ("crit" | "b64" | "zip")) => TokenError::Extension { member },
            NotJson::Member(member) => TokenError::HeaderMember { member },
            NotJson::Syntax
            | NotJson::DuplicateMember
            | NotJson::ReservedMember
            | NotJson::TooDeep => TokenError::HeaderJson,
        })?;
        members.into_header()
    }
}

/// The members as they are read.
#[derive(Default)]
struct Read<'h> {
    alg: Option<Cow<'h, str>>,
    kid: Option<KeyId>,
    x5t: Option<KeyId>,
    x5t_s256: Option<KeyId>,
    typ: Option<TokenType>,
    nested: bool,
    has_nonce: bool,
}

impl<'h> Members<'h> for Read<'h> {
    fn member<A: MapAccess<'h>>(
        &mut self,
        name: &str,
        value: Value<'_, 'h, A>,
    ) -> Result<(), Refused> {
        let thumbprint = |text: Cow<'h, str>| KeyId::thumbprint(&text);
        match name {
            "alg" => self.alg = Some(value.take::<Text<'h>>("alg")?.0),
            "kid" => self.kid = Some(value.take_text("kid", KeyId::new)?),
            "x5t" => self.x5t = Some(value.take_text("x5t", thumbprint)?),
            "x5t#S256" => self.x5t_s256 = Some(value.take_text("x5t#S256", thumbprint)?),
            "typ" => self.typ = Some(TokenType::parse(&value.take::<Text<'h>>("typ")?.0)),
            "cty" => {
                let cty = value.take::<Text<'h>>("cty")?.0;
                self.nested = TokenType::parse(&cty) == TokenType::Jwt;
            }
            "nonce" => self.has_nonce = value.skip().map(|()| true)?,
            "crit" => value.refuse("crit")?,
            "b64" => value.refuse("b64")?,
            "zip" => value.refuse("zip")?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Read<'_> {
    fn into_header(self) -> Result<Header, TokenError> {
        let alg = self.alg.ok_or(TokenError::AlgorithmMissing)?;
        let algorithm = JwsAlgorithm::from_name(&alg).ok_or(TokenError::AlgorithmUnsupported)?;
        if self.nested {
            return Err(TokenError::Nested);
        }
        let key = match (self.kid, self.x5t_s256, self.x5t) {
            (Some(kid), _, _) => KeyHint::Id(kid),
            (None, Some(thumbprint), _) => KeyHint::Sha256Thumbprint(thumbprint),
            (None, None, Some(thumbprint)) => KeyHint::Sha1Thumbprint(thumbprint),
            (None, None, None) => KeyHint::None,
        };
        let token_type = self.typ.unwrap_or(TokenType::Absent);
        Ok(Header { algorithm, token_type, key, has_nonce: self.has_nonce })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::algorithm::Algorithm;

    const ES256: JwsAlgorithm = JwsAlgorithm::Signature(Algorithm::Es256);

    fn parse(text: &str) -> Result<Header, TokenError> {
        Header::parse(text, crate::limits::JSON_DEPTH)
    }

    fn id(text: &str) -> KeyId {
        KeyId::new(text).unwrap()
    }

    #[test]
    fn algorithm_type_and_key_hint_are_read() {
        let header = parse(r#"{"typ":"at+jwt","alg":"ES256","kid":"k1","x5t":"t"}"#);
        let expected = Header {
            algorithm: ES256,
            token_type: TokenType::AccessToken,
            key: KeyHint::Id(id("k1")),
            has_nonce: false,
        };
        assert_eq!(header, Ok(expected));
    }

    #[test]
    fn thumbprints_stand_in_for_an_absent_key_id() {
        let key = |text| parse(text).unwrap().key;
        assert_eq!(key(r#"{"alg":"ES256","x5t":"aa=="}"#), KeyHint::Sha1Thumbprint(id("aa")));
        assert_eq!(
            key(r#"{"alg":"ES256","x5t":"aa","x5t#S256":"bb"}"#),
            KeyHint::Sha256Thumbprint(id("bb"))
        );
        assert_eq!(key(r#"{"alg":"ES256"}"#), KeyHint::None);
    }

    #[test]
    fn type_is_read_without_regard_to_case_and_one_prefix() {
        for (typ, expected) in [
            ("JWT", TokenType::Jwt),
            ("application/jwt", TokenType::Jwt),
            ("AT+JWT", TokenType::AccessToken),
            ("Application/at+jwt", TokenType::AccessToken),
            ("application/application/at+jwt", TokenType::Other("application/at+jwt".into())),
            ("X/at+jwt", TokenType::Other("x/at+jwt".into())),
            ("at+jwt; v=1", TokenType::Other("at+jwt; v=1".into())),
            ("", TokenType::Other("".into())),
        ] {
            assert_eq!(TokenType::parse(typ), expected, "{typ}");
        }
    }

    #[test]
    fn algorithms_without_a_name_here_are_refused() {
        for alg in ["none", "None", "RS1", "rs256", "ES256K", "", "HS256 "] {
            let header = parse(&format!(r#"{{"alg":"{alg}"}}"#));
            assert_eq!(header, Err(TokenError::AlgorithmUnsupported), "{alg}");
        }
        assert_eq!(parse("{}"), Err(TokenError::AlgorithmMissing));
    }

    #[test]
    fn members_of_a_wrong_type_are_refused() {
        for (text, member) in [
            (r#"{"alg":null}"#, "alg"),
            (r#"{"alg":["ES256"]}"#, "alg"),
            (r#"{"alg":"ES256","kid":1}"#, "kid"),
            (r#"{"alg":"ES256","typ":{}}"#, "typ"),
            (r#"{"alg":"ES256","x5t":false}"#, "x5t"),
        ] {
            assert_eq!(parse(text), Err(TokenError::HeaderMember { member }), "{text}");
        }
        let long = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, "k".repeat(257));
        assert_eq!(parse(&long), Err(TokenError::HeaderMember { member: "kid" }));
    }

    #[test]
    fn extensions_are_refused_whatever_they_say() {
        for (text, member) in [
            (r#"{"alg":"ES256","crit":["exp"]}"#, "crit"),
            (r#"{"alg":"ES256","crit":[]}"#, "crit"),
            (r#"{"alg":"ES256","b64":true}"#, "b64"),
            (r#"{"alg":"ES256","zip":"DEF"}"#, "zip"),
        ] {
            assert_eq!(parse(text), Err(TokenError::Extension { member }), "{text}");
        }
    }

    #[test]
    fn nested_tokens_and_loose_json_are_refused() {
        assert_eq!(parse(r#"{"alg":"ES256","cty":"JWT"}"#), Err(TokenError::Nested));
        for text in ["", "[]", r#"{"alg":"ES256","alg":"ES256"}"#, r#"{"alg":"ES256"}x"#] {
            assert_eq!(parse(text), Err(TokenError::HeaderJson), "{text}");
        }
    }
}
