use axum::http::{
    HeaderMap, HeaderValue,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
    },
};

use crate::{
    directory::{Directory, Platform},
    protocol::ProtocolError,
};

/// Checks the `Origin`. Only scripts in a browser may redeem codes and refresh tokens of a single-page
/// application; they may redeem no others, and may never send client credentials.
pub(super) fn check(
    headers: &HeaderMap,
    platform: Option<Platform>,
    has_credential: bool,
) -> Result<(), ProtocolError> {
    let origin = headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    match (platform, origin) {
        (_, Some(_)) if has_credential => Err(ProtocolError::credential_with_origin()),
        (Some(Platform::Spa), None) => Err(ProtocolError::spa_without_origin()),
        (Some(Platform::Spa), Some(_)) | (_, None) => Ok(()),
        (_, Some(origin)) => Err(ProtocolError::origin_without_spa(origin)),
    }
}

/// Lets scripts of a registered single-page application read the answer.
pub(super) fn allow(directory: &Directory, request: &HeaderMap, response: &mut HeaderMap) {
    response.insert(VARY, HeaderValue::from_static("origin"));
    let Some(origin) = request.get(ORIGIN) else {
        return;
    };
    let text = origin.to_str().unwrap_or_default();
    if directory.applications.iter().any(|application| application.has_spa_origin(text)) {
        response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        if let Some(requested) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            response.insert(ACCESS_CONTROL_ALLOW_HEADERS, requested.clone());
        }
    }
}
