use super::{DEFAULT, Memory};
use crate::{
    directory::{Api, Application, User},
    system::System,
};

/// Returns those of the asked scopes that the user or an administrator has granted, each once and in
/// the order asked; `.default` is all of them.
pub(crate) fn granted(
    memory: &Memory,
    system: System,
    application: &Application,
    user: &User,
    api: &Api,
    asked: &[String],
) -> Vec<String> {
    let is_granted = |scope: &str| agreed(memory, system, application, user, api, scope);
    let mut granted: Vec<String> = Vec::new();
    for scope in asked {
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

/// Tells whether a scope that exists is granted. In B2C an administrator alone grants, and so in v1,
/// where what users have agreed to in v2 counts too; plain OpenID Connect has nothing to agree to.
pub(crate) fn agreed(
    memory: &Memory,
    system: System,
    application: &Application,
    user: &User,
    api: &Api,
    scope: &str,
) -> bool {
    let Some(known) = api.scope(scope) else {
        return false;
    };
    application.is_permitted(api, &known.name)
        || match system {
            System::Oidc => !known.admin_only,
            System::V1 | System::V2 => memory.has_consent(user, application, api, &known.name),
            System::B2c => false,
        }
}

/// Tells whether a user may grant a scope; those restricted to administrators are not theirs to give.
pub(crate) fn may_be_agreed_by_user(system: System, api: &Api, scope: &str) -> bool {
    system == System::V2 && api.scope(scope).is_some_and(|scope| !scope.admin_only)
}
