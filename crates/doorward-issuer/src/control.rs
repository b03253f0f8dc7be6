use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse as _, Response},
    routing::post,
};

use crate::{
    Fault, KeyGenerationError, Target, issuer_state::IssuerState, token_endpoint::form_decode,
};

/// Orders over HTTP, for those who run the issuer as a program. Each is answered 204, or 400 with a
/// line of text.
pub(crate) fn router() -> Router<Arc<IssuerState>> {
    Router::new()
        .route("/rotate", post(rotate))
        .route("/rotate-without-overlap", post(rotate_without_overlap))
        .route("/fault", post(fault))
        .route("/recover", post(recover))
}

async fn rotate(State(state): State<Arc<IssuerState>>) -> Response {
    told(state.rotate().await)
}

async fn rotate_without_overlap(State(state): State<Arc<IssuerState>>) -> Response {
    told(state.rotate_without_overlap().await)
}

async fn fault(State(state): State<Arc<IssuerState>>, uri: Uri) -> Response {
    let query = uri.query().unwrap_or_default();
    let Some(target) = parameter(query, "target").as_deref().and_then(target_named) else {
        return refused("target is to be jwks, metadata or both\n");
    };
    let Some(fault) = parameter(query, "fault").as_deref().and_then(fault_named) else {
        return refused(
            "fault is to be status-CODE, delay-MS, trickle-MS, cut-BYTES, huge-BYTES, \
             many-keys-COUNT, redirect-URL, content-type-TYPE, html, truncated, empty-set or \
             one-bad-key\n",
        );
    };
    state.faults.set(target, Some(fault));
    StatusCode::NO_CONTENT.into_response()
}

async fn recover(State(state): State<Arc<IssuerState>>) -> Response {
    state.faults.set(Target::Both, None);
    StatusCode::NO_CONTENT.into_response()
}

fn told(outcome: Result<(), KeyGenerationError>) -> Response {
    match outcome {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

fn refused(reason: &'static str) -> Response {
    (StatusCode::BAD_REQUEST, reason).into_response()
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(found, _)| *found == name).and_then(|(_, value)| form_decode(value))
}

fn target_named(name: &str) -> Option<Target> {
    match name {
        "jwks" => Some(Target::KeySet),
        "metadata" => Some(Target::Metadata),
        "both" => Some(Target::Both),
        _ => None,
    }
}

fn fault_named(name: &str) -> Option<Fault> {
    match name {
        "html" => return Some(Fault::Html),
        "truncated" => return Some(Fault::Truncated),
        "empty-set" => return Some(Fault::EmptySet),
        "one-bad-key" => return Some(Fault::OneBadKey),
        _ => {}
    }
    let after = |prefix: &str| name.strip_prefix(prefix);
    let millis = |text: &str| text.parse().ok().map(Duration::from_millis);
    if let Some(code) = after("status-") {
        code.parse().ok().map(Fault::Status)
    } else if let Some(delay) = after("delay-") {
        millis(delay).map(Fault::Delay)
    } else if let Some(pause) = after("trickle-") {
        millis(pause).map(|pause| Fault::Trickle { pause })
    } else if let Some(bytes) = after("cut-") {
        bytes.parse().ok().map(|after| Fault::Cut { after })
    } else if let Some(bytes) = after("huge-") {
        bytes.parse().ok().map(Fault::Huge)
    } else if let Some(count) = after("many-keys-") {
        count.parse().ok().map(Fault::ManyKeys)
    } else if let Some(url) = after("redirect-") {
        Some(Fault::Redirect(url.to_owned()))
    } else {
        after("content-type-").map(|value| Fault::ContentType(value.to_owned()))
    }
}
