use std::sync::Arc;

use super::Issuer;
use crate::{
    key::Keys,
    policy::{IssuerNames, MicrosoftPolicy},
    terms::tenancy::Tenancy,
};

/// One way into the server: the tokens of certain names, with keys of their own. Most issuers are
/// one resolved; a B2C tenant is one for each policy.
#[derive(Clone)]
pub(crate) struct ResolvedIssuer {
    /// What it is called in errors and logs.
    pub(crate) title: String,
    pub(crate) names: IssuerNames,
    /// What clients find the issuer's metadata by.
    pub(crate) authorization_server: String,
    /// The `issuer` that the metadata may name.
    #[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "read by `remote` alone"))]
    pub(crate) metadata_names: Vec<String>,
    pub(crate) origin: KeyOrigin,
    /// The tenants among whom the keys are divided.
    pub(crate) tenancy: Option<Arc<Tenancy>>,
    pub(crate) microsoft: Option<MicrosoftPolicy>,
    /// The tenant of tokens that do not name theirs.
    pub(crate) tenant: Option<String>,
}

/// Where an issuer's keys come from.
#[derive(Clone)]
pub(crate) enum KeyOrigin {
    Fixed(Keys),
    #[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "fetched with `remote` alone"))]
    Fetched(KeySetLocation),
}

/// How fetched keys are found.
#[derive(Clone)]
#[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "fetched with `remote` alone"))]
pub(crate) enum KeySetLocation {
    /// Through the metadata that belongs to the issuer's URL.
    Discovery(String),
    /// Through metadata at this URL.
    Metadata(String),
    /// In a key set at this URL.
    JwksUrl(String),
}

impl ResolvedIssuer {
    /// Makes the resolved of an issuer that has one or several names and nothing else of its own.
    pub(super) fn plain(names: Vec<String>, origin: KeyOrigin) -> Self {
        let title = names.first().cloned().unwrap_or_default();
        Self {
            authorization_server: title.clone(),
            title,
            metadata_names: names.clone(),
            names: IssuerNames::Listed(names),
            origin,
            tenancy: None,
            microsoft: None,
            tenant: None,
        }
    }

    /// Returns the names, where they can be listed.
    pub(crate) fn listed_names(&self) -> Vec<String> {
        self.names.listed()
    }

    /// Returns the B2C policy (user flow) that the resolved is for.
    pub(crate) fn user_flow(&self) -> Option<&str> {
        self.microsoft.as_ref()?.user_flow.as_deref()
    }
}

impl Issuer {
    /// Returns where the metadata is: where it was set to be, or at the usual place.
    pub(super) fn metadata_at(&self, usual: String) -> KeyOrigin {
        KeyOrigin::Fetched(KeySetLocation::Metadata(self.metadata_url.clone().unwrap_or(usual)))
    }
}
