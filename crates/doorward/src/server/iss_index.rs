use std::collections::{HashMap, HashSet};

use crate::config_error::ConfigError;
use crate::{
    issuer::{MicrosoftName, ResolvedIssuer},
    policy::IssuerNames,
    terms::tenancy::Tenants,
};

/// The names under which the tokens of one trust come.
#[derive(Debug)]
pub(super) struct AcceptedIss {
    pub(super) listed: Vec<String>,
    /// The B2C policy, in lower case.
    user_flow: Option<String>,
    /// The forms of the names, where every tenant of a cloud is trusted.
    forms: Option<Vec<String>>,
}

/// To whom each name belongs: the place in the list of trusts.
#[derive(Clone, Debug, Default)]
pub(super) struct IssIndex {
    pub(super) by_name: HashMap<String, IssOwner>,
    /// Those that trust every tenant of a cloud.
    pub(super) of_any_tenant: Vec<usize>,
    /// The forms of their names: not names themselves.
    forms: HashSet<String>,
    /// Whether one is a tenant of Microsoft's, so that names of other tenants can be explained.
    pub(super) knows_microsoft: bool,
}

/// To whom an accepted `iss` belongs.
#[derive(Clone, Debug)]
pub(super) enum IssOwner {
    One(usize),
    /// By the B2C policy, in lower case.
    ByUserFlow(HashMap<String, usize>),
}

impl AcceptedIss {
    pub(super) fn of(resolved: &ResolvedIssuer) -> Self {
        let forms = match &resolved.names {
            IssuerNames::Tenants(tenancy) if matches!(tenancy.tenants, Tenants::Any { .. }) => {
                Some(tenancy.forms.iter().map(|form| form.0.clone()).collect())
            }
            _ => None,
        };
        let user_flow = resolved.user_flow().map(str::to_ascii_lowercase);
        Self { listed: resolved.listed_names(), user_flow, forms }
    }
}

impl IssIndex {
    /// Adds the names of the trust at this place; each must be new.
    pub(super) fn add(&mut self, names: &AcceptedIss, at: usize) -> Result<(), ConfigError> {
        for name in &names.listed {
            self.knows_microsoft |= MicrosoftName::parse(name).is_some();
            self.add_name(name, names.user_flow.as_deref(), at)?;
        }
        let Some(forms) = &names.forms else {
            return Ok(());
        };
        self.knows_microsoft = true;
        self.of_any_tenant.push(at);
        for form in forms {
            if !self.forms.insert(form.clone()) {
                return Err(ConfigError::DuplicateIssuer { issuer: form.clone() });
            }
        }
        Ok(())
    }

    fn add_name(
        &mut self,
        name: &str,
        user_flow: Option<&str>,
        at: usize,
    ) -> Result<(), ConfigError> {
        let free = match user_flow {
            None => self.by_name.insert(name.to_owned(), IssOwner::One(at)).is_none(),
            Some(flow) => {
                let empty = || IssOwner::ByUserFlow(HashMap::new());
                match self.by_name.entry(name.to_owned()).or_insert_with(empty) {
                    IssOwner::One(_) => false,
                    IssOwner::ByUserFlow(flows) => flows.insert(flow.to_owned(), at).is_none(),
                }
            }
        };
        if free { Ok(()) } else { Err(ConfigError::DuplicateIssuer { issuer: name.to_owned() }) }
    }
}
