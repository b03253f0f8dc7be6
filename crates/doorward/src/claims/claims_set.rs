use std::{borrow::Cow, fmt};

use serde::de::MapAccess;

use super::{
    ClaimMap, ClaimsError,
    date::NumericDate,
    known_claims::{KnownClaims, Microsoft},
};
use crate::{
    codec::json::{self, Members, NotJson, Refused, Value},
    signature::Payload,
    token::{TokenType, UnverifiedPayload},
};

/// The claims of one token: those that this library knows, typed, and the JSON text of all.
pub(crate) struct ClaimsSet {
    pub(crate) token_type: TokenType,
    pub(crate) known: KnownClaims,
    pub(crate) text: String,
}

impl ClaimsSet {
    /// Reads the claims of a payload whose signature has passed.
    pub(crate) fn read(payload: Payload, map: &ClaimMap) -> Result<Self, ClaimsError> {
        let (token_type, opened) = payload.into_parts();
        let text = opened.map_err(|_| ClaimsError::Json)?;
        let known = read_known(&text, map)?;
        Ok(Self { token_type, known, text })
    }
}

#[cfg(feature = "testing")]
impl ClaimsSet {
    /// Reads claims that a test has written.
    pub(crate) fn for_test(
        text: String,
        map: &ClaimMap,
        token_type: TokenType,
    ) -> Result<Self, ClaimsError> {
        let known = read_known(&text, map)?;
        Ok(Self { token_type, known, text })
    }
}

/// Reads the `iss` of a payload that nobody has verified, for choosing among the trusted issuers
/// and for nothing else. Whatever follows `iss` is not looked at.
pub(crate) fn unverified_issuer(
    payload: &UnverifiedPayload,
) -> Result<Option<Cow<'_, str>>, ClaimsError> {
    let text = payload.unverified_text().ok_or(ClaimsError::Json)?;
    json::first_string_member(text, "iss", payload.json_depth()).map_err(claims_error)
}

/// Reads the B2C policy (user flow) of a payload that nobody has verified, for choosing among the
/// key sets of one issuer and for nothing else.
pub(crate) fn unverified_user_flow(
    payload: &UnverifiedPayload,
) -> Result<Option<Cow<'_, str>>, ClaimsError> {
    let text = payload.unverified_text().ok_or(ClaimsError::Json)?;
    let depth = payload.json_depth();
    let read = |name| json::first_string_member(text, name, depth).map_err(claims_error);
    Ok(read("tfp")?.or(read("acr")?))
}

/// Reads the claims of a payload that nobody has verified, for the question whether the token
/// would otherwise pass.
pub(crate) fn unverified_claims<'p>(
    payload: &'p UnverifiedPayload,
    map: &ClaimMap,
) -> Result<(KnownClaims, &'p str), ClaimsError> {
    let text = payload.unverified_text().ok_or(ClaimsError::Json)?;
    Ok((read_known(text, map)?, text))
}

/// Shows nothing of the claims.
impl fmt::Debug for ClaimsSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimsSet").finish_non_exhaustive()
    }
}

fn read_known(text: &str, map: &ClaimMap) -> Result<KnownClaims, ClaimsError> {
    let mut reader = Reader { known: KnownClaims::default(), microsoft: map.microsoft };
    json::read_object(text, map.depth, &mut reader).map_err(claims_error)?;
    let mut known = reader.known;
    map.apply(&mut known, text)?;
    Ok(known)
}

const fn claims_error(fault: NotJson) -> ClaimsError {
    match fault {
        NotJson::Member(claim) => ClaimsError::Malformed { claim },
        NotJson::ReservedMember => ClaimsError::ReservedMember,
        NotJson::Syntax | NotJson::DuplicateMember | NotJson::TooDeep => ClaimsError::Json,
    }
}

/// Reads the claims, those of Microsoft too where the issuer is one of Microsoft's: to others these
/// names may mean anything.
struct Reader {
    known: KnownClaims,
    microsoft: bool,
}

impl<'de> Members<'de> for Reader {
    fn member<A: MapAccess<'de>>(
        &mut self,
        name: &str,
        value: Value<'_, 'de, A>,
    ) -> Result<(), Refused> {
        let known = &mut self.known;
        match name {
            "iss" => known.issuer = Some(value.take("iss")?),
            "sub" => known.subject = Some(value.take_text("sub", not_empty)?),
            "aud" => known.audience = Some(value.take("aud")?),
            "exp" => known.expires = Some(value.take::<NumericDate>("exp")?.0),
            "nbf" => known.not_before = Some(value.take::<NumericDate>("nbf")?.0),
            "iat" => known.issued_at = Some(value.take::<NumericDate>("iat")?.0),
            "jti" => known.id = Some(value.take("jti")?),
            "client_id" => known.client.client_id = Some(value.take("client_id")?),
            "azp" => known.client.azp = Some(value.take("azp")?),
            "appid" => known.client.appid = Some(value.take("appid")?),
            "cid" => known.client.cid = Some(value.take("cid")?),
            "scope" => known.scope = Some(value.take("scope")?),
            "scp" => known.scp = Some(value.take("scp")?),
            "roles" => known.roles = Some(value.take("roles")?),
            "at_hash" => known.of_id_token = value.skip().map(|()| true)?,
            "c_hash" => known.of_id_token = value.skip().map(|()| true)?,
            "cnf" => known.bound = value.skip().map(|()| true)?,
            name if self.microsoft => known.microsoft.member(name, value)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl<'de> Members<'de> for Microsoft {
    fn member<A: MapAccess<'de>>(
        &mut self,
        name: &str,
        value: Value<'_, 'de, A>,
    ) -> Result<(), Refused> {
        match name {
            "tid" => self.tenant = Some(value.take("tid")?),
            "oid" => self.object = Some(value.take("oid")?),
            "idtyp" => self.identity_type = Some(value.take("idtyp")?),
            "tfp" => self.trust_framework_policy = Some(value.take("tfp")?),
            "acr" => self.authentication_context = Some(value.take("acr")?),
            // Another reader of this token might take it for the tenant.
            name if name.eq_ignore_ascii_case("tid") => value.refuse("tid")?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

/// Takes a string that says something: an empty subject would be everybody's identity.
fn not_empty(text: Cow<'_, str>) -> Option<String> {
    (!text.is_empty()).then(|| text.into_owned())
}
