use super::{
    Visit,
    browser::Browser,
    request::{Prompt, Request},
};
use crate::{
    directory::{Api, CONSUMERS, ScopeOfApi, User},
    grant::{DEFAULT, Signed, agreed, may_be_agreed_by_user},
    system::{Refusal, System},
};

/// What a person has said on a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Decision {
    pub(super) cancelled: bool,
    pub(super) username: Option<String>,
    pub(super) agreed: bool,
    /// Who signed in on an earlier page.
    pub(super) user: Option<Signed>,
}

/// What comes next.
pub(super) enum Step<'a> {
    /// `unknown` is the name of nobody that the person has typed before.
    SignIn {
        unknown: Option<String>,
    },
    Consent {
        user: &'a User,
        signed: Signed,
        scopes: Vec<(&'a Api, &'a ScopeOfApi)>,
    },
    Done {
        user: &'a User,
        signed: Signed,
    },
}

/// Decides whom to ask what, in the order sign-in, consent, done.
pub(super) fn next<'a>(
    visit: Visit<'a>,
    browser: &Browser,
    request: &Request<'a>,
    decision: &Decision,
) -> Result<Step<'a>, Refusal> {
    if decision.cancelled {
        let at_consent = decision.user.is_some();
        return Err(if at_consent { Refusal::user_declined() } else { Refusal::user_cancelled() });
    }
    let Some((user, signed)) = who(visit, browser, request, decision)? else {
        return Ok(Step::SignIn { unknown: decision.username.clone() });
    };
    let mut scopes = to_agree(visit, request, user)?;
    if request.prompt == Prompt::Consent {
        scopes = all_scopes(visit.place.system, request);
    }
    let automatic = visit.world.signs_in_automatically() && request.prompt != Prompt::None;
    if scopes.is_empty() || decision.agreed || automatic {
        for (api, scope) in scopes {
            visit.world.memory.consent(user, request.application, api, &scope.name);
        }
        return Ok(Step::Done { user, signed });
    }
    match request.prompt {
        Prompt::None => Err(Refusal::interaction_required()),
        _ => Ok(Step::Consent { user, signed, scopes }),
    }
}

/// Returns the user, or `None` where a person has to say.
fn who<'a>(
    visit: Visit<'a>,
    browser: &Browser,
    request: &Request<'_>,
    decision: &Decision,
) -> Result<Option<(&'a User, Signed)>, Refusal> {
    let directory = &visit.world.directory;
    if let Some(signed) = &decision.user {
        let user = directory.user(&signed.user).ok_or_else(Refusal::no_session)?;
        return Ok(Some((user, signed.clone())));
    }
    let fresh =
        |user: &'a User| Some((user, Signed { user: user.id.clone(), at: visit.incident.now }));
    if let Some(username) = &decision.username {
        return Ok(named(visit, username).and_then(fresh));
    }
    let sessions = browser.signed(&visit.world.memory);
    let mut here: Vec<(&User, Signed)> = sessions
        .into_iter()
        .filter_map(|signed| Some((directory.user(&signed.user)?, signed)))
        .filter(|(user, _)| may_sign_in(visit, user) && is_hinted(visit, request, user))
        .collect();
    let only = if here.len() == 1 { here.pop() } else { None };
    match request.prompt {
        Prompt::None => only.map(Some).ok_or_else(Refusal::login_required),
        _ if visit.world.signs_in_automatically() => {
            if request.prompt != Prompt::Login && only.is_some() {
                return Ok(only);
            }
            match &request.login_hint {
                Some(hint) => {
                    let user = named(visit, hint).ok_or_else(|| Refusal::unknown_user(hint))?;
                    Ok(fresh(user))
                }
                None => {
                    let first = users(visit).find(|user| is_hinted(visit, request, user));
                    first.map(fresh).ok_or_else(|| Refusal::unknown_user("of that domain"))
                }
            }
        }
        Prompt::Login | Prompt::SelectAccount => Ok(None),
        Prompt::AsNeeded | Prompt::Consent => Ok(only),
    }
}

/// Returns the users who may sign in at this authority.
pub(super) fn users<'a>(visit: Visit<'a>) -> impl Iterator<Item = &'a User> {
    visit.world.directory.users.iter().filter(move |user| may_sign_in(visit, user))
}

fn may_sign_in(visit: Visit<'_>, user: &User) -> bool {
    let home = visit.world.directory.tenant(&user.tenant);
    home.is_some_and(|home| visit.place.authority.admits(home))
}

fn named<'a>(visit: Visit<'a>, username: &str) -> Option<&'a User> {
    users(visit).find(|user| user.username.eq_ignore_ascii_case(username.trim()))
}

/// Tells whether a user is the one of `login_hint` and at home where `domain_hint` says, where the
/// request has them. A hint is a domain, the `tid` of an earlier token, `organizations` or
/// `consumers`.
fn is_hinted(visit: Visit<'_>, request: &Request<'_>, user: &User) -> bool {
    let home = visit.world.directory.tenant(&user.tenant);
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

/// Returns what the user has to agree to, which happens in v2 alone; refuses what is not the user's to
/// give.
fn to_agree<'a>(
    visit: Visit<'a>,
    request: &Request<'a>,
    user: &User,
) -> Result<Vec<(&'a Api, &'a ScopeOfApi)>, Refusal> {
    let system = visit.place.system;
    let memory = &visit.world.memory;
    let mut open = Vec::new();
    for (api, scope) in all_scopes(system, request) {
        if agreed(memory, system, request.application, user, api, &scope.name) {
            continue;
        }
        if !may_be_agreed_by_user(system, api, &scope.name) {
            return Err(Refusal::admin_consent_required(&scope.name));
        }
        open.push((api, scope));
    }
    Ok(open)
}

fn all_scopes<'a>(system: System, request: &Request<'a>) -> Vec<(&'a Api, &'a ScopeOfApi)> {
    if system != System::V2 {
        return Vec::new();
    }
    let resources = request.asked.resources.iter();
    let scopes = resources.flat_map(|asked| {
        let names = asked.scopes.iter().filter(|name| *name != DEFAULT);
        names.filter_map(|name| Some((asked.api, asked.api.scope(name)?)))
    });
    scopes.collect()
}
