use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use super::ConfigError;
use crate::{
    claims::{unverified_issuer, unverified_user_flow},
    error::{Error, Unavailable},
    key_source::KeySource,
    policy::{IssuerNames, PolicyError},
    profile::{Lane, MicrosoftName},
    terms::{
        seen::Seen,
        tenancy::{CONSUMERS, Tenants},
    },
    token::Sealed,
    verifier::Verifier,
};

/// The trusted issuers, and which of them a token's names belong to.
#[derive(Debug, Default)]
pub(super) struct Trusts {
    list: Vec<Arc<Trust>>,
    by_name: HashMap<String, Named>,
    /// Those that trust every tenant of a cloud.
    of_any_tenant: Vec<usize>,
    /// The forms of their names: not names themselves.
    forms: HashSet<String>,
    /// Whether one is a tenant of Microsoft's, so that names of other tenants can be explained.
    knows_microsoft: bool,
}

/// One trusted issuer, or one policy of a B2C tenant.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) title: String,
    pub(super) verifier: Verifier,
    pub(super) keys: KeySource,
    names: Vec<String>,
    /// In lower case.
    user_flow: Option<String>,
    /// Told apart by its address: the description from which it and others were made.
    description: Arc<Description>,
}

/// What all trusts of one [`Issuer`](crate::Issuer) have in common.
#[derive(Debug, Default)]
pub(super) struct Description;

/// To whom an accepted `iss` belongs.
#[derive(Debug)]
enum Named {
    One(usize),
    /// By the B2C policy, in lower case.
    ByUserFlow(HashMap<String, usize>),
}

/// The trust that a token belongs to, and the tenant in its issuer's name, if the keys are divided
/// among tenants.
pub(super) struct Found<'t> {
    pub(super) trust: &'t Arc<Trust>,
    pub(super) tenant: Option<String>,
}

impl Trusts {
    /// Indexes the trusts by their names, which must all be different.
    pub(super) fn of(list: Vec<Arc<Trust>>) -> Result<Self, ConfigError> {
        let mut trusts = Self::default();
        for trust in list {
            trusts.add(trust)?;
        }
        Ok(trusts)
    }

    /// Returns these trusts and some more.
    pub(super) fn with(&self, more: &[Arc<Trust>]) -> Result<Self, ConfigError> {
        Self::of(self.list.iter().chain(more).cloned().collect())
    }

    /// Returns these trusts without those of the issuer of this name.
    pub(super) fn without(&self, issuer: &str) -> Result<Self, ConfigError> {
        let leaving: Vec<_> = self.named(issuer).map(|trust| &trust.description).collect();
        if leaving.is_empty() {
            return Err(ConfigError::NotTrusted { issuer: issuer.to_owned() });
        }
        let stays =
            |trust: &&Arc<Trust>| !leaving.iter().any(|of| Arc::ptr_eq(of, &trust.description));
        Self::of(self.list.iter().filter(stays).cloned().collect())
    }

