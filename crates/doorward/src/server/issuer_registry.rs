use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use super::iss_index::{IssIndex, IssOwner};
use crate::{
    change_error::ChangeError,
    claims::{unverified_issuer, unverified_user_flow},
    config_error::ConfigError,
    error::{Error, Unavailable},
    issuer::{MicrosoftName, ResolvedIssuer},
    key_set::IssuerKeys,
    policy::{BlockedTenants, ConfiguredNames, IssuerNames, PolicyError},
    terms::{
        tenancy::{CONSUMERS, Tenancy},
        untrusted_text::UntrustedText,
    },
    token::UnverifiedPayload,
    verifier::Verifier,
};

/// The trusted issuers, and the index by which the issuer of a token is found.
#[derive(Debug, Default)]
pub(super) struct IssuerRegistry {
    list: Vec<Arc<RegisteredIssuer>>,
    index: IssIndex,
}

/// One trusted issuer, or one policy of a B2C tenant.
#[derive(Debug)]
pub(super) struct RegisteredIssuer {
    /// The name in errors and logs.
    pub(super) title: String,
    pub(super) verifier: Verifier,
    pub(super) keys: IssuerKeys,
    /// The URL by which clients find the issuer's metadata.
    pub(super) authorization_server: String,
    pub(super) registration: Registration,
}

/// Shared by those that come from one [`Issuer`](crate::Issuer), and equal to no other. Titles are no
/// identity: all registrations of several Microsoft tenants have the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Registration(Arc<()>);

impl PartialEq for Registration {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The issuer of a token, and the tenant in its name, if the keys are divided among tenants.
pub(super) struct IssuerMatch<'t> {
    /// The position of the issuer among the others.
    pub(super) position: usize,
    pub(super) issuer: &'t Arc<RegisteredIssuer>,
    pub(super) tenant: Option<String>,
}

impl IssuerRegistry {
    /// Creates the registry of these issuers, whose names must all be different.
    pub(super) fn of(list: Vec<Arc<RegisteredIssuer>>) -> Result<Self, ConfigError> {
        let mut index = IssIndex::default();
        for (at, issuer) in list.iter().enumerate() {
            index.add(&issuer.verifier.policy.issuers, issuer.user_flow(), at)?;
        }
        Ok(Self { list, index })
    }

