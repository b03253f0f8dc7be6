use serde_json::Value;

use super::{
    ClaimList, ClaimsError,
    known_claims::{KnownClaims, Permissions},
    strings::StringOrList,
};
use crate::{codec::lookup, limits, terms::claim_path::ClaimPath};

/// Which claims of an issuer mean what, where that differs from the standards.
#[derive(Clone, Debug)]
pub(crate) struct ClaimMap {
    /// The first of these that is present lists the scopes.
    pub(crate) scopes: Vec<ClaimList>,
    /// All of these together list the roles.
    pub(crate) roles: Vec<ClaimList>,
    /// The claim that is compared with the audience instead of `aud`.
    pub(crate) audience: Option<ClaimPath>,
    /// The first of these that is present is the subject; `None` for `sub` alone.
    pub(crate) subject: Option<Vec<ClaimPath>>,
    /// Whether Microsoft's claims have the meaning that Microsoft gives them.
    pub(crate) microsoft: bool,
    /// How deep the claims may be nested.
    pub(crate) depth: u8,
}

impl Default for ClaimMap {
    fn default() -> Self {
        Self {
            scopes: vec![ClaimList::at("scope"), ClaimList::at("scp")],
            roles: vec![ClaimList::at("roles")],
            audience: None,
            subject: None,
            microsoft: false,
            depth: limits::JSON_DEPTH,
        }
    }
}

impl ClaimMap {
    /// Puts the claims that it maps into their places.
    pub(super) fn apply(&self, known: &mut KnownClaims, text: &str) -> Result<(), ClaimsError> {
        if self.microsoft {
            known.microsoft.permissions = Permissions::of(known);
        }
        let scopes = self.read_scopes(known, text)?;
        let roles = self.read_roles(known, text)?;
        (known.scopes, known.roles) = (scopes, roles);
        if let Some(path) = &self.audience {
            known.audience = ClaimList::at(path.clone()).read(text)?;
        }
        if let Some(paths) = &self.subject {
            known.subject = read_subject(paths, text)?;
        }
        Ok(())
    }

    fn read_scopes(
        &self,
        known: &mut KnownClaims,
        text: &str,
    ) -> Result<Option<StringOrList>, ClaimsError> {
        for list in &self.scopes {
            // A claim that lists roles too is needed once more.
            let is_shared = self.roles.iter().any(|other| other.plain() == list.plain());
            let found = if is_shared { list.read(text)? } else { read(list, known, text)? };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn read_roles(
        &self,
        known: &mut KnownClaims,
        text: &str,
    ) -> Result<Option<StringOrList>, ClaimsError> {
        let mut all: Option<StringOrList> = None;
        for list in &self.roles {
            all = match (all, read(list, known, text)?) {
                (Some(all), Some(found)) => Some(all.and(found)),
                (all, found) => all.or(found),
            };
        }
        Ok(all)
    }
}

/// Reads a list, from what is known already where that is possible; the list is gone from there then.
fn read(
    list: &ClaimList,
    known: &mut KnownClaims,
    text: &str,
) -> Result<Option<StringOrList>, ClaimsError> {
    match list.plain() {
        Some("scope") => Ok(known.scope.take()),
        Some("scp") => Ok(known.scp.take()),
        Some("roles") => Ok(known.roles.take()),
        _ => list.read(text),
    }
}

/// Reads the first of the claims that is present: a string that is not empty.
fn read_subject(paths: &[ClaimPath], text: &str) -> Result<Option<String>, ClaimsError> {
    for path in paths {
        let malformed = || ClaimsError::List { claim: path.clone() };
        if let Some(value) = lookup::value_at(text, path.names()).map_err(|_| malformed())? {
            let subject: Option<String> = serde_json::from_str(value).ok();
            let subject = subject.filter(|subject| !subject.is_empty()).ok_or_else(malformed)?;
            return Ok(Some(subject));
        }
    }
    Ok(None)
}

/// Returns whether the claim at the path is present and has this value, or any value.
pub(crate) fn claim_says(text: &str, path: &ClaimPath, value: Option<&Value>) -> Option<bool> {
    let found = lookup::value_at(text, path.names()).ok()??;
    let says =
        |value: &Value| serde_json::from_str::<Value>(found).is_ok_and(|found| found == *value);
    Some(value.is_none_or(says))
}
