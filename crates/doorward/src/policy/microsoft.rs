use std::sync::Arc;

use super::PolicyError;
use crate::{
    claims::KnownClaims,
    terms::{tenancy::Tenancy, untrusted_text::UntrustedText},
};

/// The conditions that tokens of a Microsoft issuer must meet besides those of the registered claims.
#[derive(Clone, Debug)]
pub(crate) struct MicrosoftPolicy {
    pub(crate) tenant: TenantRule,
    /// The B2C policy (user flow) under which the token must have been issued.
    pub(crate) user_flow: Option<String>,
    /// Whether a token with neither `scp` nor `roles` is accepted.
    pub(crate) apps_without_permission: bool,
}

/// What `tid` must be.
#[derive(Clone, Debug)]
pub(crate) enum TenantRule {
    /// The tenant in the name of the issuer.
    OfIssuer(Arc<Tenancy>),
    /// This one.
    Is(String),
    /// This one where it is there at all: B2C leaves it out by default.
    IsIfThere(String),
}

/// What B2C puts into `sub` of every user when it is set to no subject.
const LEGACY_SUBJECT: &str = "Not supported currently.";

impl MicrosoftPolicy {
    pub(super) fn check(&self, claims: &KnownClaims) -> Result<(), PolicyError> {
        self.check_tenant(claims)?;
        self.check_user_flow(claims)?;
        let legacy = |subject: &String| subject.starts_with(LEGACY_SUBJECT);
        if claims.subject.as_ref().is_some_and(legacy) {
            return Err(PolicyError::LegacySubject);
        }
        Ok(())
    }

    /// Rejects what an app gets that has no permission for this API at all.
    pub(super) const fn check_permissions(&self, claims: &KnownClaims) -> Result<(), PolicyError> {
        let permissions = &claims.microsoft.permissions;
        if self.apps_without_permission || permissions.has_scopes || permissions.has_roles {
            Ok(())
        } else {
            Err(PolicyError::AppWithoutRoles)
        }
    }

    fn check_tenant(&self, claims: &KnownClaims) -> Result<(), PolicyError> {
        let claimed = claims.microsoft.tenant.as_deref();
        let (expected, optional) = match &self.tenant {
            TenantRule::OfIssuer(tenancy) => {
                (claims.issuer.as_deref().and_then(|issuer| tenancy.tenant_in(issuer)), false)
            }
            TenantRule::Is(tenant) => (Some(tenant.as_str()), false),
            TenantRule::IsIfThere(tenant) => (Some(tenant.as_str()), true),
        };
        match claimed {
            None if optional => Ok(()),
            None => Err(PolicyError::Missing { claim: "tid" }),
            Some(claimed) if Some(claimed) == expected => Ok(()),
            Some(claimed) => Err(PolicyError::TenantMismatch {
                seen: UntrustedText::new(claimed),
                expected: UntrustedText::new(expected.unwrap_or_default()),
            }),
        }
    }

    /// B2C writes the policy's name in the case of whoever asked for it.
    fn check_user_flow(&self, claims: &KnownClaims) -> Result<(), PolicyError> {
        let Some(allowed) = &self.user_flow else {
            return Ok(());
        };
        let claimed = claims.microsoft.user_flow().unwrap_or_default();
        if claimed.eq_ignore_ascii_case(allowed) {
            Ok(())
        } else {
            Err(PolicyError::UserFlow { seen: UntrustedText::new(claimed) })
        }
    }
}
