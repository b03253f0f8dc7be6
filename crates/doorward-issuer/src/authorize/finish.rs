use super::{Visit, request::Request};
use crate::{
    directory::User,
    grant::{Authorization, Code, Issue, Signed, granted},
    system::{Refusal, System, claims::LIFETIME},
};

/// How long a code can be redeemed, in seconds.
const CODE_LIFETIME: i64 = 600;

/// Makes what the application asked for: the parameters of the answer.
pub(super) fn finish(
    visit: Visit<'_>,
    request: &Request<'_>,
    user: &User,
    signed: &Signed,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    let Visit { state, world, place, incident } = visit;
    let tenant = world.directory.tenant(&user.tenant).ok_or_else(Refusal::internal)?;
    let authorization = Authorization {
        system: place.system,
        tenant: tenant.id.clone(),
        policy: place.policy.map(str::to_owned),
        user: user.id.clone(),
        client_id: request.application.id.clone(),
        platform: request.platform,
        scope: request.scope.clone(),
        resource: request.resource.clone(),
        nonce: request.nonce.clone(),
        signed_in_at: signed.at,
    };
    check_granted(visit, request, user)?;
    let issue = Issue {
        state,
        world,
        authorization: &authorization,
        tenant,
        user,
        application: request.application,
        credential: "0",
        client_info: false,
        now: incident.now,
    };
    let wanted = request.response_type;
    let mut parameters = Vec::new();
    let code = if wanted.code {
        Some(world.memory.codes.put(Code {
            authorization: authorization.clone(),
            redirect_uri: request.delivery.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            expires: incident.now.saturating_add(CODE_LIFETIME),
            redeemed: false,
        })?)
    } else {
        None
    };
    let issued = match request.asked.resources.first() {
        Some(resource) if wanted.token => Some(issue.access_token(resource)?),
        _ => None,
    };
    if let Some(code) = &code {
        parameters.push(("code", code.clone()));
    }
    if wanted.id_token {
        let access_token = issued.as_ref().map(|issued| issued.token.as_str());
        parameters.push(("id_token", issue.id_token(code.as_deref(), access_token)?));
    }
    if let Some(issued) = issued {
        parameters.push(("access_token", issued.token));
        parameters.push(("token_type", "Bearer".to_owned()));
        parameters.push(("expires_in", LIFETIME.saturating_sub(1).to_string()));
        parameters.push(("scope", issued.scope));
    }
    Ok(parameters)
}

/// Refuses at once what no token request could mend: an administrator alone grants scopes in v1 and
/// B2C, and none of the asked ones is granted.
fn check_granted(visit: Visit<'_>, request: &Request<'_>, user: &User) -> Result<(), Refusal> {
    let system = visit.place.system;
    if !matches!(system, System::V1 | System::B2c) {
        return Ok(());
    }
    for asked in &request.asked.resources {
        let own = asked.api.id.eq_ignore_ascii_case(&request.application.id);
        let memory = &visit.world.memory;
        let granted = granted(memory, system, request.application, user, asked.api, &asked.scopes);
        if granted.is_empty() && !own {
            return Err(match system {
                System::V1 => Refusal::not_permitted(&asked.identifier),
                _ => Refusal::nothing_granted(),
            });
        }
    }
    Ok(())
}
