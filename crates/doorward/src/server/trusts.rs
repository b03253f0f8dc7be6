use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use super::{
    ConfigError,
    names::{Index, Named, Names},
};
use crate::{
    claims::{unverified_issuer, unverified_user_flow},
    error::{Error, Unavailable},
    key_source::KeySource,
    policy::{IssuerNames, PolicyError},
    profile::{Lane, MicrosoftName},
    terms::{
        seen::Seen,
        tenancy::{CONSUMERS, Tenancy},
    },
    token::Sealed,
    verifier::Verifier,
};

/// The trusted issuers, and which of them a token's names belong to.
#[derive(Debug, Default)]
pub(super) struct Trusts {
    list: Vec<Arc<Trust>>,
    index: Index,
}

/// One trusted issuer, or one policy of a B2C tenant.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) title: String,
    pub(super) verifier: Verifier,
    pub(super) keys: KeySource,
    /// What clients find the issuer's metadata by.
    pub(super) authorization_server: String,
    names: Names,
    /// Told apart by its address: the description from which it and others were made.
    description: Arc<Description>,
}

/// What all trusts of one [`Issuer`](crate::Issuer) have in common.
#[derive(Debug, Default)]
pub(super) struct Description;

/// The trust that a token belongs to, and the tenant in its issuer's name, if the keys are divided
/// among tenants.
pub(super) struct Found<'t> {
    /// Where the trust is among the others.
    pub(super) place: usize,
    pub(super) trust: &'t Arc<Trust>,
    pub(super) tenant: Option<String>,
}

impl Trusts {
    /// Indexes the trusts by their names, which must all be different.
    pub(super) fn of(list: Vec<Arc<Trust>>) -> Result<Self, ConfigError> {
        let mut index = Index::default();
        for (at, trust) in list.iter().enumerate() {
            index.add(&trust.names, at)?;
        }
        Ok(Self { list, index })
    }

    /// Checks that issuers of these names can be trusted too, before any key of theirs is fetched.
    pub(super) fn check_names(&self, more: &[Names]) -> Result<(), ConfigError> {
        let mut index = self.index.clone();
        more.iter().try_for_each(|names| index.add(names, self.list.len()))
    }

    /// Returns these trusts and some more.
    pub(super) fn with(&self, more: &[Arc<Trust>]) -> Result<Self, ConfigError> {
        Self::of(self.list.iter().chain(more).cloned().collect())
    }

    /// Returns whether tokens that belong to one of these would belong to one of those instead: of a
    /// tenant that was one of any.
    pub(super) fn yield_to(&self, more: &[Arc<Trust>]) -> bool {
        let mut names = more.iter().flat_map(|trust| &trust.names.listed);
        names.any(|name| self.of_any_tenant(name).is_some())
    }

    /// Returns these trusts without those of the issuer of this name.
    pub(super) fn without(&self, issuer: &str) -> Result<Self, ConfigError> {
        let named = self.list.iter().filter(|trust| trust.is_named(issuer));
        let leaving: Vec<_> = named.map(|trust| &trust.description).collect();
        if leaving.is_empty() {
            return Err(ConfigError::NotTrusted { issuer: issuer.to_owned() });
        }
        let leaves =
            |trust: &Arc<Trust>| leaving.iter().any(|of| Arc::ptr_eq(of, &trust.description));
        Self::of(self.list.iter().filter(|trust| !leaves(trust)).cloned().collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Trust>> {
        self.list.iter()
    }

    /// Returns the trust, if it is still here: most likely at the place where it was found.
    pub(super) fn get(&self, place: usize, trust: &Weak<Trust>) -> Option<&Arc<Trust>> {
        let is_it = |here: &&Arc<Trust>| std::ptr::eq(Arc::as_ptr(here), trust.as_ptr());
        self.list.get(place).filter(is_it).or_else(|| self.list.iter().find(is_it))
    }

    /// Chooses the trust by what a payload says that nobody has verified; the verified claims are
    /// compared again in room 6.
    pub(super) fn find(&self, payload: &Sealed) -> Result<Found<'_>, Error> {
        let issuer = unverified_issuer(payload)?.ok_or(PolicyError::Missing { claim: "iss" })?;
        let index = match self.index.by_name.get(&*issuer) {
            Some(Named::One(index)) => Some(*index),
            Some(Named::ByUserFlow(flows)) => Some(by_user_flow(flows, payload)?),
            None => self.of_any_tenant(&issuer),
        };
        let found = index.and_then(|index| Some((index, self.list.get(index)?)));
        let (place, trust) = found.ok_or_else(|| self.why_untrusted(&issuer))?;
        let tenant = trust.tenancy().and_then(|tenancy| tenancy.tenant_in(&issuer));
        let tenant = tenant.map(str::to_owned);
        Ok(Found { place, trust, tenant })
    }

    fn of_any_tenant(&self, issuer: &str) -> Option<usize> {
        let accepts =
            |index: &usize| self.list.get(*index).is_some_and(|trust| trust.accepts(issuer));
        self.index.of_any_tenant.iter().copied().find(accepts)
    }

    /// Tells the operator what is wrong with a name, where it is one of Microsoft's.
    fn why_untrusted(&self, issuer: &str) -> PolicyError {
        let seen = Seen::new(issuer);
        let Some(name) = MicrosoftName::parse(issuer).filter(|_| self.index.knows_microsoft) else {
            return PolicyError::UntrustedIssuer { seen };
        };
        let is_trusted =
            |version| name.of_version(version).any(|name| self.index.by_name.contains_key(&name));
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
            authorization_server: lane.authorization_server.clone(),
            names: Names::of(lane),
            description,
        }
    }

    /// Returns whether it has this name, or is called so in errors and logs.
    pub(super) fn is_named(&self, issuer: &str) -> bool {
        self.title == issuer || self.names.listed.iter().any(|name| name == issuer)
    }

    /// Returns whether it is the trust of one among all tenants, which has this name.
    pub(super) fn accepts(&self, issuer: &str) -> bool {
        self.tenancy().is_some_and(|tenancy| tenancy.accepts(issuer))
    }

    /// Returns whether one of its names is that of one among these tenants.
    pub(super) fn is_among(&self, tenancy: Option<&Tenancy>) -> bool {
        tenancy.is_some_and(|of| self.names.listed.iter().any(|name| of.accepts(name)))
    }

    /// Returns the tenants that are trusted, where there may be several.
    pub(super) fn tenancy(&self) -> Option<&Arc<Tenancy>> {
        match &self.verifier.policy.issuers {
            IssuerNames::Tenants(tenancy) => Some(tenancy),
            IssuerNames::Listed(_) => None,
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
