use serde_json::Value;

use super::{
    authorization_code::{check_resource, token_builder},
    client_authentication::{AuthenticatedApplication, authenticate},
    grant_request::GrantRequest,
};
use crate::{
    authorization_store::Authorization,
    directory::Platform,
    grant::RequestedAccess,
    protocol::{Protocol, ProtocolError},
};

/// Redeems a refresh token (RFC 6749 §6), for any API that the client may call. The response has a new
/// refresh token, and the old one stays valid.
pub(super) fn grant(request: GrantRequest<'_>) -> Result<Value, ProtocolError> {
    let GrantRequest { tenants, route, form, now, .. } = request;
    let stored = tenants.store.refresh_tokens.get(request.required("refresh_token")?);
    let before = stored.as_ref().map(|token| &token.authorization);
    let by = authenticate(
        request,
        before.map(|before| before.client_id.as_str()),
        before.map(|before| before.platform),
    )?;
    let token = stored.ok_or_else(|| ProtocolError::bad_grant("refresh_token"))?;
    let mut authorization = token.authorization;
    if authorization.client_id != by.application.id || !is_redeemable_at(&authorization, request) {
        return Err(ProtocolError::bad_grant("refresh_token"));
    }
    if token.expires <= now {
        return Err(match authorization.platform {
            Platform::Spa => ProtocolError::expired_spa_token(),
            Platform::Web | Platform::Native => ProtocolError::expired_refresh_token(),
        });
    }
    authorization.protocol = route.protocol;
    let directory = &tenants.directory;
    let mut requested = if route.protocol == Protocol::V1 {
        if let Some(resource) = form.get("resource") {
            authorization.resource = Some(resource.to_owned());
        }
        RequestedAccess::from_resource(directory, authorization.resource.as_deref())?
    } else {
        by_scope(request, &authorization, by)?
    };
    requested.offline_access = true;
    let expires = (authorization.platform == Platform::Spa).then_some(token.expires);
    token_builder(request, &authorization, by)?.response(&requested, expires)
}

/// Returns the scopes that the request asks for; without an API in `scope`, what was authorized, either
/// by scope or by the `resource` of v1.
fn by_scope<'a>(
    request: GrantRequest<'a>,
    authorization: &Authorization,
    by: AuthenticatedApplication<'_>,
) -> Result<RequestedAccess<'a>, ProtocolError> {
    let GrantRequest { tenants, route, form, .. } = request;
    let read =
        |scope| RequestedAccess::parse(&tenants.directory, route.protocol, by.application, scope);
    let authorized = match &authorization.resource {
        Some(resource) if authorization.scope.is_empty() => {
            RequestedAccess::from_resource(&tenants.directory, Some(resource))?
        }
        _ => read(&authorization.scope)?,
    };
    let mut requested = form.get("scope").map_or_else(|| Ok(authorized.clone()), read)?;
    requested.openid |= authorized.openid;
    if requested.resources.is_empty() {
        requested.resources = authorized.resources;
    }
    check_resource(form.get("resource"), &requested)?;
    Ok(requested)
}

/// Returns whether the token may be redeemed at this endpoint. One of Entra works in v1 and v2; one of
/// B2C works for its policy alone.
fn is_redeemable_at(authorization: &Authorization, request: GrantRequest<'_>) -> bool {
    let entra = |protocol| matches!(protocol, Protocol::V1 | Protocol::V2);
    let (issued, here) = (authorization.protocol, request.route.protocol);
    (issued == here || entra(issued) && entra(here))
        && authorization.policy.as_deref() == request.route.policy
}
