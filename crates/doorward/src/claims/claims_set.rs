use std::fmt;

use serde::de::MapAccess;

use super::{ClaimsError, Scopes, date::NumericDate, strings::StringOrList};
use crate::{
    codec::json::{self, Members, NotJson, Refused, Value},
    limits,
    signature::Payload,
    terms::time::UnixTime,
    token::{Sealed, TokenType},
};

/// The claims of one token: those that this library knows, typed, and the JSON text of all.
pub(crate) struct ClaimsSet {
    pub(crate) token_type: TokenType,
    pub(crate) known: Known,
    pub(crate) text: String,
}

/// The claims that this library knows.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) audience: Option<StringOrList>,
    pub(crate) expires: Option<UnixTime>,
    pub(crate) not_before: Option<UnixTime>,
    pub(crate) issued_at: Option<UnixTime>,
    pub(crate) id: Option<String>,
    pub(crate) client: ClientId,
    scope: Option<StringOrList>,
    scp: Option<StringOrList>,
    pub(crate) roles: Option<StringOrList>,
    /// `at_hash` or `c_hash` is there, so this is an ID token.
    pub(crate) of_id_token: bool,
    /// `cnf` is there, so the token is bound to a key that its bearer must prove to hold.
    pub(crate) bound: bool,
}

/// The names under which issuers put the client, in the order in which they are believed.
#[derive(Default)]
pub(crate) struct ClientId {
    client_id: Option<String>,
    azp: Option<String>,
    appid: Option<String>,
    cid: Option<String>,
}

impl ClientId {
    pub(crate) fn as_str(&self) -> Option<&str> {
        self.client_id
            .as_deref()
            .or(self.azp.as_deref())
            .or(self.appid.as_deref())
            .or(self.cid.as_deref())
    }

    /// Returns whether Microsoft's `azp` or `appid` is there, which its ID tokens lack.
    pub(crate) const fn is_authorized_party(&self) -> bool {
        self.azp.is_some() || self.appid.is_some()
    }
}

impl Known {
    /// Takes the scopes from `scope` if it is there, else from `scp`.
    pub(crate) fn take_scopes(&mut self) -> Scopes {
        Scopes::new(self.scope.take().or_else(|| self.scp.take()))
    }
}

impl ClaimsSet {
    /// Reads the claims of a payload whose signature has passed.
    pub(crate) fn read(payload: Payload) -> Result<Self, ClaimsError> {
        let (token_type, text) = payload.into_parts();
        let known = read_known(&text)?;
        Ok(Self { token_type, known, text })
    }
}

#[cfg(feature = "testing")]
impl ClaimsSet {
    /// Reads claims that a test has written.
    pub(crate) fn for_test(text: String) -> Result<Self, ClaimsError> {
        Ok(Self { token_type: TokenType::AccessToken, known: read_known(&text)?, text })
    }
}

/// Reads the `iss` of a payload that nobody has verified, for choosing among the trusted issuers
/// and for nothing else. Whatever follows `iss` is not looked at.
pub(crate) fn unverified_issuer(payload: &Sealed) -> Result<Option<String>, ClaimsError> {
    json::first_string_member(payload.unverified_text(), "iss").map_err(claims_error)
}

/// Reads the claims of a payload that nobody has verified, for the question whether the token
/// would otherwise pass.
pub(crate) fn unverified_claims(payload: &Sealed) -> Result<Known, ClaimsError> {
    read_known(payload.unverified_text())
}

/// Shows nothing of the claims.
impl fmt::Debug for ClaimsSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimsSet").finish_non_exhaustive()
    }
}

fn read_known(text: &str) -> Result<Known, ClaimsError> {
    let mut known = Known::default();
    json::read_object(text, limits::JSON_DEPTH, &mut known).map_err(claims_error)?;
    Ok(known)
}

const fn claims_error(fault: NotJson) -> ClaimsError {
    match fault {
        NotJson::Member(claim) => ClaimsError::Malformed { claim },
        NotJson::Syntax | NotJson::DuplicateMember | NotJson::TooDeep => ClaimsError::Json,
    }
}

impl<'de> Members<'de> for Known {
    fn member<A: MapAccess<'de>>(
        &mut self,
        name: &str,
        value: Value<'_, 'de, A>,
    ) -> Result<(), Refused> {
        match name {
            "iss" => self.issuer = Some(value.take("iss")?),
            "sub" => self.subject = Some(value.take::<NotEmpty>("sub")?.0),
            "aud" => self.audience = Some(value.take("aud")?),
            "exp" => self.expires = Some(value.take::<NumericDate>("exp")?.0),
            "nbf" => self.not_before = Some(value.take::<NumericDate>("nbf")?.0),
            "iat" => self.issued_at = Some(value.take::<NumericDate>("iat")?.0),
            "jti" => self.id = Some(value.take("jti")?),
            "client_id" => self.client.client_id = Some(value.take("client_id")?),
            "azp" => self.client.azp = Some(value.take("azp")?),
            "appid" => self.client.appid = Some(value.take("appid")?),
            "cid" => self.client.cid = Some(value.take("cid")?),
            "scope" => self.scope = Some(value.take("scope")?),
            "scp" => self.scp = Some(value.take("scp")?),
            "roles" => self.roles = Some(value.take("roles")?),
            "at_hash" => self.of_id_token = value.skip().map(|()| true)?,
            "c_hash" => self.of_id_token = value.skip().map(|()| true)?,
            "cnf" => self.bound = value.skip().map(|()| true)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

/// A string that says something: an empty subject would be everybody's identity.
#[derive(serde::Deserialize)]
#[serde(try_from = "String")]
struct NotEmpty(String);

impl TryFrom<String> for NotEmpty {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() { Err("empty") } else { Ok(Self(text)) }
    }
}
