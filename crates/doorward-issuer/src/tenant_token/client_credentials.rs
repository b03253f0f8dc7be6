use serde_json::Value;

use super::{Redemption, application_authentication::authenticate, required};
use crate::{
    directory::Api,
    grant::{DEFAULT, sign},
    system::{
        Refusal, System,
        answer::{self, Answer},
        claims::{Access, Actor, LIFETIME},
    },
};

/// Grants an application a token of its own (RFC 6749 §4.4), even without a role at the API.
pub(super) fn grant(redemption: Redemption<'_>) -> Result<Value, Refusal> {
    let Redemption { state, world, place, now, .. } = redemption;
    let tenant = place.authority.tenant().ok_or_else(Refusal::no_tenant_given)?;
    let by = authenticate(redemption, None, None)?;
    if by.credential == "0" {
        return Err(Refusal::no_credential());
    }
    let (api, identifier) = target(redemption)?;
    let access = Access {
        directory: &world.directory,
        url: &state.url,
        system: place.system,
        tenant,
        policy: place.policy,
        application: by.application,
        api,
        identifier,
        actor: Actor::Application,
        credential: by.credential,
        now,
    };
    let token = sign(state, |key_id| access.header(key_id), &access.claims()?)?;
    let resource = match place.system {
        System::V1 => Some(identifier.to_owned()),
        System::B2c => Some(api.id.clone()),
        System::V2 | System::Oidc => None,
    };
    let answer = Answer { access_token: Some(token), resource, ..Answer::default() };
    Ok(answer::answer(place.system, answer, now, LIFETIME))
}

/// Returns the API and how the request names it: by `resource` in v1, by `{identifier}/.default` in
/// v2 and B2C, and either way elsewhere.
fn target(redemption: Redemption<'_>) -> Result<(&Api, &str), Refusal> {
    let Redemption { world, place, form, .. } = redemption;
    let resource = form.get("resource");
    let by_resource = match place.system {
        System::V1 => true,
        System::Oidc => resource.is_some(),
        System::V2 | System::B2c => false,
    };
    let identifier = if by_resource {
        required(form, "resource")?
    } else {
        let scope = required(form, "scope")?;
        match scope.rsplit_once('/') {
            Some((identifier, DEFAULT)) if !scope.contains(' ') => identifier,
            _ => return Err(Refusal::not_default_scope(scope)),
        }
    };
    if !by_resource && resource.is_some_and(|resource| resource != identifier) {
        return Err(Refusal::resource_not_supported());
    }
    let api = world.directory.api(identifier);
    Ok((api.ok_or_else(|| Refusal::unknown_resource(identifier))?, identifier))
}
