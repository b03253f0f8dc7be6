use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::header::CACHE_CONTROL,
    response::IntoResponse,
    routing::{get, post},
};
use serde_json::Value;

use crate::{issuer_state::IssuerState, metadata, token_endpoint};

/// What a token request may weigh, in bytes; the longest sensible one has a few hundred.
const BODY_LIMIT: usize = 64 * 1024;

pub(crate) fn router(state: Arc<IssuerState>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(serve_metadata))
        .route("/.well-known/oauth-authorization-server", get(serve_metadata))
        .route("/jwks", get(serve_jwks))
        .route("/token", post(token_endpoint::serve_token))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(state)
}

async fn serve_metadata(State(state): State<Arc<IssuerState>>) -> Json<Value> {
    state.metadata_requests.count();
    Json(metadata::metadata(&state))
}

async fn serve_jwks(State(state): State<Arc<IssuerState>>) -> impl IntoResponse {
    state.jwks_requests.count();
    ([(CACHE_CONTROL, "public, max-age=300")], Json(state.jwks()))
}
