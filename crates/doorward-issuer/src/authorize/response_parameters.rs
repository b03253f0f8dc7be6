use super::{authorization_request::AuthorizationRequest, context::Context};
use crate::{
    authorization_store::{Authorization, Code, SignedInUser},
    directory::User,
    grant::{TokenBuilder, granted},
    protocol::{Protocol, ProtocolError, access_token::LIFETIME},
};

/// The lifetime of a code, in seconds.
const CODE_LIFETIME: i64 = 600;

/// Creates the parameters of the authorization response: the code and the tokens.
pub(super) fn create(
    context: Context<'_>,
    request: &AuthorizationRequest<'_>,
    user: &User,
    signed_in: &SignedInUser,
) -> Result<Vec<(&'static str, String)>, ProtocolError> {
    let Context { state, tenants, route, trace } = context;
    let tenant = tenants.directory.tenant(&user.tenant).ok_or_else(ProtocolError::internal)?;
    let authorization = Authorization {
        protocol: route.protocol,
        tenant: tenant.id.clone(),
        policy: route.policy.map(str::to_owned),
        user: user.id.clone(),
        client_id: request.application.id.clone(),
        platform: request.platform,
        scope: request.scope.clone(),
        resource: request.resource.clone(),
        nonce: request.nonce.clone(),
        signed_in_at: signed_in.signed_in_at,
    };
    check_granted(context, request, user)?;
    let builder = TokenBuilder {
        state,
        tenants,
        authorization: &authorization,
        tenant,
        user,
        application: request.application,
        credential: "0",
        client_info: false,
        now: trace.now,
    };
    let wanted = request.response_type;
    let mut parameters = Vec::new();
    let code = if wanted.code {
        Some(tenants.store.codes.insert(Code {
            authorization: authorization.clone(),
            redirect_uri: request.target.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            expires: trace.now.saturating_add(CODE_LIFETIME),
            redeemed: false,
        })?)
    } else {
        None
    };
    let issued = match request.requested.resources.first() {
        Some(resource) if wanted.token => Some(builder.access_token(resource)?),
        _ => None,
    };
    if let Some(code) = &code {
        parameters.push(("code", code.clone()));
    }
    if wanted.id_token {
        let access_token = issued.as_ref().map(|issued| issued.token.as_str());
        parameters.push(("id_token", builder.id_token(code.as_deref(), access_token)?));
    }
    if let Some(issued) = issued {
        parameters.push(("access_token", issued.token));
        parameters.push(("token_type", "Bearer".to_owned()));
        parameters.push(("expires_in", LIFETIME.saturating_sub(1).to_string()));
        parameters.push(("scope", issued.scope));
    }
    Ok(parameters)
}

/// Rejects a request of which nothing is granted in v1 and B2C. There only an administrator grants scopes,
/// so the token request would fail as well.
fn check_granted(
    context: Context<'_>,
    request: &AuthorizationRequest<'_>,
    user: &User,
) -> Result<(), ProtocolError> {
    let protocol = context.route.protocol;
    if !matches!(protocol, Protocol::V1 | Protocol::B2c) {
        return Ok(());
    }
    for requested in &request.requested.resources {
        let own = requested.api.id.eq_ignore_ascii_case(&request.application.id);
        let store = &context.tenants.store;
        let granted =
            granted(store, protocol, request.application, user, requested.api, &requested.scopes);
        if granted.is_empty() && !own {
            return Err(match protocol {
                Protocol::V1 => ProtocolError::not_permitted(&requested.identifier),
                _ => ProtocolError::nothing_granted(),
            });
        }
    }
    Ok(())
}
