//! The authorization endpoint of the tenants (RFC 6749 §3.1), for each
//! [`Protocol`](crate::protocol::Protocol).
//!
//! A query comes in and becomes an [`AuthorizationRequest`]. Then the user signs in and consents, on
//! pages or automatically ([`next_step`]), and a code, tokens or an error go to the application
//! ([`response_target`]). An error is shown on a page where the application and its redirect URI are
//! unknown (RFC 6749 §4.1.2.1).

mod authorization_request;
mod context;
mod next_step;
mod page;
mod response_parameters;
mod response_target;
mod response_type;
mod session;

use axum::{
    http::{
        HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, SET_COOKIE},
    },
    response::{IntoResponse as _, Response},
};

use self::{
    authorization_request::{AuthorizationRequest, RequestError},
    context::Context,
    next_step::{NextStep, PageInput},
    page::{Account, ConsentPage, RequestedScope, SignInPage},
    response_target::ResponseTarget,
    session::Session,
};
use crate::{
    authorization_store::PendingRequest,
    directory::{Api, ScopeOfApi, User},
    form::Form,
    protocol::{ProtocolError, RequestTrace},
    tenant_request::TenantRequest,
};

pub(crate) fn serve(request: TenantRequest<'_>) -> Response {
    let TenantRequest { state, tenants, route, headers, .. } = request;
    let trace = RequestTrace::new(headers, tenants.clock.now());
    let context = Context { state, tenants, route, trace: &trace };
    let mut session = Session::new(headers);
    let sent =
        if *request.method == Method::POST { request.body } else { request.query.as_bytes() };
    let answer = match Form::parse(sent) {
        Err(_) => Err(ProtocolError::malformed("A parameter is repeated or not UTF-8.")),
        Ok(form) => match form.get("ticket") {
            Some(ticket) => answer_page(context, &mut session, ticket, &form),
            None => {
                answer_application(context, &mut session, &String::from_utf8_lossy(sent), &form)
            }
        },
    };
    let mut response = answer.unwrap_or_else(|error| {
        tracing::debug!(error = error.error(), "authorization request refused");
        (StatusCode::BAD_REQUEST, page::error(&error.headline(route.protocol))).into_response()
    });
    let fields = response.headers_mut();
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cookie) = session.cookie() {
        fields.insert(SET_COOKIE, cookie);
    }
    response
}

/// Answers the logout endpoint, which ends the session of the browser.
pub(crate) fn sign_out(request: TenantRequest<'_>) -> Response {
    let mut session = Session::new(request.headers);
    session.sign_out(&request.tenants.store);
    let mut response = page::signed_out().into_response();
    if let Some(cookie) = session.cookie() {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// Answers a request that an application has sent the browser with.
fn answer_application(
    context: Context<'_>,
    session: &mut Session,
    query: &str,
    form: &Form,
) -> Result<Response, ProtocolError> {
    let request = match AuthorizationRequest::parse(context.tenants, context.route, form) {
        Ok(request) => request,
        Err(RequestError::Page(error)) => return Err(error),
        Err(RequestError::Redirect(target, error)) => {
            return Ok(error_response(context, &target, &error));
        }
    };
    let step = next_step::next(context, session, &request, &PageInput::default());
    let path = context.route.authorization_path();
    let pending = PendingRequest { path, query: query.to_owned(), user: None };
    answer_step(context, session, &request, step, pending)
}

/// Answers a page that the user has sent.
fn answer_page(
    context: Context<'_>,
    session: &mut Session,
    ticket: &str,
    form: &Form,
) -> Result<Response, ProtocolError> {
    let pending = context.tenants.store.pending.remove(ticket);
    let pending = pending
        .filter(|pending| pending.path == context.route.authorization_path())
        .ok_or_else(ProtocolError::no_session)?;
    let original =
        Form::parse(pending.query.as_bytes()).map_err(|_| ProtocolError::no_session())?;
    let request = AuthorizationRequest::parse(context.tenants, context.route, &original)
        .map_err(RequestError::into_inner)?;
    let input = PageInput {
        cancelled: form.get("cancel").is_some(),
        username: form.get("username").map(str::to_owned),
        consented: form.get("agree").is_some(),
        user: pending.user.clone(),
    };
    let step = next_step::next(context, session, &request, &input);
    answer_step(context, session, &request, step, pending)
}

fn answer_step(
    context: Context<'_>,
    session: &mut Session,
    request: &AuthorizationRequest<'_>,
    step: Result<NextStep<'_>, ProtocolError>,
    pending: PendingRequest,
) -> Result<Response, ProtocolError> {
    let store = &context.tenants.store;
    match step {
        Err(error) => Ok(error_response(context, &request.target, &error)),
        Ok(NextStep::SignIn { unknown }) => {
            let ticket = store.pending.insert(pending)?;
            Ok(sign_in_page(context, request, &ticket, unknown.as_deref()))
        }
        Ok(NextStep::Consent { user, signed_in, scopes }) => {
            let ticket =
                store.pending.insert(PendingRequest { user: Some(signed_in), ..pending })?;
            Ok(consent_page(request, user, &scopes, &ticket))
        }
        Ok(NextStep::Done { user, signed_in }) => {
            session.sign_in(store, &signed_in)?;
            match response_parameters::create(context, request, user, &signed_in) {
                Ok(parameters) => Ok(request.target.response(&parameters)),
                Err(error) => Ok(error_response(context, &request.target, &error)),
            }
        }
    }
}

fn sign_in_page(
    context: Context<'_>,
    request: &AuthorizationRequest<'_>,
    ticket: &str,
    unknown: Option<&str>,
) -> Response {
    let account =
        |user: &User| Account { username: user.username.clone(), name: user.name.clone() };
    let page = SignInPage {
        ticket,
        application: &request.application.name,
        username: unknown.or(request.login_hint.as_deref()).unwrap_or_default(),
        is_unknown: unknown.is_some(),
        accounts: next_step::users(context).map(account).collect(),
    };
    page.render().into_response()
}

fn consent_page(
    request: &AuthorizationRequest<'_>,
    user: &User,
    scopes: &[(&Api, &ScopeOfApi)],
    ticket: &str,
) -> Response {
    let scope = |(api, scope): &(&Api, &ScopeOfApi)| RequestedScope {
        api: api.name.clone(),
        name: scope.name.clone(),
        description: scope.description.clone(),
    };
    let page = ConsentPage {
        ticket,
        username: &user.username,
        application: &request.application.name,
        scopes: scopes.iter().map(scope).collect(),
    };
    page.render().into_response()
}

fn error_response(
    context: Context<'_>,
    target: &ResponseTarget,
    error: &ProtocolError,
) -> Response {
    let description = error.description(context.route.protocol, context.trace);
    tracing::debug!(error = error.error(), description, "authorization request refused");
    target.response(&[("error", error.error().to_owned()), ("error_description", description)])
}
