use std::collections::{HashMap, HashSet};

use crate::{
    config_error::ConfigError,
    issuer::MicrosoftName,
    policy::IssuerNames,
    terms::tenancy::{Tenancy, Tenants},
};

/// The owner of each accepted `iss`: its position in the list of issuers.
#[derive(Clone, Debug, Default)]
pub(super) struct IssIndex {
    pub(super) by_name: HashMap<String, IssOwner>,
    /// The issuers that accept every tenant of a cloud.
    pub(super) of_any_tenant: Vec<usize>,
    /// The forms of their names, which are not names themselves.
    forms: HashSet<String>,
    /// Whether one is a Microsoft tenant, so that names of other tenants can be explained.
    pub(super) knows_microsoft: bool,
}

/// The owner of an accepted `iss`.
#[derive(Clone, Debug)]
pub(super) enum IssOwner {
    One(usize),
    /// By the B2C policy, in lower case.
    ByUserFlow(HashMap<String, usize>),
}

impl IssIndex {
    /// Adds the names of the issuer at this position, of one B2C policy where there is one. Each must
    /// be new.
    pub(super) fn add(
        &mut self,
        names: &IssuerNames,
        user_flow: Option<&str>,
        at: usize,
    ) -> Result<(), ConfigError> {
        for name in names.listed() {
            self.knows_microsoft |= MicrosoftName::parse(&name).is_some();
            self.add_name(name, user_flow, at)?;
        }
        match names {
            IssuerNames::Tenants(tenancy) if matches!(tenancy.tenants, Tenants::Any { .. }) => {
                self.add_any_tenant(tenancy, at)
            }
            IssuerNames::Tenants(_) | IssuerNames::Listed(_) => Ok(()),
        }
    }

    fn add_any_tenant(&mut self, tenancy: &Tenancy, at: usize) -> Result<(), ConfigError> {
        self.knows_microsoft = true;
        self.of_any_tenant.push(at);
        for form in &tenancy.forms {
            if !self.forms.insert(form.0.clone()) {
                return Err(ConfigError::DuplicateIssuer { issuer: form.0.clone() });
            }
        }
        Ok(())
    }

    fn add_name(
        &mut self,
        name: String,
        user_flow: Option<&str>,
        at: usize,
    ) -> Result<(), ConfigError> {
        let is_new = match user_flow.map(str::to_ascii_lowercase) {
            None => self.by_name.insert(name.clone(), IssOwner::One(at)).is_none(),
            Some(flow) => {
                let empty = || IssOwner::ByUserFlow(HashMap::new());
                match self.by_name.entry(name.clone()).or_insert_with(empty) {
                    IssOwner::One(_) => false,
                    IssOwner::ByUserFlow(flows) => flows.insert(flow, at).is_none(),
                }
            }
        };
        if is_new { Ok(()) } else { Err(ConfigError::DuplicateIssuer { issuer: name }) }
    }
}
