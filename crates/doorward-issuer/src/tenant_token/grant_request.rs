use axum::http::{HeaderMap, header::CONTENT_TYPE};

use crate::{
    form::{Form, FormError},
    issuer_state::IssuerState,
    protocol::{ProtocolError, Route},
    tenant_state::TenantState,
};

/// A request to the token endpoint of a tenant, with its parameters.
#[derive(Clone, Copy)]
pub(super) struct GrantRequest<'a> {
    pub(super) state: &'a IssuerState,
    pub(super) tenants: &'a TenantState,
    pub(super) route: &'a Route<'a>,
    pub(super) headers: &'a HeaderMap,
    pub(super) form: &'a Form,
    /// The URL of the token endpoint, with the origin of the request.
    pub(super) endpoint: &'a str,
    pub(super) now: i64,
}

impl<'a> GrantRequest<'a> {
    /// Returns the value of a parameter that must be present.
    pub(super) fn required(self, name: &str) -> Result<&'a str, ProtocolError> {
        self.form.get(name).ok_or_else(|| ProtocolError::missing(name))
    }

    /// Returns whether the client asks for `client_info`, as Microsoft's libraries do.
    pub(super) fn wants_client_info(self) -> bool {
        self.form.get("client_info") == Some("1")
    }
}

/// Parses the body. Rejects other content types, text that is not UTF-8, and repeated parameters.
pub(super) fn parse_body(headers: &HeaderMap, body: &[u8]) -> Result<Form, ProtocolError> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(ProtocolError::malformed(
            "The content type must be application/x-www-form-urlencoded.",
        ));
    }
    Form::parse(body).map_err(|error| match error {
        FormError::NotUtf8 => ProtocolError::malformed("The body is not UTF-8."),
        FormError::Repeated(name) => {
            ProtocolError::malformed(&format!("The parameter {name} is repeated."))
        }
    })
}