    /// Returns the trusts that have this name, or are called so in errors and logs.
    pub(super) fn named(&self, issuer: &str) -> impl Iterator<Item = &Arc<Trust>> {
        let is = move |trust: &&Arc<Trust>| {
            trust.title == issuer || trust.names.iter().any(|name| name == issuer)
        };
        self.list.iter().filter(is)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Trust>> {
        self.list.iter()
    }

    fn add(&mut self, trust: Arc<Trust>) -> Result<(), ConfigError> {
        let index = self.list.len();
        for name in &trust.names {
            self.knows_microsoft |= MicrosoftName::parse(name).is_some();
            self.add_name(name.clone(), trust.user_flow.as_deref(), index)?;
        }
        if let IssuerNames::Tenants(tenancy) = &trust.verifier.policy.issuers
            && matches!(tenancy.tenants, Tenants::Any { .. })
        {
            self.knows_microsoft = true;
            self.of_any_tenant.push(index);
            for form in &tenancy.forms {
                if !self.forms.insert(form.0.clone()) {
                    return Err(ConfigError::DuplicateIssuer { issuer: form.0.clone() });
                }
            }
        }
        self.list.push(trust);
        Ok(())
    }

    fn add_name(
        &mut self,
        name: String,
        user_flow: Option<&str>,
        index: usize,
    ) -> Result<(), ConfigError> {
        let free = match user_flow {
            None => self.by_name.insert(name.clone(), Named::One(index)).is_none(),
            Some(flow) => {
                let empty = || Named::ByUserFlow(HashMap::new());
                match self.by_name.entry(name.clone()).or_insert_with(empty) {
                    Named::One(_) => false,
                    Named::ByUserFlow(flows) => flows.insert(flow.to_owned(), index).is_none(),
                }
            }
        };
        if free { Ok(()) } else { Err(ConfigError::DuplicateIssuer { issuer: name }) }
    }

    /// Chooses the trust by what a payload says that nobody has verified; the verified claims are
    /// compared again in room 6.
    pub(super) fn find(&self, payload: &Sealed) -> Result<Found<'_>, Error> {
        let issuer = unverified_issuer(payload)?.ok_or(PolicyError::Missing { claim: "iss" })?;
        let index = match self.by_name.get(&issuer) {
            Some(Named::One(index)) => Some(*index),
            Some(Named::ByUserFlow(flows)) => Some(by_user_flow(flows, payload)?),
            None => self.of_any_tenant.iter().copied().find(|index| self.accepts(*index, &issuer)),
        };
        let trust = index.and_then(|index| self.list.get(index));
        let trust = trust.ok_or_else(|| self.why_untrusted(&issuer))?;
        let tenant = match &trust.verifier.policy.issuers {
            IssuerNames::Tenants(tenancy) => tenancy.tenant_in(&issuer).map(str::to_owned),
            IssuerNames::Listed(_) => None,
        };
        Ok(Found { trust, tenant })
    }

    fn accepts(&self, index: usize, issuer: &str) -> bool {
        let names = self.list.get(index).map(|trust| &trust.verifier.policy.issuers);
        matches!(names, Some(IssuerNames::Tenants(tenancy)) if tenancy.accepts(issuer))
    }

    /// Tells the operator what is wrong with a name, where it is one of Microsoft's.
    fn why_untrusted(&self, issuer: &str) -> PolicyError {
        let seen = Seen::new(issuer);
        let Some(name) = MicrosoftName::parse(issuer).filter(|_| self.knows_microsoft) else {
            return PolicyError::UntrustedIssuer { seen };
        };
        let is_trusted =
            |version| name.of_version(version).any(|name| self.by_name.contains_key(&name));
        let other_version = if name.version == 1 { 2 } else { 1 };
        if is_trusted(other_version) && !is_trusted(name.version) {
            PolicyError::TokenVersion { seen, version: name.version }
        } else if name.tenant == CONSUMERS {
            PolicyError::ConsumerAccount
        } else {
            PolicyError::OtherTenant { seen }
        }
    }
}

impl Trust {
    pub(super) fn new(
        lane: &Lane,
        verifier: Verifier,
        keys: KeySource,
        description: Arc<Description>,
    ) -> Self {
        Self {
            title: lane.title.clone(),
            verifier,
            keys,
            names: lane.listed_names(),
            user_flow: lane.user_flow().map(str::to_ascii_lowercase),
            description,
        }
    }

    /// There are no keys to judge the token by, and no reason to wait for some.
    pub(super) fn no_keys(&self) -> Unavailable {
        Unavailable::Keys { issuer: self.title.clone(), retry_after: Duration::from_secs(1) }
    }
}

/// Chooses among the policies of a B2C tenant.
fn by_user_flow(flows: &HashMap<String, usize>, payload: &Sealed) -> Result<usize, Error> {
    let flow = unverified_user_flow(payload)?.unwrap_or_default();
    let index = flows.get(&flow.to_ascii_lowercase()).copied();
    index.ok_or_else(|| PolicyError::UserFlow { seen: Seen::new(&flow) }.into())
}
