//! The token endpoint of the tenants (RFC 6749 §3.2), for each [`Protocol`](crate::protocol::Protocol).
//!
//! A form comes in; it becomes a [`GrantRequest`], then an
//! [`AuthenticatedApplication`](client_authentication::AuthenticatedApplication), then a token
//! response. Rejected by RFC 6749 §5.2: malformed requests, clients with wrong credentials, codes and
//! refresh tokens that are unknown, expired, redeemed or another client's, and scopes without consent.

mod assertion;
mod authorization_code;
mod client_authentication;
mod client_credentials;
mod cross_origin;
mod grant_request;
mod refresh_token;

use axum::{
    Json,
    http::{
        HeaderValue, Method, StatusCode,
        header::{ALLOW, CACHE_CONTROL, PRAGMA},
    },
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use self::grant_request::{GrantRequest, parse_body};
use crate::{
    protocol::{ProtocolError, RequestTrace},
    tenant_request::TenantRequest,
};

pub(crate) fn serve(request: TenantRequest<'_>) -> Response {
    let TenantRequest { state, tenants, route, headers, .. } = request;
    let trace = RequestTrace::new(headers, tenants.clock.now());
    let mut response = match *request.method {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        Method::POST => {
            let form = parse_body(headers, request.body);
            let tokens = form.and_then(|form| {
                grant(GrantRequest {
                    state,
                    tenants,
                    route,
                    headers,
                    form: &form,
                    endpoint: &format!("{}{}", request.origin, route.token_path()),
                    now: trace.now,
                })
            });
            match tokens {
                Ok(tokens) => Json(tokens).into_response(),
                Err(error) => error.response(route.protocol, &trace),
            }
        }
        _ => {
            let error = ProtocolError::wrong_method();
            let mut response = error.response(route.protocol, &trace);
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            response
        }
    };
    cross_origin::allow(&tenants.directory, headers, response.headers_mut());
    // RFC 6749 §5.1 requires both for a response with a token; an error must not be cached either.
    ([(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")], response).into_response()
}

fn grant(request: GrantRequest<'_>) -> Result<Value, ProtocolError> {
    match request.required("grant_type")? {
        "authorization_code" => authorization_code::grant(request),
        "refresh_token" => refresh_token::grant(request),
        "client_credentials" => client_credentials::grant(request),
        other => Err(ProtocolError::unsupported_grant(other)),
    }
}
