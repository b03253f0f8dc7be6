use std::sync::Arc;

use crate::{
    key::Keys,
    policy::{IssuerNames, MicrosoftPolicy},
    terms::tenancy::Tenancy,
};

/// The tokens of certain names, verified by one key set. Most issuers resolve to one; a B2C tenant
/// resolves to one for each policy.
#[derive(Clone)]
pub(crate) struct ResolvedIssuer {
    /// The name in errors and logs.
    pub(crate) title: String,
    pub(crate) names: IssuerNames,
    /// The identifier by which clients find the issuer's metadata.
    pub(crate) authorization_server: String,
    /// The values of `issuer` that the metadata may have.
    #[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "read by `remote` alone"))]
    pub(crate) metadata_names: Vec<String>,
    pub(crate) origin: KeyOrigin,
    /// The tenants among whom the keys are divided.
    pub(crate) tenancy: Option<Arc<Tenancy>>,
    pub(crate) microsoft: Option<MicrosoftPolicy>,
    /// The tenant of tokens without `tid`.
    pub(crate) tenant: Option<String>,
    /// The URL at which Entra users sign in, for its claims challenge.
    pub(crate) sign_in: Option<String>,
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
    /// Resolves an issuer that has one name and nothing else of its own.
    pub(super) fn plain(name: String, origin: KeyOrigin) -> Self {
        Self {
            authorization_server: name.clone(),
            title: name.clone(),
            metadata_names: vec![name.clone()],
            names: IssuerNames::Listed(vec![name]),
            origin,
            tenancy: None,
            microsoft: None,
            tenant: None,
            sign_in: None,
        }
    }

    /// Adds a name that tokens and metadata may have. Returns `false` where the tenant in the name
    /// decides, so that no other name can be accepted.
    pub(super) fn add_name(&mut self, name: &str) -> bool {
        let IssuerNames::Listed(names) = &mut self.names else {
            return false;
        };
        names.push(name.to_owned());
        self.metadata_names.push(name.to_owned());
        true
    }

    /// Returns the accepted names, where they can be listed.
    pub(crate) fn listed_names(&self) -> Vec<String> {
        self.names.listed()
    }

    /// Returns the B2C policy (user flow) whose tokens these are.
    pub(crate) fn user_flow(&self) -> Option<&str> {
        self.microsoft.as_ref()?.user_flow.as_deref()
    }
}
