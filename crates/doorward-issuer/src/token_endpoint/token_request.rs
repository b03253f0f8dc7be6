use axum::http::{HeaderMap, header::CONTENT_TYPE};

use super::token_error::TokenError;
use crate::form::form_decode;

/// The parameters of a token request (RFC 6749 §4.4.2); others are ignored.
#[derive(Default)]
pub(super) struct TokenRequest {
    pub(super) grant_type: String,
    pub(super) scope: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) resources: Vec<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
}

impl TokenRequest {
    /// Rejects other content types, text that is not UTF-8, a missing `grant_type`, and repeated parameters
    /// (RFC 6749 §3.2) other than `resource` (RFC 8707 §2).
    pub(super) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, TokenError> {
        if !is_form(headers) {
            return Err(invalid("the content type must be application/x-www-form-urlencoded"));
        }
        let body = str::from_utf8(body).map_err(|_| invalid("the body is not UTF-8"))?;
        let mut request = Self::default();
        let mut grant_type = None;
        for pair in body.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let slot = match form_decode(name).as_deref() {
                Some("grant_type") => &mut grant_type,
                Some("scope") => &mut request.scope,
                Some("audience") => &mut request.audience,
                Some("client_id") => &mut request.client_id,
                Some("client_secret") => &mut request.client_secret,
                Some("resource") => {
                    request.resources.extend(parameter_value(name, value)?);
                    continue;
                }
                _ => continue,
            };
            if let Some(value) = parameter_value(name, value)?
                && slot.replace(value).is_some()
            {
                return Err(invalid(&format!("the parameter {name} is repeated")));
            }
        }
        request.grant_type = grant_type.ok_or_else(|| invalid("the grant_type is missing"))?;
        Ok(request)
    }
}

/// Returns `None` for a parameter without a value, which counts as omitted (RFC 6749 §3.2).
fn parameter_value(name: &str, value: &str) -> Result<Option<String>, TokenError> {
    let value =
        form_decode(value).ok_or_else(|| invalid(&format!("the value of {name} is not UTF-8")))?;
    Ok(Some(value).filter(|value| !value.is_empty()))
}

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = value.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn invalid(description: &str) -> TokenError {
    TokenError::InvalidRequest(description.to_owned())
}
