//! The issuer's own token endpoint (RFC 6749 §3.2).
//!
//! A request comes in; it becomes a [`TokenRequest`](token_request::TokenRequest), then an authenticated
//! client, then a [`Grant`](grant::Grant), then a signed token. Rejected by RFC 6749 §5.2 and RFC 8707
//! §2: malformed requests, unknown clients, and scopes and audiences that the client may not request.

mod client_authentication;
mod grant;
mod token_error;
mod token_request;

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{
        HeaderMap,
        header::{CACHE_CONTROL, PRAGMA},
    },
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use self::{grant::Grant, token_error::TokenError, token_request::TokenRequest};
use crate::{issuer_state::IssuerState, mint::Mint, token_draft::DEFAULT_LIFETIME};

pub(crate) async fn serve_token(
    State(state): State<Arc<IssuerState>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let answer = match body {
        Ok(body) => token(&state, &headers, &body),
        Err(_) => Err(TokenError::InvalidRequest("the body could not be read".to_owned())),
    };
    let answer = match answer {
        Ok(token) => Json(token).into_response(),
        Err(error) => {
            tracing::debug!(error = error.code(), %error, "token request refused");
            error.into_response()
        }
    };
    // RFC 6749 §5.1 requires both for a response with a token; an error must not be cached either.
    ([(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")], answer).into_response()
}

fn token(state: &Arc<IssuerState>, headers: &HeaderMap, body: &[u8]) -> Result<Value, TokenError> {
    let request = TokenRequest::parse(headers, body)?;
    let client = client_authentication::authenticate(headers, &request, state)?;
    let Grant { scope, audiences, roles } = Grant::decide(client, &request)?;

    let mut mint = Mint::new(Arc::clone(state))
        .subject(client.client_id())
        .client_id(client.client_id())
        .algorithm(client.signs_with().unwrap_or(state.default_algorithm));
    mint = match audiences.as_slice() {
        [audience] => mint.audience(*audience),
        several => mint.audiences(several.iter().copied()),
    };
    if !roles.is_empty() {
        mint = mint.roles(roles);
    }
    if let Some(scope) = &scope {
        mint = mint.scope(scope);
    }
    let mut answer = json!({
        "access_token": mint.sign()?,
        "token_type": "Bearer",
        "expires_in": DEFAULT_LIFETIME.as_secs(),
    });
    if let (Some(scope), Some(members)) = (scope, answer.as_object_mut()) {
        members.insert("scope".to_owned(), json!(scope));
    }
    Ok(answer)
}
