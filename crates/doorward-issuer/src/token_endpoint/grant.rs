use super::{token_error::TokenError, token_request::TokenRequest};
use crate::{Client, GrantType};

/// The scopes, audiences and roles that an authenticated client is granted.
pub(super) struct Grant<'a> {
    /// Separated by spaces; `None` if no scope is granted.
    pub(super) scope: Option<String>,
    pub(super) audiences: Vec<&'a str>,
    pub(super) roles: &'a [String],
}

impl<'a> Grant<'a> {
    pub(super) fn decide(client: &'a Client, request: &TokenRequest) -> Result<Self, TokenError> {
        let grant_type = GrantType::ALL
            .into_iter()
            .find(|grant_type| grant_type.name() == request.grant_type)
            .ok_or(TokenError::UnsupportedGrantType)?;
        if !client.may_use(grant_type) {
            return Err(TokenError::UnauthorizedClient);
        }
        let scopes = granted_scopes(client, request.scope.as_deref())?;
        Ok(Self {
            scope: Some(scopes.join(" ")).filter(|scope| !scope.is_empty()),
            audiences: granted_audiences(client, request)?,
            roles: client.assigned_roles(),
        })
    }
}

/// Grants all requested scopes, each once, or rejects the request (RFC 6749 §3.3).
fn granted_scopes<'a>(
    client: &'a Client,
    requested: Option<&str>,
) -> Result<Vec<&'a str>, TokenError> {
    let allowed = client.allowed_scopes();
    let Some(requested) = requested else {
        return Ok(allowed.iter().map(String::as_str).collect());
    };
    pick(allowed, requested.split(' ')).ok_or_else(|| {
        TokenError::InvalidScope(match allowed {
            [] => "the client may ask for no scope".to_owned(),
            _ => format!("the client may ask for these scopes: {}", allowed.join(" ")),
        })
    })
}

fn granted_audiences<'a>(
    client: &'a Client,
    request: &TokenRequest,
) -> Result<Vec<&'a str>, TokenError> {
    let allowed = client.allowed_audiences();
    let requested: Vec<&str> = match (&request.audience, request.resources.as_slice()) {
        (None, []) => return Ok(allowed.first().map(String::as_str).into_iter().collect()),
        (Some(audience), []) => vec![audience],
        (None, resources) => resources.iter().map(String::as_str).collect(),
        (Some(_), _) => {
            return Err(TokenError::InvalidRequest(
                "audience and resource say the same; send one of them".to_owned(),
            ));
        }
    };
    pick(allowed, requested).ok_or_else(|| {
        let allowed = allowed.join(" ");
        TokenError::InvalidTarget(format!("the client may ask for these audiences: {allowed}"))
    })
}

/// Returns the requested values, each once and in the order of the request; `None` if one is not
/// allowed.
fn pick<'a, 'b>(
    allowed: &'a [String],
    requested: impl IntoIterator<Item = &'b str>,
) -> Option<Vec<&'a str>> {
    let mut picked: Vec<&str> = Vec::new();
    for name in requested {
        let value = allowed.iter().find(|candidate| *candidate == name)?;
        if !picked.contains(&value.as_str()) {
            picked.push(value);
        }
    }
    Some(picked)
}
