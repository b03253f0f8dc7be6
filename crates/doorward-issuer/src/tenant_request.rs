use axum::http::{HeaderMap, Method};

use crate::{issuer_state::IssuerState, protocol::Route, tenant_state::TenantState};

/// A request to the authorization, token or logout endpoint of a tenant.
#[derive(Clone, Copy)]
pub(crate) struct TenantRequest<'a> {
    pub(crate) state: &'a IssuerState,
    pub(crate) tenants: &'a TenantState,
    pub(crate) route: &'a Route<'a>,
    /// Scheme and host of the request.
    pub(crate) origin: &'a str,
    pub(crate) method: &'a Method,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) query: &'a str,
    pub(crate) body: &'a [u8],
}
