use crate::{
    issuer_state::IssuerState,
    protocol::{RequestTrace, Route},
    tenant_state::TenantState,
};

/// The state and the route that the answer to an authorization request depends on.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) state: &'a IssuerState,
    pub(super) tenants: &'a TenantState,
    pub(super) route: &'a Route<'a>,
    pub(super) trace: &'a RequestTrace,
}
