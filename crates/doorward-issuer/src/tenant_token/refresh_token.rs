use serde_json::Value;

use super::{
    Redemption,
    application_authentication::{Authenticated, authenticate},
    authorization_code::{check_resource, issue},
    required,
};
use crate::{
    directory::Platform,
    grant::{Asked, Authorization},
    system::{Refusal, System},
};

/// Redeems a refresh token (RFC 6749 §6), for whichever API the client may call. Another refresh token
/// comes with the answer, and the one that was used stays good.
pub(super) fn redeem(redemption: Redemption<'_>) -> Result<Value, Refusal> {
    let Redemption { world, place, form, now, .. } = redemption;
    let found = world.memory.refresh_tokens.read(required(form, "refresh_token")?);
    let before = found.as_ref().map(|token| &token.authorization);
    let by = authenticate(
        redemption,
        before.map(|before| before.client_id.as_str()),
        before.map(|before| before.platform),
    )?;
    let token = found.ok_or_else(|| Refusal::bad_grant("refresh_token"))?;
    let mut authorization = token.authorization;
    if authorization.client_id != by.application.id
        || !is_of_this_endpoint(&authorization, redemption)
    {
        return Err(Refusal::bad_grant("refresh_token"));
    }
    if token.expires <= now {
        return Err(match authorization.platform {
            Platform::Spa => Refusal::expired_spa_token(),
            Platform::Web | Platform::Native => Refusal::expired_refresh_token(),
        });
    }
    authorization.system = place.system;
    let directory = &world.directory;
    let mut asked = if place.system == System::V1 {
        if let Some(resource) = form.get("resource") {
            authorization.resource = Some(resource.to_owned());
        }
        Asked::of_resource(directory, authorization.resource.as_deref())?
    } else {
        by_scope(redemption, &authorization, by)?
    };
    asked.offline_access = true;
    let until = (authorization.platform == Platform::Spa).then_some(token.expires);
    issue(redemption, &authorization, by)?.answer(&asked, until)
}

/// Returns what the request asks for by `scope`; without an API in it, what was authorized, be it by
/// the `resource` of v1.
fn by_scope<'a>(
    redemption: Redemption<'a>,
    authorization: &Authorization,
    by: Authenticated<'_>,
) -> Result<Asked<'a>, Refusal> {
    let Redemption { world, place, form, .. } = redemption;
    let read = |scope| Asked::read(&world.directory, place.system, by.application, scope);
    let authorized = match &authorization.resource {
        Some(resource) if authorization.scope.is_empty() => {
            Asked::of_resource(&world.directory, Some(resource))?
        }
        _ => read(&authorization.scope)?,
    };
    let mut asked = form.get("scope").map_or_else(|| Ok(authorized.clone()), read)?;
    asked.openid |= authorized.openid;
    if asked.resources.is_empty() {
        asked.resources = authorized.resources;
    }
    check_resource(form.get("resource"), &asked)?;
    Ok(asked)
}

/// A refresh token of Entra works in v1 and v2; one of B2C belongs to its policy.
fn is_of_this_endpoint(authorization: &Authorization, redemption: Redemption<'_>) -> bool {
    let entra = |system| matches!(system, System::V1 | System::V2);
    let (issued, here) = (authorization.system, redemption.place.system);
    (issued == here || entra(issued) && entra(here))
        && authorization.policy.as_deref() == redemption.place.policy
}
