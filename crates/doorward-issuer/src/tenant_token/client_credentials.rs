use serde_json::Value;

use super::{client_authentication::authenticate, grant_request::GrantRequest};
use crate::{
    directory::Api,
    grant::{DEFAULT, sign},
    protocol::{
        Protocol, ProtocolError, TokenResponse,
        access_token::{AccessToken, Actor, LIFETIME},
    },
};

/// Issues a token to an application itself (RFC 6749 §4.4), even without a role at the API.
pub(super) fn grant(request: GrantRequest<'_>) -> Result<Value, ProtocolError> {
    let GrantRequest { state, tenants, route, now, .. } = request;
    let tenant = route.authority.tenant().ok_or_else(ProtocolError::no_tenant_given)?;
    let by = authenticate(request, None, None)?;
    if by.credential == "0" {
        return Err(ProtocolError::no_credential());
    }
    let (api, identifier) = target(request)?;
    let access = AccessToken {
        directory: &tenants.directory,
        url: &state.url,
        protocol: route.protocol,
        tenant,
        policy: route.policy,
        application: by.application,
        api,
        identifier,
        actor: Actor::Application,
        credential: by.credential,
        now,
    };
    let token = sign(state, |key_id| access.header(key_id), &access.claims()?)?;
    let resource = match route.protocol {
        Protocol::V1 => Some(identifier.to_owned()),
        Protocol::B2c => Some(api.id.clone()),
        Protocol::V2 | Protocol::Oidc => None,
    };
    let response =
        TokenResponse { access_token: Some(token), resource, ..TokenResponse::default() };
    Ok(response.into_json(route.protocol, now, LIFETIME))
}

/// Returns the API and its identifier in the request: `resource` in v1, `{identifier}/.default` as scope
/// in v2 and B2C, and either of them in OpenID Connect.
fn target(request: GrantRequest<'_>) -> Result<(&Api, &str), ProtocolError> {
    let GrantRequest { tenants, route, form, .. } = request;
    let resource = form.get("resource");
    let by_resource = match route.protocol {
        Protocol::V1 => true,
        Protocol::Oidc => resource.is_some(),
        Protocol::V2 | Protocol::B2c => false,
    };
    let identifier = if by_resource {
        request.required("resource")?
    } else {
        let scope = request.required("scope")?;
        match scope.rsplit_once('/') {
            Some((identifier, DEFAULT)) if !scope.contains(' ') => identifier,
            _ => return Err(ProtocolError::not_default_scope(scope)),
        }
    };
    if !by_resource && resource.is_some_and(|resource| resource != identifier) {
        return Err(ProtocolError::resource_not_supported());
    }
    let api = tenants.directory.api(identifier);
    Ok((api.ok_or_else(|| ProtocolError::unknown_resource(identifier))?, identifier))
}