    /// Checks that issuers of these names can be added, before any of their keys is fetched.
    pub(super) fn check_names<'r>(
        &self,
        more: impl IntoIterator<Item = &'r ResolvedIssuer>,
    ) -> Result<(), ConfigError> {
        let (mut index, at) = (self.index.clone(), self.list.len());
        more.into_iter().try_for_each(|issuer| index.add(&issuer.names, issuer.user_flow(), at))
    }

    /// Returns these issuers and some more.
    pub(super) fn with(&self, more: &[Arc<RegisteredIssuer>]) -> Result<Self, ConfigError> {
        Self::of(self.list.iter().chain(more).cloned().collect())
    }

    /// Returns whether tokens that belong to one of these would belong to one of those instead: those of
    /// a tenant that was one of any.
    pub(super) fn overlaps(&self, more: &[Arc<RegisteredIssuer>]) -> bool {
        let mut names = more.iter().flat_map(|issuer| issuer.listed_names());
        names.any(|name| self.of_any_tenant(&name).is_some())
    }

    /// Returns the issuers that have or accept this name, each with all that were registered with it.
    pub(super) fn of_name(&self, name: &str) -> Vec<Arc<RegisteredIssuer>> {
        self.registered_with(|issuer| issuer.is_named(name) || issuer.accepts(name))
    }

    /// Returns the issuers that leave when the issuer of this name is distrusted.
    ///
    /// Refuses to distrust a tenant that an issuer of many tenants would still accept, unless the tenant
    /// is blocked: that issuer may well require less.
    pub(super) fn leaving(
        &self,
        name: &str,
        blocked: &BlockedTenants,
    ) -> Result<Vec<Arc<RegisteredIssuer>>, ChangeError> {
        let issuer = || name.to_owned();
        let leaving = self.registered_with(|issuer| issuer.is_named(name));
        let stays = |issuer: &&Arc<RegisteredIssuer>| {
            !leaving.iter().any(|leaving| Arc::ptr_eq(leaving, issuer))
        };
        let names = leaving.iter().flat_map(|issuer| issuer.listed_names());
        for accepted in names.chain([issuer()]) {
            let mut staying = self.list.iter().filter(stays);
            let tenant = staying.find_map(|other| other.accepted_tenant(&accepted));
            if let Some(tenant) = tenant.filter(|tenant| !blocked.contains(tenant)) {
                return Err(ChangeError::TenantOfMany { issuer: issuer(), tenant });
            }
        }
        if leaving.is_empty() {
            return Err(ChangeError::NotTrusted { issuer: issuer() });
        }
        Ok(leaving)
    }

    /// Returns these issuers without some of them.
    pub(super) fn without(&self, leaving: &[Arc<RegisteredIssuer>]) -> Result<Self, ConfigError> {
        let stays = |issuer: &&Arc<RegisteredIssuer>| {
            !leaving.iter().any(|leaving| Arc::ptr_eq(leaving, issuer))
        };
        Self::of(self.list.iter().filter(stays).cloned().collect())
    }

    fn registered_with(
        &self,
        is_meant: impl Fn(&RegisteredIssuer) -> bool,
    ) -> Vec<Arc<RegisteredIssuer>> {
        let meant = self.list.iter().filter(|issuer| is_meant(issuer));
        let registrations: Vec<&Registration> = meant.map(|issuer| &issuer.registration).collect();
        let all = self.list.iter().filter(|issuer| registrations.contains(&&issuer.registration));
        all.cloned().collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<RegisteredIssuer>> {
        self.list.iter()
    }

    /// Returns the issuer, if it is still registered: most likely at the position where it was.
    pub(super) fn get(
        &self,
        position: usize,
        issuer: &Weak<RegisteredIssuer>,
    ) -> Option<&Arc<RegisteredIssuer>> {
        let is_it =
            |here: &&Arc<RegisteredIssuer>| std::ptr::eq(Arc::as_ptr(here), issuer.as_ptr());
        self.list.get(position).filter(is_it).or_else(|| self.list.iter().find(is_it))
    }

    /// Finds the issuer by an unverified payload. The verified claims are compared again in stage 6.
    pub(super) fn find(&self, payload: &UnverifiedPayload) -> Result<IssuerMatch<'_>, Error> {
        let name = unverified_issuer(payload)?.ok_or(PolicyError::Missing { claim: "iss" })?;
        let position = match self.index.by_name.get(&*name) {
            Some(IssOwner::One(position)) => Some(*position),
            Some(IssOwner::ByUserFlow(flows)) => Some(by_user_flow(flows, payload)?),
            None => self.of_any_tenant(&name),
        };
        let found = position.and_then(|position| Some((position, self.list.get(position)?)));
        let (position, issuer) = found.ok_or_else(|| self.why_untrusted(&name))?;
        let tenant = issuer.tenancy().and_then(|tenancy| tenancy.tenant_in(&name));
        let tenant = tenant.map(str::to_owned);
        Ok(IssuerMatch { position, issuer, tenant })
    }

    fn of_any_tenant(&self, issuer: &str) -> Option<usize> {
        let accepts = |index: &usize| self.list.get(*index).is_some_and(|of| of.accepts(issuer));
        self.index.of_any_tenant.iter().copied().find(accepts)
    }

    /// Returns the reason why a name is not trusted, more precisely where it is a Microsoft name.
    fn why_untrusted(&self, issuer: &str) -> PolicyError {
        let Some(name) = MicrosoftName::parse(issuer).filter(|_| self.index.knows_microsoft) else {
            // Few of them: with a thousand issuers, a forged token must not cost a thousand names.
            let few = self.list.iter().take(ConfiguredNames::COMPARED);
            let names: Vec<String> = few.flat_map(|issuer| issuer.listed_names()).collect();
            return PolicyError::untrusted_issuer(issuer, names.iter().map(String::as_str));
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
    /// Returns the names that `iss` may have, as far as they can be listed.
    pub(super) fn listed_names(&self) -> Vec<String> {
        self.verifier.policy.issuers.listed()
    }

    /// Returns the B2C policy (user flow) that it is.
    fn user_flow(&self) -> Option<&str> {
        self.verifier.policy.microsoft.as_ref()?.user_flow.as_deref()
    }

    /// Returns whether it has this name in tokens, or in errors and logs.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.title == name || self.listed_names().iter().any(|listed| listed == name)
    }

    /// Returns whether this is the name of one of its tenants.
    pub(super) fn accepts(&self, name: &str) -> bool {
        self.tenancy().is_some_and(|tenancy| tenancy.accepts(name))
    }

    /// Returns the tenant of this name, if it is one of its tenants.
    fn accepted_tenant(&self, name: &str) -> Option<String> {
        let tenancy = self.tenancy().filter(|tenancy| tenancy.accepts(name))?;
        tenancy.tenant_in(name).map(str::to_owned)
    }

    /// Returns the tenants that are trusted, where there may be several.
    pub(super) fn tenancy(&self) -> Option<&Arc<Tenancy>> {
        match &self.verifier.policy.issuers {
            IssuerNames::Tenants(tenancy) => Some(tenancy),
            IssuerNames::Listed(_) => None,
        }
    }

    /// Returns the error of a token for which there are no keys, and no reason to wait for some.
    pub(super) fn no_keys(&self) -> Unavailable {
        Unavailable::Keys { issuer: self.title.clone(), retry_after: Duration::from_secs(1) }
    }
}

/// Finds the position of one of the policies of a B2C tenant.
fn by_user_flow(
    flows: &HashMap<String, usize>,
    payload: &UnverifiedPayload,
) -> Result<usize, Error> {
    let flow = unverified_user_flow(payload)?.unwrap_or_default();
    let index = flows.get(&flow.to_ascii_lowercase()).copied();
    index.ok_or_else(|| PolicyError::UserFlow { seen: UntrustedText::new(&flow) }.into())
}
