//! The control endpoint: changes the issuer over HTTP, for tests that run it as a program.
//!
//! A POST request comes in; it rotates the keys, sets a fault or clears the faults, and is answered
//! 204. Rejected with a line of text: requests of web pages, which browsers send without asking
//! ([`request_source`]), with 403; faults that are unknown or too large ([`fault_parameter`]), with
//! 400; and rotations beyond [`MAX_KEYS`], with 409.

mod fault_parameter;
mod request_source;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri},
    middleware,
    response::{IntoResponse as _, Response},
    routing::post,
};

use crate::{KeyGenerationError, Target, form::form_decode, issuer_state::IssuerState};

/// How many keys a rotation may leave the issuer with. Each is held in memory and published in every
/// key set, so that a loop of requests would otherwise fill both.
const MAX_KEYS: usize = 1000;

pub(crate) fn router(state: &Arc<IssuerState>) -> Router<Arc<IssuerState>> {
    let check_source = middleware::from_fn_with_state(Arc::clone(state), request_source::check);
    Router::new()
        .route("/rotate", post(rotate))
        .route("/rotate-without-overlap", post(rotate_without_overlap))
        .route("/fault", post(set_fault))
        .route("/recover", post(clear_faults))
        .route_layer(check_source)
}

async fn rotate(State(state): State<Arc<IssuerState>>) -> Response {
    let _guard = state.rotation.lock().await;
    let (present, added) = (state.own_key_count(), state.algorithms.len());
    if present.saturating_add(added) > MAX_KEYS {
        let reason = format!(
            "the issuer has {present} keys and a rotation adds {added}, which is over the limit of \
             {MAX_KEYS} keys; send rotate-without-overlap first\n"
        );
        return (StatusCode::CONFLICT, reason).into_response();
    }
    rotated(state.rotate().await)
}

async fn rotate_without_overlap(State(state): State<Arc<IssuerState>>) -> Response {
    let _guard = state.rotation.lock().await;
    rotated(state.rotate_without_overlap().await)
}

fn rotated(result: Result<(), KeyGenerationError>) -> Response {
    match result {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

async fn set_fault(State(state): State<Arc<IssuerState>>, uri: Uri) -> Response {
    let query = uri.query().unwrap_or_default();
    let Some(target) = parameter(query, "target").as_deref().and_then(parse_target) else {
        return bad_request("target is to be jwks, metadata or both\n".to_owned());
    };
    let fault = parameter(query, "fault").unwrap_or_default();
    match fault_parameter::parse(&fault) {
        Ok(fault) => {
            state.faults.set(target, Some(fault));
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => bad_request(format!("{error}\n")),
    }
}

async fn clear_faults(State(state): State<Arc<IssuerState>>) -> Response {
    state.faults.set(Target::Both, None);
    StatusCode::NO_CONTENT.into_response()
}

fn bad_request(reason: String) -> Response {
    (StatusCode::BAD_REQUEST, reason).into_response()
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).and_then(|(_, value)| form_decode(value))
}

fn parse_target(name: &str) -> Option<Target> {
    match name {
        "jwks" => Some(Target::KeySet),
        "metadata" => Some(Target::Metadata),
        "both" => Some(Target::Both),
        _ => None,
    }
}
