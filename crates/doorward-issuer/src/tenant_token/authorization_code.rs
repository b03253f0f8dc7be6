use serde_json::Value;

use super::{
    client_authentication::{AuthenticatedApplication, authenticate},
    grant_request::GrantRequest,
};
use crate::{
    authorization_store::{Authorization, Code},
    grant::{RequestedAccess, TokenBuilder},
    protocol::{Protocol, ProtocolError},
};

/// Redeems an authorization code (RFC 6749 §4.1.3), once.
pub(super) fn grant(request: GrantRequest<'_>) -> Result<Value, ProtocolError> {
    let GrantRequest { tenants, form, now, .. } = request;
    let name = request.required("code")?;
    let code = tenants.store.codes.get(name);
    let platform = code.as_ref().map(|code| code.authorization.platform);
    let authenticated = authenticate(request, None, platform)?;
    let code = code.ok_or_else(|| ProtocolError::bad_grant("code"))?;
    check(request, &code, authenticated)?;
    let mut authorization = code.authorization;
    if authorization.protocol == Protocol::V1 {
        set_resource(&mut authorization, form.get("resource"))?;
    }
    let requested = requested(request, &authorization, authenticated)?;
    let builder = token_builder(request, &authorization, authenticated)?;
    let answer = builder.response(&requested, None)?;
    match tenants.store.codes.update(name, |code| code.redeemed = true) {
        Some(before) if !before.redeemed && before.expires > now => Ok(answer),
        _ => Err(ProtocolError::redeemed_code()),
    }
}

fn check(
    request: GrantRequest<'_>,
    code: &Code,
    by: AuthenticatedApplication<'_>,
) -> Result<(), ProtocolError> {
    let GrantRequest { route, form, now, .. } = request;
    let authorization = &code.authorization;
    let of_this_endpoint = authorization.protocol == route.protocol
        && authorization.policy.as_deref() == route.policy
        && authorization.client_id == by.application.id;
    if !of_this_endpoint || request.required("redirect_uri")? != code.redirect_uri {
        return Err(ProtocolError::bad_grant("code"));
    }
    if code.redeemed {
        return Err(ProtocolError::redeemed_code());
    }
    if code.expires <= now {
        return Err(ProtocolError::expired_code());
    }
    match (&code.challenge, form.get("code_verifier")) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) => challenge.verify(verifier),
        (None, Some(_)) | (Some(_), None) => Err(ProtocolError::bad_verifier()),
    }
}

/// Sets the resource of v1, which either endpoint may name; if both do, it must be the same.
fn set_resource(
    authorization: &mut Authorization,
    named: Option<&str>,
) -> Result<(), ProtocolError> {
    match (&authorization.resource, named) {
        (Some(before), Some(now)) if before != now => {
            return Err(ProtocolError::resource_mismatch());
        }
        (None, Some(now)) => authorization.resource = Some(now.to_owned()),
        _ => {}
    }
    Ok(())
}

/// Returns the scopes that the request asks for, of one API; without `scope`, those of the authorization
/// request.
fn requested<'a>(
    request: GrantRequest<'a>,
    authorization: &Authorization,
    by: AuthenticatedApplication<'_>,
) -> Result<RequestedAccess<'a>, ProtocolError> {
    let directory = &request.tenants.directory;
    if authorization.protocol == Protocol::V1 {
        return RequestedAccess::from_resource(directory, authorization.resource.as_deref());
    }
    let read =
        |scope| RequestedAccess::parse(directory, authorization.protocol, by.application, scope);
    let authorized = read(&authorization.scope)?;
    let requested = match request.form.get("scope") {
        None => authorized.clone(),
        Some(scope) => read(scope)?,
    };
    if request.form.get("scope").is_some() && requested.resources.len() > 1 {
        return Err(ProtocolError::several_resources());
    }
    let resources =
        if requested.resources.is_empty() { authorized.resources } else { requested.resources };
    let RequestedAccess { openid, offline_access, .. } = authorized;
    let requested = RequestedAccess { openid, offline_access, resources };
    check_resource(request.form.get("resource"), &requested)?;
    Ok(requested)
}

/// Rejects a `resource` other than the API that the token will be for, compared byte by byte.
pub(super) fn check_resource(
    resource: Option<&str>,
    requested: &RequestedAccess<'_>,
) -> Result<(), ProtocolError> {
    let first = requested.resources.first().map(|first| first.identifier.as_str());
    match resource {
        Some(_) if resource != first => Err(ProtocolError::resource_not_supported()),
        _ => Ok(()),
    }
}

/// Collects what tokens are made from. Rejects a user or a tenant that is not of this authority.
pub(super) fn token_builder<'a>(
    request: GrantRequest<'a>,
    authorization: &'a Authorization,
    by: AuthenticatedApplication<'a>,
) -> Result<TokenBuilder<'a>, ProtocolError> {
    let GrantRequest { state, tenants, route, now, .. } = request;
    let tenant =
        tenants.directory.tenant(&authorization.tenant).ok_or_else(ProtocolError::other_tenant)?;
    if !route.authority.admits(tenant) {
        return Err(ProtocolError::other_tenant());
    }
    let user =
        tenants.directory.user(&authorization.user).ok_or_else(ProtocolError::other_tenant)?;
    Ok(TokenBuilder {
        state,
        tenants,
        authorization,
        tenant,
        user,
        application: by.application,
        credential: by.credential,
        client_info: request.wants_client_info(),
        now,
    })
}
