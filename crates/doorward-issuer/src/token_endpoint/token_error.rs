use axum::{
    Json,
    http::{StatusCode, header::WWW_AUTHENTICATE},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{MintError, error_description::error_description};

/// The error of a token request (RFC 6749 §5.2, RFC 8707 §2), with a description for the developer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("{0}")]
    InvalidRequest(String),
    #[error("{0}")]
    InvalidClient(&'static str),
    #[error("the client may not use this grant type; see `Client::grant_types`")]
    UnauthorizedClient,
    #[error("the only grant type is client_credentials")]
    UnsupportedGrantType,
    #[error("{0}")]
    InvalidScope(String),
    #[error("{0}")]
    InvalidTarget(String),
    #[error(transparent)]
    Server(#[from] MintError),
}

impl TokenError {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient(_) => "invalid_client",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope(_) => "invalid_scope",
            Self::InvalidTarget(_) => "invalid_target",
            Self::Server(_) => "server_error",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidClient(_) => StatusCode::UNAUTHORIZED,
            Self::Server(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::InvalidRequest(_)
            | Self::UnauthorizedClient
            | Self::UnsupportedGrantType
            | Self::InvalidScope(_)
            | Self::InvalidTarget(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let description = error_description(&self.to_string());
        let body = json!({ "error": self.code(), "error_description": description });
        let mut response = (self.status(), Json(body)).into_response();
        if response.status() == StatusCode::UNAUTHORIZED {
            // RFC 6749 §5.2 requires a challenge if the client has sent an Authorization header,
            // RFC 9110 §15.5.2 with every 401.
            let challenge = axum::http::HeaderValue::from_static("Basic realm=\"doorward-issuer\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
