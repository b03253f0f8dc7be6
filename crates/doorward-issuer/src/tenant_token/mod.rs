//! The token endpoint of the tenants (RFC 6749 §3.2), in the ways of v1, v2, B2C and OpenID Connect.
//!
//! A form comes in; it becomes an [`Authenticated`](application_authentication::Authenticated)
//! application, then a grant, then tokens. Refused: what is malformed, who is not who it claims to
//! be, codes and refresh tokens that are unknown, spent or another's, and what nobody has agreed to.

mod application_authentication;
mod assertion;
mod authorization_code;
mod client_credentials;
mod origin;
mod refresh_token;

pub(crate) use self::application_authentication::find_application;
use axum::{
    Json,
    http::{
        HeaderMap, Method, StatusCode,
        header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, PRAGMA},
    },
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use crate::{
    form::{Form, FormError},
    issuer_state::IssuerState,
    system::{Place, Refusal, refusal::Incident},
    tenants::Call,
    world::World,
};

/// A request of the token endpoint, and all that its answer depends on.
#[derive(Clone, Copy)]
pub(crate) struct Redemption<'a> {
    pub(crate) state: &'a IssuerState,
    pub(crate) world: &'a World,
    pub(crate) place: &'a Place<'a>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) form: &'a Form,
    /// The address of this endpoint, as the client has it.
    pub(crate) endpoint: &'a str,
    pub(crate) now: i64,
}

pub(crate) fn serve(call: Call<'_>) -> Response {
    let Call { state, world, place, headers, .. } = call;
    let incident = Incident::new(headers, world.clock.now());
    let mut response = match *call.method {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        Method::POST => {
            let form = read(headers, call.body);
            let answer = form.and_then(|form| {
                redeem(Redemption {
                    state,
                    world,
                    place,
                    headers,
                    form: &form,
                    endpoint: &format!("{}{}", call.origin, place.token_path()),
                    now: incident.now,
                })
            });
            match answer {
                Ok(tokens) => Json(tokens).into_response(),
                Err(refusal) => refusal.response(place.system, &incident),
            }
        }
        _ => {
            let mut response = Refusal::wrong_method().response(place.system, &incident);
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response.headers_mut().insert(ALLOW, axum::http::HeaderValue::from_static("POST"));
            response
        }
    };
    origin::allow(&world.directory, headers, response.headers_mut());
    // RFC 6749 §5.1 demands both of an answer with a token; an error is as fleeting.
    ([(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")], response).into_response()
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<Form, Refusal> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::malformed(
            "The content type must be application/x-www-form-urlencoded.",
        ));
    }
    Form::read(body).map_err(|error| match error {
        FormError::NotUtf8 => Refusal::malformed("The body is not UTF-8."),
        FormError::Repeated(name) => {
            Refusal::malformed(&format!("The parameter {name} is repeated."))
        }
    })
}

fn redeem(redemption: Redemption<'_>) -> Result<Value, Refusal> {
    let form = redemption.form;
    match form.get("grant_type").ok_or_else(|| Refusal::missing("grant_type"))? {
        "authorization_code" => authorization_code::redeem(redemption),
        "refresh_token" => refresh_token::redeem(redemption),
        "client_credentials" => client_credentials::grant(redemption),
        other => Err(Refusal::unsupported_grant(other)),
    }
}

/// Returns a parameter that has to be there.
fn required<'f>(form: &'f Form, name: &str) -> Result<&'f str, Refusal> {
    form.get(name).ok_or_else(|| Refusal::missing(name))
}

/// Tells whether the client wants to know whose tokens they are, as Microsoft's libraries do.
fn wants_client_info(form: &Form) -> bool {
    form.get("client_info") == Some("1")
}
