use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use crate::{control, documents, issuer_state::IssuerState, tenants, token_endpoint};

/// Whether the control endpoint is served.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Control {
    Off,
    On,
}

/// Returns the issuer's own endpoints; every other path is one of the tenants'.
pub(crate) fn router(state: Arc<IssuerState>, control: Control) -> Router {
    let mut router = Router::new()
        .route("/.well-known/openid-configuration", get(documents::serve_metadata))
        .route("/.well-known/oauth-authorization-server", get(documents::serve_metadata))
        .route("/jwks", get(documents::serve_jwks))
        .route("/token", post(token_endpoint::serve_token));
    match control {
        Control::Off => {}
        Control::On => router = router.nest("/control", control::router(&state)),
    }
    router
        .fallback(tenants::serve)
        .layer(DefaultBodyLimit::max(tenants::MAX_BODY))
        .with_state(state)
}
