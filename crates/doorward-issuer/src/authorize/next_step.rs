use super::{
    authorization_request::{AuthorizationRequest, Prompt},
    context::Context,
    session::Session,
};
use crate::{
    authorization_store::SignedInUser,
    directory::{Api, CONSUMERS, ScopeOfApi, User},
    grant::{DEFAULT, is_granted, may_be_granted_by_user},
    protocol::{Protocol, ProtocolError},
};

/// The form fields of a page, and the user who signed in on the page before.
#[derive(Clone, Debug, Default)]
pub(super) struct PageInput {
    pub(super) cancelled: bool,
    pub(super) username: Option<String>,
    pub(super) consented: bool,
    pub(super) user: Option<SignedInUser>,
}

/// The next step of an authorization request.
pub(super) enum NextStep<'a> {
    /// `unknown` is the name that was sent before, if no user has it.
    SignIn {
        unknown: Option<String>,
    },
    Consent {
        user: &'a User,
        signed_in: SignedInUser,
        scopes: Vec<(&'a Api, &'a ScopeOfApi)>,
    },
    Done {
        user: &'a User,
        signed_in: SignedInUser,
    },
}

/// Decides on the next step, in the order sign-in, consent, done.
pub(super) fn next<'a>(
    context: Context<'a>,
    session: &Session,
    request: &AuthorizationRequest<'a>,
    input: &PageInput,
) -> Result<NextStep<'a>, ProtocolError> {
    if input.cancelled {
        let at_consent = input.user.is_some();
        return Err(if at_consent {
            ProtocolError::user_declined()
        } else {
            ProtocolError::user_cancelled()
        });
    }
    let Some((user, signed_in)) = signed_in_user(context, session, request, input)? else {
        return Ok(NextStep::SignIn { unknown: input.username.clone() });
    };
    let mut scopes = missing_consents(context, request, user)?;
    if request.prompt == Prompt::Consent {
        scopes = all_scopes(context.route.protocol, request);
    }
    let automatic = context.tenants.signs_in_automatically() && request.prompt != Prompt::None;
    if scopes.is_empty() || input.consented || automatic {
        for (api, scope) in scopes {
            context.tenants.store.add_consent(user, request.application, api, &scope.name);
        }
        return Ok(NextStep::Done { user, signed_in });
    }
    match request.prompt {
        Prompt::None => Err(ProtocolError::interaction_required()),
        _ => Ok(NextStep::Consent { user, signed_in, scopes }),
    }
}

/// Returns the user, or `None` if the user has to choose one.
fn signed_in_user<'a>(
    context: Context<'a>,
    session: &Session,
    request: &AuthorizationRequest<'_>,
    input: &PageInput,
) -> Result<Option<(&'a User, SignedInUser)>, ProtocolError> {
    let directory = &context.tenants.directory;
    if let Some(signed) = &input.user {
        let user = directory.user(&signed.user).ok_or_else(ProtocolError::no_session)?;
        return Ok(Some((user, signed.clone())));
    }
    let new_sign_in = |user: &'a User| {
        Some((user, SignedInUser { user: user.id.clone(), signed_in_at: context.trace.now }))
    };
    if let Some(username) = &input.username {
        return Ok(user_named(context, username).and_then(new_sign_in));
    }
    let sessions = session.users(&context.tenants.store);
    let mut matching: Vec<(&User, SignedInUser)> = sessions
        .into_iter()
        .filter_map(|signed| Some((directory.user(&signed.user)?, signed)))
        .filter(|(user, _)| may_sign_in(context, user) && matches_hints(context, request, user))
        .collect();
    let only = if matching.len() == 1 { matching.pop() } else { None };
    match request.prompt {
        Prompt::None => only.map(Some).ok_or_else(ProtocolError::login_required),
        _ if context.tenants.signs_in_automatically() => {
            if request.prompt != Prompt::Login && only.is_some() {
                return Ok(only);
            }
            match &request.login_hint {
                Some(hint) => {
                    let user = user_named(context, hint)
                        .ok_or_else(|| ProtocolError::unknown_user(hint))?;
                    Ok(new_sign_in(user))
                }
                None => {
                    let first = users(context).find(|user| matches_hints(context, request, user));
                    first
                        .map(new_sign_in)
                        .ok_or_else(|| ProtocolError::unknown_user("of that domain"))
                }
            }
        }
        Prompt::Login | Prompt::SelectAccount => Ok(None),
        Prompt::AsNeeded | Prompt::Consent => Ok(only),
    }
}

/// Returns the users who may sign in at this authority.
pub(super) fn users<'a>(context: Context<'a>) -> impl Iterator<Item = &'a User> {
    context.tenants.directory.users.iter().filter(move |user| may_sign_in(context, user))
}

fn may_sign_in(context: Context<'_>, user: &User) -> bool {
    let home = context.tenants.directory.tenant(&user.tenant);
    home.is_some_and(|home| context.route.authority.admits(home))
}

fn user_named<'a>(context: Context<'a>, username: &str) -> Option<&'a User> {
    users(context).find(|user| user.username.eq_ignore_ascii_case(username.trim()))
}

/// Returns whether a user matches `login_hint` and `domain_hint`, if the request has them. A domain hint
/// is a domain, the `tid` of an earlier token, `organizations` or `consumers`.
fn matches_hints(context: Context<'_>, request: &AuthorizationRequest<'_>, user: &User) -> bool {
    let home = context.tenants.directory.tenant(&user.tenant);
    let is_home = |hint: &str| {
        home.is_some_and(|home| match hint {
            "consumers" => home.id == CONSUMERS,
            "organizations" => home.id != CONSUMERS,
            name => home.is_named(name),
        })
    };
    let username = request.login_hint.as_deref();
    username.is_none_or(|username| user.username.eq_ignore_ascii_case(username))
        && request.domain_hint.as_deref().is_none_or(is_home)
}

/// Returns the scopes that need the user's consent, which only v2 asks for. Rejects scopes that only an
/// administrator may grant.
fn missing_consents<'a>(
    context: Context<'a>,
    request: &AuthorizationRequest<'a>,
    user: &User,
) -> Result<Vec<(&'a Api, &'a ScopeOfApi)>, ProtocolError> {
    let protocol = context.route.protocol;
    let store = &context.tenants.store;
    let mut missing = Vec::new();
    for (api, scope) in all_scopes(protocol, request) {
        if is_granted(store, protocol, request.application, user, api, &scope.name) {
            continue;
        }
        if !may_be_granted_by_user(protocol, api, &scope.name) {
            return Err(ProtocolError::admin_consent_required(&scope.name));
        }
        missing.push((api, scope));
    }
    Ok(missing)
}

fn all_scopes<'a>(
    protocol: Protocol,
    request: &AuthorizationRequest<'a>,
) -> Vec<(&'a Api, &'a ScopeOfApi)> {
    if protocol != Protocol::V2 {
        return Vec::new();
    }
    let resources = request.requested.resources.iter();
    let scopes = resources.flat_map(|requested| {
        let names = requested.scopes.iter().filter(|name| *name != DEFAULT);
        names.filter_map(|name| Some((requested.api, requested.api.scope(name)?)))
    });
    scopes.collect()
}
