use serde_json::Value;

use super::{
    Redemption,
    application_authentication::authenticate,
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
        let read = |scope| Asked::read(directory, place.system, by.application, scope);
        let authorized = read(&authorization.scope)?;
        match form.get("scope") {
            None => authorized,
            Some(scope) => {
                let asked = read(scope)?;
                check_resource(form.get("resource"), &asked)?;
                let resources =
                    if asked.resources.is_empty() { authorized.resources } else { asked.resources };
                Asked { openid: asked.openid || authorized.openid, resources, ..asked }
            }
        }
    };
    asked.offline_access = true;
    let until = (authorization.platform == Platform::Spa).then_some(token.expires);
    issue(redemption, &authorization, by)?.answer(&asked, until)
}

/// A refresh token of Entra works in v1 and v2; one of B2C belongs to its policy.
fn is_of_this_endpoint(authorization: &Authorization, redemption: Redemption<'_>) -> bool {
    let entra = |system| matches!(system, System::V1 | System::V2);
    let (issued, here) = (authorization.system, redemption.place.system);
    (issued == here || entra(issued) && entra(here))
        && authorization.policy.as_deref() == redemption.place.policy
}
