use std::sync::Arc;

use crate::terms::{algorithm::AlgorithmSet, tenancy::Tenancy};

/// Which keys of a set may be used, and for what.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyRules {
    /// The accepted algorithms, where they are not the default.
    pub(crate) accepted: Option<AlgorithmSet>,
    /// The tenants among whom the keys are divided, at Microsoft.
    pub(crate) tenancy: Option<Arc<Tenancy>>,
    pub(crate) without_key_id: WithoutKeyId,
}

/// Which keys are tried on a token that names none, where several different ones fit it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum WithoutKeyId {
    /// None: the token is refused as ambiguous.
    #[default]
    Refuse,
    /// The first four that fit.
    TryAll,
}
