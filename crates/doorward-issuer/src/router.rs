use std::sync::Arc;

use axum::{
    Router,
    extract::{ConnectInfo, DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::Value;

use crate::{
    caching::client_has_it,
    control,
    fault::{answer, document},
    issuer_state::IssuerState,
    metadata,
    server::Breaker,
    tenants, token_endpoint,
};

/// What a token request may weigh, in bytes; the longest sensible one has a few hundred.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// Whether the issuer takes orders over HTTP.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Control {
    Off,
    On,
}

pub(crate) fn router(state: Arc<IssuerState>, control: Control) -> Router {
    let mut router = Router::new()
        .route("/.well-known/openid-configuration", get(serve_metadata))
        .route("/.well-known/oauth-authorization-server", get(serve_metadata))
        .route("/jwks", get(serve_jwks))
        .route("/token", post(token_endpoint::serve_token));
    match control {
        Control::Off => {}
        Control::On => router = router.nest("/control", control::router(&state)),
    }
    router.fallback(tenants::serve).layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(state)
}

async fn serve_metadata(
    State(state): State<Arc<IssuerState>>,
    ConnectInfo(breaker): ConnectInfo<Breaker>,
) -> Response {
    serve_metadata_document(&state, breaker, &metadata::metadata(&state)).await
}

async fn serve_jwks(
    State(state): State<Arc<IssuerState>>,
    ConnectInfo(breaker): ConnectInfo<Breaker>,
    request: HeaderMap,
) -> Response {
    let keys = state.jwks();
    serve_key_set(&state, breaker, &request, keys).await
}

/// Serves metadata, in the way of the fault that is set.
pub(crate) async fn serve_metadata_document(
    state: &IssuerState,
    breaker: Breaker,
    metadata: &Value,
) -> Response {
    state.metadata_requests.count();
    let fault = state.faults.of_metadata();
    answer::delay(fault.as_ref()).await;
    let document = document::text(fault.as_ref(), metadata);
    answer::answer(fault, document, HeaderMap::new(), breaker)
}

/// Serves a key set, in the way of the fault and the caching that are set.
pub(crate) async fn serve_key_set(
    state: &IssuerState,
    breaker: Breaker,
    request: &HeaderMap,
    keys: Value,
) -> Response {
    state.jwks_requests.count();
    let fault = state.faults.of_key_set();
    answer::delay(fault.as_ref()).await;
    let document = document::key_set(fault.as_ref(), keys);
    let headers = state.caching().headers(&document);
    if answer::is_orderly(fault.as_ref()) && client_has_it(request, &headers) {
        state.jwks_not_modified.count();
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    answer::answer(fault, document, headers, breaker)
}
