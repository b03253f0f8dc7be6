use std::sync::Arc;

use axum::{
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use crate::{
    caching::is_not_modified,
    fault::{answer, document},
    issuer_state::IssuerState,
    metadata,
    server::ConnectionHandle,
};

/// Serves the issuer's own metadata.
pub(crate) async fn serve_metadata(
    State(state): State<Arc<IssuerState>>,
    ConnectInfo(connection): ConnectInfo<ConnectionHandle>,
) -> Response {
    serve_metadata_document(&state, connection, &metadata::metadata(&state)).await
}

/// Serves the issuer's own key set.
pub(crate) async fn serve_jwks(
    State(state): State<Arc<IssuerState>>,
    ConnectInfo(connection): ConnectInfo<ConnectionHandle>,
    request: HeaderMap,
) -> Response {
    let keys = state.jwks();
    serve_key_set(&state, connection, &request, keys).await
}

/// Serves metadata, with the fault that is set.
pub(crate) async fn serve_metadata_document(
    state: &IssuerState,
    connection: ConnectionHandle,
    metadata: &Value,
) -> Response {
    state.metadata_requests.count();
    let fault = state.faults.of_metadata();
    answer::delay(fault.as_ref()).await;
    let document = document::text(fault.as_ref(), metadata);
    answer::answer(fault, document, HeaderMap::new(), connection)
}

/// Serves a key set, with the fault and the caching that are set.
pub(crate) async fn serve_key_set(
    state: &IssuerState,
    connection: ConnectionHandle,
    request: &HeaderMap,
    keys: Value,
) -> Response {
    state.jwks_requests.count();
    let fault = state.faults.of_key_set();
    answer::delay(fault.as_ref()).await;
    let document = document::key_set(fault.as_ref(), keys);
    let headers = state.caching().headers(&document);
    if answer::has_document(fault.as_ref()) && is_not_modified(request, &headers) {
        state.jwks_not_modified.count();
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    answer::answer(fault, document, headers, connection)
}
