use serde_json::Value;

use super::{
    Redemption,
    application_authentication::{Authenticated, authenticate},
    required, wants_client_info,
};
use crate::{
    grant::{Asked, Authorization, Code, Issue},
    system::{Refusal, System},
};

/// Redeems a code (RFC 6749 §4.1.3), once.
pub(super) fn redeem(redemption: Redemption<'_>) -> Result<Value, Refusal> {
    let Redemption { world, form, now, .. } = redemption;
    let name = required(form, "code")?;
    let code = world.memory.codes.read(name);
    let platform = code.as_ref().map(|code| code.authorization.platform);
    let authenticated = authenticate(redemption, None, platform)?;
    let code = code.ok_or_else(|| Refusal::bad_grant("code"))?;
    check(redemption, &code, authenticated)?;
    let mut authorization = code.authorization;
    if authorization.system == System::V1 {
        choose_resource(&mut authorization, form.get("resource"))?;
    }
    let asked = asked(redemption, &authorization, authenticated)?;
    let issue = issue(redemption, &authorization, authenticated)?;
    let answer = issue.answer(&asked, None)?;
    match world.memory.codes.change(name, |code| code.redeemed = true) {
        Some(before) if !before.redeemed && before.expires > now => Ok(answer),
        _ => Err(Refusal::redeemed_code()),
    }
}

fn check(redemption: Redemption<'_>, code: &Code, by: Authenticated<'_>) -> Result<(), Refusal> {
    let Redemption { place, form, now, .. } = redemption;
    let authorization = &code.authorization;
    let of_this_endpoint = authorization.system == place.system
        && authorization.policy.as_deref() == place.policy
        && authorization.client_id == by.application.id;
    if !of_this_endpoint || required(form, "redirect_uri")? != code.redirect_uri {
        return Err(Refusal::bad_grant("code"));
    }
    if code.redeemed {
        return Err(Refusal::redeemed_code());
    }
    if code.expires <= now {
        return Err(Refusal::expired_code());
    }
    match (&code.challenge, form.get("code_verifier")) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) => challenge.check(verifier),
        (None, Some(_)) | (Some(_), None) => Err(Refusal::bad_verifier()),
    }
}

/// In v1 the resource is named at either endpoint, and alike if at both.
fn choose_resource(authorization: &mut Authorization, named: Option<&str>) -> Result<(), Refusal> {
    match (&authorization.resource, named) {
        (Some(before), Some(now)) if before != now => return Err(Refusal::resource_mismatch()),
        (None, Some(now)) => authorization.resource = Some(now.to_owned()),
        _ => {}
    }
    Ok(())
}

/// Returns what the request asks for: scopes of one API, those of the authorization request unless
/// it names others.
fn asked<'a>(
    redemption: Redemption<'a>,
    authorization: &Authorization,
    by: Authenticated<'_>,
) -> Result<Asked<'a>, Refusal> {
    let directory = &redemption.world.directory;
    if authorization.system == System::V1 {
        return Asked::of_resource(directory, authorization.resource.as_deref());
    }
    let read = |scope| Asked::read(directory, authorization.system, by.application, scope);
    let authorized = read(&authorization.scope)?;
    let asked = match redemption.form.get("scope") {
        None => authorized.clone(),
        Some(scope) => read(scope)?,
    };
    if redemption.form.get("scope").is_some() && asked.resources.len() > 1 {
        return Err(Refusal::several_resources());
    }
    let resources = if asked.resources.is_empty() { authorized.resources } else { asked.resources };
    let Asked { openid, offline_access, .. } = authorized;
    let asked = Asked { openid, offline_access, resources };
    check_resource(redemption.form.get("resource"), &asked)?;
    Ok(asked)
}

/// In v2 a `resource` must be the one that the token will be for, to the letter.
pub(super) fn check_resource(resource: Option<&str>, asked: &Asked<'_>) -> Result<(), Refusal> {
    let first = asked.resources.first().map(|first| first.identifier.as_str());
    match resource {
        Some(_) if resource != first => Err(Refusal::resource_not_supported()),
        _ => Ok(()),
    }
}

/// Collects what tokens are made from; the user or the tenant may have no place here.
pub(super) fn issue<'a>(
    redemption: Redemption<'a>,
    authorization: &'a Authorization,
    by: Authenticated<'a>,
) -> Result<Issue<'a>, Refusal> {
    let Redemption { state, world, place, form, now, .. } = redemption;
    let tenant = world.directory.tenant(&authorization.tenant).ok_or_else(Refusal::other_tenant)?;
    if !place.authority.admits(tenant) {
        return Err(Refusal::other_tenant());
    }
    let user = world.directory.user(&authorization.user).ok_or_else(Refusal::other_tenant)?;
    Ok(Issue {
        state,
        world,
        authorization,
        tenant,
        user,
        application: by.application,
        credential: by.credential,
        client_info: wants_client_info(form),
        now,
    })
}
