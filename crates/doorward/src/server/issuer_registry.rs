use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use super::iss_index::{AcceptedIss, IssIndex, IssOwner};
use crate::config_error::ConfigError;
use crate::{
    claims::{unverified_issuer, unverified_user_flow},
    error::{Error, Unavailable},
    issuer::{MicrosoftName, ResolvedIssuer},
    key_set::KeySource,
    policy::{IssuerNames, PolicyError},
    terms::{
        tenancy::{CONSUMERS, Tenancy},
        untrusted_text::UntrustedText,
    },
    token::UnverifiedPayload,
    verifier::Verifier,
};

/// The trusted issuers, and which of them a token's names belong to.
#[derive(Debug, Default)]
pub(super) struct IssuerRegistry {
    list: Vec<Arc<RegisteredIssuer>>,
    index: IssIndex,
}

/// One trusted issuer, or one policy of a B2C tenant.
#[derive(Debug)]
pub(super) struct RegisteredIssuer {
    pub(super) title: String,
    pub(super) verifier: Verifier,
    pub(super) keys: KeySource,
    /// What clients find the issuer's metadata by.
    pub(super) authorization_server: String,
    names: AcceptedIss,
    /// Told apart by its address: the registration from which it and others were made.
    registration: Arc<RegistrationId>,
}

/// What all trusts of one [`Issuer`](crate::Issuer) have in common.
#[derive(Debug, Default)]
pub(super) struct RegistrationId;

/// The trust that a token belongs to, and the tenant in its issuer's name, if the keys are divided
/// among tenants.
pub(super) struct IssuerMatch<'t> {
    /// Where the trust is among the others.
    pub(super) position: usize,
    pub(super) trust: &'t Arc<RegisteredIssuer>,
    pub(super) tenant: Option<String>,
}

impl IssuerRegistry {
    /// Indexes the trusts by their names, which must all be different.
    pub(super) fn of(list: Vec<Arc<RegisteredIssuer>>) -> Result<Self, ConfigError> {
        let mut index = IssIndex::default();
        for (at, trust) in list.iter().enumerate() {
            index.add(&trust.names, at)?;
        }
        Ok(Self { list, index })
    }

    /// Checks that issuers of these names can be trusted too, before any key of theirs is fetched.
    pub(super) fn check_names(&self, more: &[AcceptedIss]) -> Result<(), ConfigError> {
        let mut index = self.index.clone();
        more.iter().try_for_each(|names| index.add(names, self.list.len()))
    }

    /// Returns these trusts and some more.
    pub(super) fn with(&self, more: &[Arc<RegisteredIssuer>]) -> Result<Self, ConfigError> {
        Self::of(self.list.iter().chain(more).cloned().collect())
    }

    /// Returns whether tokens that belong to one of these would belong to one of those instead: of a
    /// tenant that was one of any.
    pub(super) fn overlaps(&self, more: &[Arc<RegisteredIssuer>]) -> bool {
        let mut names = more.iter().flat_map(|trust| &trust.names.listed);
        names.any(|name| self.of_any_tenant(name).is_some())
    }

    /// Returns these trusts without those of the issuer of this name.
    pub(super) fn without(&self, issuer: &str) -> Result<Self, ConfigError> {
        let named = self.list.iter().filter(|trust| trust.is_named(issuer));
        let leaving: Vec<_> = named.map(|trust| &trust.registration).collect();
        if leaving.is_empty() {
            return Err(ConfigError::NotTrusted { issuer: issuer.to_owned() });
        }
        let leaves = |trust: &Arc<RegisteredIssuer>| {
            leaving.iter().any(|of| Arc::ptr_eq(of, &trust.registration))
        };
        Self::of(self.list.iter().filter(|trust| !leaves(trust)).cloned().collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<RegisteredIssuer>> {
        self.list.iter()
    }

    /// Returns the trust, if it is still here: most likely at the position where it was found.
    pub(super) fn get(
        &self,
        position: usize,
        trust: &Weak<RegisteredIssuer>,
    ) -> Option<&Arc<RegisteredIssuer>> {
        let is_it = |here: &&Arc<RegisteredIssuer>| std::ptr::eq(Arc::as_ptr(here), trust.as_ptr());
        self.list.get(position).filter(is_it).or_else(|| self.list.iter().find(is_it))
    }

    /// Chooses the trust by what a payload says that nobody has verified; the verified claims are
    /// compared again in room 6.
    pub(super) fn find(&self, payload: &UnverifiedPayload) -> Result<IssuerMatch<'_>, Error> {
        let issuer = unverified_issuer(payload)?.ok_or(PolicyError::Missing { claim: "iss" })?;
        let index = match self.index.by_name.get(&*issuer) {
            Some(IssOwner::One(index)) => Some(*index),
            Some(IssOwner::ByUserFlow(flows)) => Some(by_user_flow(flows, payload)?),
            None => self.of_any_tenant(&issuer),
        };
        let found = index.and_then(|index| Some((index, self.list.get(index)?)));
        let (position, trust) = found.ok_or_else(|| self.why_untrusted(&issuer))?;
        let tenant = trust.tenancy().and_then(|tenancy| tenancy.tenant_in(&issuer));
        let tenant = tenant.map(str::to_owned);
        Ok(IssuerMatch { position, trust, tenant })
    }

    fn of_any_tenant(&self, issuer: &str) -> Option<usize> {
        let accepts =
            |index: &usize| self.list.get(*index).is_some_and(|trust| trust.accepts(issuer));
        self.index.of_any_tenant.iter().copied().find(accepts)
    }

    /// Tells the operator what is wrong with a name, where it is one of Microsoft's.
    fn why_untrusted(&self, issuer: &str) -> PolicyError {
        let Some(name) = MicrosoftName::parse(issuer).filter(|_| self.index.knows_microsoft) else {
            let names = self.list.iter().flat_map(|trust| &trust.names.listed);
            return PolicyError::untrusted_issuer(issuer, names.map(String::as_str));
        };
        let seen = UntrustedText::new(issuer);
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

impl RegisteredIssuer {
    pub(super) fn new(
        resolved: &ResolvedIssuer,
        verifier: Verifier,
        keys: KeySource,
        registration: Arc<RegistrationId>,
    ) -> Self {
        Self {
            title: resolved.title.clone(),
            verifier,
            keys,
            authorization_server: resolved.authorization_server.clone(),
            names: AcceptedIss::of(resolved),
            registration,
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
fn by_user_flow(
    flows: &HashMap<String, usize>,
    payload: &UnverifiedPayload,
) -> Result<usize, Error> {
    let flow = unverified_user_flow(payload)?.unwrap_or_default();
    let index = flows.get(&flow.to_ascii_lowercase()).copied();
    index.ok_or_else(|| PolicyError::UserFlow { seen: UntrustedText::new(&flow) }.into())
}
