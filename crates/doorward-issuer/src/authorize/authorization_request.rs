use super::{
    response_target::{ResponseMode, ResponseTarget},
    response_type::ResponseType,
};
use crate::{
    directory::{Application, Platform},
    form::Form,
    grant::RequestedAccess,
    pkce::Challenge,
    protocol::{Protocol, ProtocolError, Route},
    tenant_state::TenantState,
};

/// A valid authorization request (RFC 6749 §4.1.1, OpenID Connect Core 1.0 §3.1.2.1).
#[derive(Clone, Debug)]
pub(super) struct AuthorizationRequest<'a> {
    pub(super) application: &'a Application,
    pub(super) platform: Platform,
    pub(super) target: ResponseTarget,
    pub(super) response_type: ResponseType,
    pub(super) requested: RequestedAccess<'a>,
    pub(super) scope: String,
    pub(super) resource: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) login_hint: Option<String>,
    pub(super) domain_hint: Option<String>,
    pub(super) prompt: Prompt,
    pub(super) challenge: Option<Challenge>,
}

/// The `prompt` parameter (OpenID Connect Core 1.0 §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Prompt {
    /// The user signs in and consents only if necessary.
    #[default]
    AsNeeded,
    None,
    Login,
    Consent,
    SelectAccount,
}

/// The error of an invalid request, and who receives it.
#[derive(Debug)]
pub(super) enum RequestError {
    /// A page for the user, because the application or its redirect URI is unknown.
    Page(ProtocolError),
    Redirect(ResponseTarget, ProtocolError),
}

impl RequestError {
    pub(super) fn into_inner(self) -> ProtocolError {
        match self {
            Self::Page(error) | Self::Redirect(_, error) => error,
        }
    }
}

impl<'a> AuthorizationRequest<'a> {
    pub(super) fn parse(
        tenants: &'a TenantState,
        route: &Route<'_>,
        form: &Form,
    ) -> Result<Self, RequestError> {
        let (application, platform, redirect_uri) =
            application(tenants, route, form).map_err(RequestError::Page)?;
        let state = form.get("state").map(str::to_owned);
        let requested_mode = mode(form.get("response_mode"));
        let response_type = form
            .get("response_type")
            .ok_or_else(|| ProtocolError::missing("response_type"))
            .and_then(|text| ResponseType::parse(route.protocol, application, text));
        let has_token = response_type.as_ref().is_ok_and(|wanted| wanted.has_token());
        // Tokens are never sent in a query, and neither is the error of a request for one.
        let mode = match requested_mode {
            Ok(Some(mode)) if mode != ResponseMode::Query || !has_token => mode,
            _ if has_token => ResponseMode::Fragment,
            _ => ResponseMode::Query,
        };
        let target = ResponseTarget { redirect_uri, mode, state };
        let parse = || {
            let response_type = response_type.clone()?;
            if requested_mode.clone()? == Some(ResponseMode::Query) && has_token {
                return Err(ProtocolError::bad_response_mode("query"));
            }
            let request = Self {
                application,
                platform,
                target: target.clone(),
                response_type,
                requested: requested(tenants, route.protocol, application, form)?,
                scope: scope(route.protocol, form).to_owned(),
                resource: form.get("resource").map(str::to_owned),
                nonce: form.get("nonce").map(str::to_owned),
                login_hint: form.get("login_hint").map(str::to_owned),
                domain_hint: form.get("domain_hint").map(str::to_owned),
                prompt: prompt(form.get("prompt"))?,
                challenge: Challenge::parse(form)?,
            };
            request.check(route.protocol)?;
            Ok(request)
        };
        parse().map_err(|error| RequestError::Redirect(target.clone(), error))
    }

    fn check(&self, protocol: Protocol) -> Result<(), ProtocolError> {
        let wanted = self.response_type;
        if wanted.id_token && !self.requested.openid {
            return Err(ProtocolError::openid_missing());
        }
        if wanted.id_token && self.nonce.is_none() {
            return Err(ProtocolError::missing("nonce"));
        }
        if wanted.token && self.requested.resources.is_empty() {
            return Err(ProtocolError::resource_scope_missing());
        }
        if wanted.code && self.platform == Platform::Spa && self.challenge.is_none() {
            return Err(ProtocolError::pkce_required());
        }
        let is_empty = self.requested.resources.is_empty() && !self.requested.openid;
        if is_empty && protocol != Protocol::V1 {
            return Err(ProtocolError::missing("scope"));
        }
        Ok(())
    }
}

/// Returns the application, and the redirect URI with its platform.
fn application<'a>(
    tenants: &'a TenantState,
    route: &Route<'_>,
    form: &Form,
) -> Result<(&'a Application, Platform, String), ProtocolError> {
    let client_id = form.get("client_id").ok_or_else(|| ProtocolError::missing("client_id"))?;
    let application = route.authority.application(&tenants.directory, client_id)?;
    let named = match (form.get("redirect_uri"), application.redirect_uris.as_slice()) {
        (Some(named), _) => named,
        (None, [only]) => &only.uri,
        (None, _) => return Err(ProtocolError::missing("redirect_uri")),
    };
    let registered =
        application.redirect_uri(named).ok_or_else(|| ProtocolError::wrong_redirect_uri(named))?;
    Ok((application, registered.platform, named.to_owned()))
}

/// Parses the `response_mode`.
fn mode(text: Option<&str>) -> Result<Option<ResponseMode>, ProtocolError> {
    match text {
        None => Ok(None),
        Some("query") => Ok(Some(ResponseMode::Query)),
        Some("fragment") => Ok(Some(ResponseMode::Fragment)),
        Some("form_post") => Ok(Some(ResponseMode::FormPost)),
        Some(_) => Err(ProtocolError::bad_value("response_mode")),
    }
}

/// Returns what the request asks for: in v1 by `resource`, in the others by `scope`.
fn requested<'a>(
    tenants: &'a TenantState,
    protocol: Protocol,
    application: &Application,
    form: &Form,
) -> Result<RequestedAccess<'a>, ProtocolError> {
    if protocol == Protocol::V1 {
        return RequestedAccess::from_resource(&tenants.directory, form.get("resource"));
    }
    RequestedAccess::parse(&tenants.directory, protocol, application, scope(protocol, form))
}

fn scope(protocol: Protocol, form: &Form) -> &str {
    if protocol == Protocol::V1 { "" } else { form.get("scope").unwrap_or_default() }
}

fn prompt(text: Option<&str>) -> Result<Prompt, ProtocolError> {
    match text {
        None => Ok(Prompt::AsNeeded),
        Some("none") => Ok(Prompt::None),
        Some("login") => Ok(Prompt::Login),
        Some("consent") => Ok(Prompt::Consent),
        Some("select_account") => Ok(Prompt::SelectAccount),
        Some(other) => Err(ProtocolError::bad_prompt(other)),
    }
}
