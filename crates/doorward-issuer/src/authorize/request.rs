use super::{
    delivery::{Delivery, Mode},
    pkce::Challenge,
    response_type::ResponseType,
};
use crate::{
    directory::{Application, Platform},
    form::Form,
    grant::Asked,
    system::{Place, Refusal, System},
    tenant_token::find_application,
    world::World,
};

/// An authorization request that can be answered (RFC 6749 §4.1.1, OpenID Connect Core 1.0 §3.1.2.1).
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) application: &'a Application,
    pub(crate) platform: Platform,
    pub(crate) delivery: Delivery,
    pub(crate) response_type: ResponseType,
    pub(crate) asked: Asked<'a>,
    pub(crate) scope: String,
    pub(crate) resource: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) login_hint: Option<String>,
    pub(crate) domain_hint: Option<String>,
    pub(crate) prompt: Prompt,
    pub(crate) challenge: Option<Challenge>,
}

/// What the user is to be asked (OpenID Connect Core 1.0 §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// What has to be asked and no more.
    #[default]
    AsNeeded,
    None,
    Login,
    Consent,
    SelectAccount,
}

/// A request that cannot be answered, and who is told.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The person, because nobody knows where an answer may go.
    OnPage(Refusal),
    ToApplication(Delivery, Refusal),
}

impl Refused {
    pub(crate) fn into_inner(self) -> Refusal {
        match self {
            Self::OnPage(refusal) | Self::ToApplication(_, refusal) => refusal,
        }
    }
}

impl<'a> Request<'a> {
    pub(crate) fn read(world: &'a World, place: &Place<'_>, form: &Form) -> Result<Self, Refused> {
        let (application, platform, redirect_uri) =
            destination(world, place, form).map_err(Refused::OnPage)?;
        let state = form.get("state").map(str::to_owned);
        let asked_mode = mode(form.get("response_mode"));
        let response_type = form
            .get("response_type")
            .ok_or_else(|| Refusal::missing("response_type"))
            .and_then(|text| ResponseType::read(place.system, application, text));
        let has_token = response_type.as_ref().is_ok_and(|wanted| wanted.has_token());
        // A token never stands in a query, and neither does the refusal of one.
        let mode = match asked_mode {
            Ok(Some(mode)) if mode != Mode::Query || !has_token => mode,
            _ if has_token => Mode::Fragment,
            _ => Mode::Query,
        };
        let delivery = Delivery { redirect_uri, mode, state };
        let read = || {
            let response_type = response_type.clone()?;
            if asked_mode.clone()? == Some(Mode::Query) && has_token {
                return Err(Refusal::bad_response_mode("query"));
            }
            let request = Self {
                application,
                platform,
                delivery: delivery.clone(),
                response_type,
                asked: asked(world, place.system, application, form)?,
                scope: scope(place.system, form).to_owned(),
                resource: form.get("resource").map(str::to_owned),
                nonce: form.get("nonce").map(str::to_owned),
                login_hint: form.get("login_hint").map(str::to_owned),
                domain_hint: form.get("domain_hint").map(str::to_owned),
                prompt: prompt(form.get("prompt"))?,
                challenge: Challenge::read(form)?,
            };
            request.check(place.system)?;
            Ok(request)
        };
        read().map_err(|refusal| Refused::ToApplication(delivery.clone(), refusal))
    }

    fn check(&self, system: System) -> Result<(), Refusal> {
        let wanted = self.response_type;
        if wanted.id_token && !self.asked.openid {
            return Err(Refusal::openid_missing());
        }
        if wanted.id_token && self.nonce.is_none() {
            return Err(Refusal::missing("nonce"));
        }
        if wanted.token && self.asked.resources.is_empty() {
            return Err(Refusal::resource_scope_missing());
        }
        if wanted.code && self.platform == Platform::Spa && self.challenge.is_none() {
            return Err(Refusal::pkce_required());
        }
        let asks_nothing = self.asked.resources.is_empty() && !self.asked.openid;
        if asks_nothing && system != System::V1 {
            return Err(Refusal::missing("scope"));
        }
        Ok(())
    }
}

/// Returns the application and where it may be answered.
fn destination<'a>(
    world: &'a World,
    place: &Place<'_>,
    form: &Form,
) -> Result<(&'a Application, Platform, String), Refusal> {
    let client_id = form.get("client_id").ok_or_else(|| Refusal::missing("client_id"))?;
    let application = find_application(world, place, client_id)?;
    let named = match (form.get("redirect_uri"), application.redirect_uris.as_slice()) {
        (Some(named), _) => named,
        (None, [only]) => &only.uri,
        (None, _) => return Err(Refusal::missing("redirect_uri")),
    };
    let registered =
        application.redirect_uri(named).ok_or_else(|| Refusal::wrong_redirect_uri(named))?;
    Ok((application, registered.platform, named.to_owned()))
}

/// Returns the mode that is named, if one is.
fn mode(text: Option<&str>) -> Result<Option<Mode>, Refusal> {
    match text {
        None => Ok(None),
        Some("query") => Ok(Some(Mode::Query)),
        Some("fragment") => Ok(Some(Mode::Fragment)),
        Some("form_post") => Ok(Some(Mode::FormPost)),
        Some(_) => Err(Refusal::bad_value("response_mode")),
    }
}

/// v1 asks by `resource` and pays no heed to `scope`.
fn asked<'a>(
    world: &'a World,
    system: System,
    application: &Application,
    form: &Form,
) -> Result<Asked<'a>, Refusal> {
    if system == System::V1 {
        return Asked::of_resource(&world.directory, form.get("resource"));
    }
    Asked::read(&world.directory, system, application, scope(system, form))
}

fn scope(system: System, form: &Form) -> &str {
    if system == System::V1 { "" } else { form.get("scope").unwrap_or_default() }
}

fn prompt(text: Option<&str>) -> Result<Prompt, Refusal> {
    match text {
        None => Ok(Prompt::AsNeeded),
        Some("none") => Ok(Prompt::None),
        Some("login") => Ok(Prompt::Login),
        Some("consent") => Ok(Prompt::Consent),
        Some("select_account") => Ok(Prompt::SelectAccount),
        Some(other) => Err(Refusal::bad_prompt(other)),
    }
}
