//! The authorization endpoint of the tenants (RFC 6749 §3.1), in the ways of v1, v2, B2C and OpenID
//! Connect.
//!
//! A query comes in and becomes a [`Request`](request::Request) once it is known where the answer may
//! go; until then a refusal is a page. Then somebody signs in and agrees, on pages or automatically
//! ([`step`]), and a code, tokens or a refusal go to the application ([`delivery`]).

mod browser;
mod delivery;
mod finish;
mod page;
mod pkce;
mod request;
mod response_type;
mod step;

use axum::{
    http::{
        HeaderMap, Method, StatusCode,
        header::{CACHE_CONTROL, SET_COOKIE},
    },
    response::{IntoResponse as _, Response},
};

pub(crate) use self::pkce::Challenge;
use self::{
    browser::Browser,
    delivery::Delivery,
    request::{Refused, Request},
    step::{Decision, Step},
};
use crate::{
    form::Form,
    grant::Pending,
    issuer_state::IssuerState,
    system::{Place, Refusal, refusal::Incident},
    tenants::Call,
    world::World,
};

/// A visit of a browser, and all that the answer depends on.
#[derive(Clone, Copy)]
pub(crate) struct Visit<'a> {
    pub(crate) state: &'a IssuerState,
    pub(crate) world: &'a World,
    pub(crate) place: &'a Place<'a>,
    pub(crate) incident: &'a Incident,
}

pub(crate) fn serve(call: Call<'_>) -> Response {
    let Call { state, world, place, headers, .. } = call;
    let incident = Incident::new(headers, world.clock.now());
    let visit = Visit { state, world, place, incident: &incident };
    let mut browser = Browser::new(headers);
    let sent = if *call.method == Method::POST { call.body } else { call.query.as_bytes() };
    let answer = match Form::read(sent) {
        Err(_) => Err(Refusal::malformed("A parameter is repeated or not UTF-8.")),
        Ok(form) => match form.get("ticket") {
            Some(ticket) => resume(visit, &mut browser, ticket, &form),
            None => begin(visit, &mut browser, &String::from_utf8_lossy(sent), &form),
        },
    };
    let mut response = answer.unwrap_or_else(|refusal| {
        tracing::debug!(error = refusal.error(), "authorization request refused");
        let page = page::refused(&refusal.headline(place.system));
        (StatusCode::BAD_REQUEST, page).into_response()
    });
    let fields = response.headers_mut();
    fields.insert(CACHE_CONTROL, axum::http::HeaderValue::from_static("no-store"));
    if let Some(cookie) = browser.cookie() {
        fields.insert(SET_COOKIE, cookie);
    }
    response
}

/// Answers the endpoint that ends the sessions of a browser.
pub(crate) fn sign_out(world: &World, headers: &HeaderMap) -> Response {
    let mut browser = Browser::new(headers);
    browser.forget(&world.memory);
    let mut response = page::signed_out().into_response();
    if let Some(cookie) = browser.cookie() {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// Answers a request that comes from an application.
fn begin(
    visit: Visit<'_>,
    browser: &mut Browser,
    query: &str,
    form: &Form,
) -> Result<Response, Refusal> {
    let request = match Request::read(visit.world, visit.place, form) {
        Ok(request) => request,
        Err(Refused::OnPage(refusal)) => return Err(refusal),
        Err(Refused::ToApplication(delivery, refusal)) => {
            return Ok(deliver_refusal(visit, &delivery, &refusal));
        }
    };
    let decision = Decision::default();
    let step = step::next(visit, browser, &request, &decision);
    let path = visit.place.authorization_path();
    take(visit, browser, &request, step, Pending { path, query: query.to_owned(), user: None })
}

/// Answers a page that a person has filled in.
fn resume(
    visit: Visit<'_>,
    browser: &mut Browser,
    ticket: &str,
    form: &Form,
) -> Result<Response, Refusal> {
    let memory = &visit.world.memory;
    let pending = memory.pending.remove(ticket);
    let pending = pending
        .filter(|pending| pending.path == visit.place.authorization_path())
        .ok_or_else(Refusal::no_session)?;
    let original = Form::read(pending.query.as_bytes()).map_err(|_| Refusal::no_session())?;
    let request =
        Request::read(visit.world, visit.place, &original).map_err(Refused::into_inner)?;
    let decision = Decision {
        cancelled: form.get("cancel").is_some(),
        username: form.get("username").map(str::to_owned),
        agreed: form.get("agree").is_some(),
        user: pending.user.clone(),
    };
    let step = step::next(visit, browser, &request, &decision);
    take(visit, browser, &request, step, pending)
}

fn take(
    visit: Visit<'_>,
    browser: &mut Browser,
    request: &Request<'_>,
    step: Result<Step<'_>, Refusal>,
    pending: Pending,
) -> Result<Response, Refusal> {
    let memory = &visit.world.memory;
    match step {
        Err(refusal) => Ok(deliver_refusal(visit, &request.delivery, &refusal)),
        Ok(Step::SignIn { unknown }) => {
            let ticket = memory.pending.put(pending)?;
            Ok(page::sign_in(visit, request, &ticket, unknown.as_deref()).into_response())
        }
        Ok(Step::Consent { user, signed, scopes }) => {
            let ticket = memory.pending.put(Pending { user: Some(signed), ..pending })?;
            Ok(page::consent(request, user, &scopes, &ticket).into_response())
        }
        Ok(Step::Done { user, signed }) => {
            browser.remember(memory, &signed)?;
            match finish::finish(visit, request, user, &signed) {
                Ok(parameters) => Ok(request.delivery.deliver(&parameters)),
                Err(refusal) => Ok(deliver_refusal(visit, &request.delivery, &refusal)),
            }
        }
    }
}

fn deliver_refusal(visit: Visit<'_>, delivery: &Delivery, refusal: &Refusal) -> Response {
    let description = refusal.description(visit.place.system, visit.incident);
    tracing::debug!(error = refusal.error(), description, "authorization request refused");
    delivery.deliver(&[("error", refusal.error().to_owned()), ("error_description", description)])
}
