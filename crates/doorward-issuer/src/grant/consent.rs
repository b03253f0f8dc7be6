use super::DEFAULT;
use crate::{
    authorization_store::AuthorizationStore,
    directory::{Api, Application, User},
    protocol::Protocol,
};

/// Returns those of the requested scopes that the user or an administrator has granted, each once and
/// in the order of the request. `.default` requests every scope of the API.
pub(crate) fn granted(
    store: &AuthorizationStore,
    protocol: Protocol,
    application: &Application,
    user: &User,
    api: &Api,
    requested: &[String],
) -> Vec<String> {
    let is_granted = |scope: &str| is_granted(store, protocol, application, user, api, scope);
    let mut granted: Vec<String> = Vec::new();
    for scope in requested {
        let all = api.scopes.iter().filter(|_| scope == DEFAULT).map(|scope| &scope.name);
        for scope in all.chain(Some(scope).filter(|scope| *scope != DEFAULT)) {
            let name = api.scope(scope).map(|scope| &scope.name).filter(|name| is_granted(name));
            if let Some(name) = name
                && !granted.contains(name)
            {
                granted.push(name.clone());
            }
        }
    }
    granted
}

/// Returns whether a scope is granted: in B2C by an administrator; in v1 and v2 by an administrator or by
/// the user's consent, which v2 alone asks for. OpenID Connect grants every scope that is not
/// `admin_only`.
pub(crate) fn is_granted(
    store: &AuthorizationStore,
    protocol: Protocol,
    application: &Application,
    user: &User,
    api: &Api,
    scope: &str,
) -> bool {
    let Some(known) = api.scope(scope) else {
        return false;
    };
    application.is_permitted(api, &known.name)
        || match protocol {
            Protocol::Oidc => !known.admin_only,
            Protocol::V1 | Protocol::V2 => store.has_consent(user, application, api, &known.name),
            Protocol::B2c => false,
        }
}

/// Returns whether a user may consent to a scope, which only an administrator may for `admin_only`.
pub(crate) fn may_be_granted_by_user(protocol: Protocol, api: &Api, scope: &str) -> bool {
    protocol == Protocol::V2 && api.scope(scope).is_some_and(|scope| !scope.admin_only)
}
