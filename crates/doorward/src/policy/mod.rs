//! Stage 6: from claims to a verified access token.
//!
//! In: [`ClaimsSet`], the [`Policy`] of its issuer, and the time. Out: [`AccessToken`], which
//! nothing else can make. Rejected, in this order: another type of token, an issuer that is not
//! trusted, a missing subject, another tenant or B2C policy, another audience, an ID token, a token
//! bound to a key, a Microsoft token without any permission, a claim without the required value; and
//! last what the time decides: lives too long, issued in the future, too old, not yet valid, expired
//! ([RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4)).

mod access_token;
mod actor;
mod actor_rule;
mod blocked_tenants;
mod configured_names;
mod microsoft;
mod policy_error;
mod principal;

use std::{sync::Arc, time::Duration};

pub use access_token::AccessToken;
pub(crate) use access_token::IssuerContext;
pub use actor::Actor;
pub(crate) use actor_rule::ActorRule;
pub(crate) use blocked_tenants::BlockedTenants;
pub use configured_names::ConfiguredNames;
pub(crate) use microsoft::{MicrosoftPolicy, TenantRule};
pub use policy_error::PolicyError;
pub use principal::Principal;

use serde_json::Value;

use crate::{
    claims::{ClaimsSet, KnownClaims, claim_says},
    terms::{audience::Audience, claim_path::ClaimPath, tenancy::Tenancy, time::UnixTime},
    token::TokenType,
};

/// The conditions that tokens of one issuer must meet.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) token_type: TypeRule,
    pub(crate) issuers: IssuerNames,
    pub(crate) microsoft: Option<MicrosoftPolicy>,
    /// Shared by all issuers of a server.
    pub(crate) blocked_tenants: Arc<BlockedTenants>,
    pub(crate) audience: AudienceRule,
    /// The claim that is compared with the audience instead of `aud`.
    pub(crate) audience_claim: Option<ClaimPath>,
    /// Claims that must be present, and their values.
    pub(crate) required: Vec<RequiredClaim>,
    /// Whether `azp` or `appid` must be there, because the issuer's ID tokens look like access
    /// tokens otherwise.
    pub(crate) authorized_party: bool,
    /// The longest time from `iat` to `exp`, if there is a limit.
    pub(crate) max_lifetime: Option<Duration>,
    /// The longest time since `iat`, if there is a limit.
    pub(crate) max_age: Option<Duration>,
    /// How the actor is derived from a token without `idtyp`.
    pub(crate) actor: ActorRule,
    /// What every token admitted knows of its issuer.
    pub(crate) context: Arc<IssuerContext>,
}

/// Which `typ` is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TypeRule {
    /// `at+jwt`, `JWT` or none.
    AccessToken,
    /// `at+jwt` alone (RFC 9068 §4).
    AtJwt,
    /// These.
    Listed(Vec<TokenType>),
    /// Any: set by a method named `danger_…`.
    Any,
}

impl TypeRule {
    pub(crate) fn listed(types: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        Self::Listed(types.into_iter().map(|typ| TokenType::parse(typ.as_ref())).collect())
    }

    /// Returns whether some token could meet it: whether a list has values, and no blank one.
    pub(crate) fn accepts_some(&self) -> bool {
        let blank =
            |typ: &TokenType| matches!(typ, TokenType::Other(text) if text.trim().is_empty());
        match self {
            Self::Listed(types) => !types.is_empty() && !types.iter().any(blank),
            Self::AccessToken | Self::AtJwt | Self::Any => true,
        }
    }

    fn accepts(&self, token_type: &TokenType) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(types) => types.contains(token_type),
            Self::AtJwt => *token_type == TokenType::AccessToken,
            Self::AccessToken => !matches!(token_type, TokenType::Other(_)),
        }
    }
}

/// The accepted forms of `iss`, compared byte for byte.
#[derive(Clone, Debug)]
pub(crate) enum IssuerNames {
    Listed(Vec<String>),
    Tenants(Arc<Tenancy>),
}

impl IssuerNames {
    /// Returns the names, as far as they can be listed: not those of every tenant of a cloud.
    pub(crate) fn listed(&self) -> Vec<String> {
        match self {
            Self::Listed(names) => names.clone(),
            Self::Tenants(tenancy) => tenancy.names(),
        }
    }
}

/// Which audience is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AudienceRule {
    OneOf(Audience),
    /// Any, even none: set by a method named `danger_…`.
    Any,
}

/// A claim that must be present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequiredClaim {
    pub(crate) path: ClaimPath,
    /// Its value, unless any will do.
    pub(crate) value: Option<Value>,
}

/// The claims of a token, verified or not.
pub(crate) struct ClaimsView<'c> {
    pub(crate) token_type: &'c TokenType,
    pub(crate) known: &'c KnownClaims,
    pub(crate) text: &'c str,
}

/// Why verified claims are not admitted, and whose they are.
pub(crate) struct NotAdmitted {
    pub(crate) error: PolicyError,
    pub(crate) principal: Option<Principal>,
}

impl Policy {
    /// Admits the claims, or says which check they fail first.
    pub(crate) fn admit(
        &self,
        claims: ClaimsSet,
        now: UnixTime,
    ) -> Result<AccessToken, NotAdmitted> {
        let ClaimsSet { token_type, known, text } = &claims;
        if let Err(error) = self.check(&ClaimsView { token_type, known, text }, now) {
            return Err(NotAdmitted { error, principal: Principal::of(known) });
        }
        let token = AccessToken::admitted(claims, Arc::clone(&self.context), now)
            .map_err(|error| NotAdmitted { error, principal: None })?;
        Ok(token.with_actor(|token| self.actor.actor_of(token)))
    }

    /// Admits a token anew that this policy has admitted before: only the time and the blocked tenants
    /// can have changed.
    pub(crate) fn admit_again(&self, token: &AccessToken, now: UnixTime) -> Option<AccessToken> {
        self.check_time(token.known(), now).ok()?;
        self.check_not_blocked(token.issuer(), token.known()).ok()?;
        Some(token.admitted_again(now))
    }

    /// Runs every check, in the order of this stage.
    fn check(&self, claims: &ClaimsView<'_>, now: UnixTime) -> Result<(), PolicyError> {
        self.check_registered(claims)?;
        self.check_required(claims.text)?;
        self.check_time(claims.known, now)
    }

    /// Runs the checks of a token that nobody has verified, without the claims that this server was
    /// configured to require: while the issuer is down, the answer to a forged token must not depend
    /// on the values that they must have.
    pub(crate) fn unverified_check(
        &self,
        claims: &ClaimsView<'_>,
        now: UnixTime,
    ) -> Result<(), PolicyError> {
        self.check_registered(claims)?;
        self.check_time(claims.known, now)
    }

    fn check_registered(&self, claims: &ClaimsView<'_>) -> Result<(), PolicyError> {
        let known = claims.known;
        if !self.token_type.accepts(claims.token_type) {
            return Err(PolicyError::TokenType);
        }
        self.check_issuer(known)?;
        known.subject.as_ref().ok_or(PolicyError::Missing { claim: "sub" })?;
        if let Some(microsoft) = &self.microsoft {
            microsoft.check(known)?;
        }
        self.check_not_blocked(known.issuer.as_deref().unwrap_or_default(), known)?;
        self.check_audience(known)?;
        self.check_kind(known)
    }

    fn check_issuer(&self, claims: &KnownClaims) -> Result<(), PolicyError> {
        let issuer = claims.issuer.as_deref().ok_or(PolicyError::Missing { claim: "iss" })?;
        let accepted = match &self.issuers {
            IssuerNames::Listed(names) => names.iter().any(|accepted| accepted == issuer),
            IssuerNames::Tenants(tenancy) => tenancy.accepts(issuer),
        };
        if accepted {
            Ok(())
        } else {
            let names = match &self.issuers {
                IssuerNames::Listed(names) => names.as_slice(),
                IssuerNames::Tenants(_) => &[],
            };
            Err(PolicyError::untrusted_issuer(issuer, names.iter().map(String::as_str)))
        }
    }

    /// The issuer's name is given beside: an admitted token has taken it out of its claims.
    fn check_not_blocked(&self, issuer: &str, claims: &KnownClaims) -> Result<(), PolicyError> {
        let (claimed, of_issuer) = (&claims.microsoft.tenant, &self.context.tenant);
        let tenants = [claimed.as_deref(), of_issuer.as_deref()];
        self.blocked_tenants.check(issuer, tenants.into_iter().flatten())
    }

    fn check_audience(&self, claims: &KnownClaims) -> Result<(), PolicyError> {
        let AudienceRule::OneOf(accepted) = &self.audience else {
            return Ok(());
        };
        let audience = claims.audience.as_ref().ok_or_else(|| match &self.audience_claim {
            Some(claim) => PolicyError::Required { claim: claim.clone() },
            None => PolicyError::Missing { claim: "aud" },
        })?;
        if audience.iter().any(|name| accepted.accepts(name)) {
            Ok(())
        } else {
            Err(PolicyError::audience(audience.iter(), accepted))
        }
    }

    fn check_kind(&self, claims: &KnownClaims) -> Result<(), PolicyError> {
        let no_party = self.authorized_party && !claims.client.is_authorized_party();
        if claims.of_id_token || no_party {
            return Err(PolicyError::IdToken);
        }
        if claims.bound {
            return Err(PolicyError::Bound);
        }
        self.microsoft.as_ref().map_or(Ok(()), |microsoft| microsoft.check_permissions(claims))
    }

    fn check_required(&self, text: &str) -> Result<(), PolicyError> {
        let unmet = |required: &&RequiredClaim| {
            claim_says(text, &required.path, required.value.as_ref()) != Some(true)
        };
        match self.required.iter().find(unmet) {
            None => Ok(()),
            Some(required) => Err(PolicyError::Required { claim: required.path.clone() }),
        }
    }

    /// RFC 7519 §4.1.4 to §4.1.6: `now` must be before `exp`, and not before `nbf` and `iat`.
    fn check_time(&self, claims: &KnownClaims, now: UnixTime) -> Result<(), PolicyError> {
        let expires = claims.expires.ok_or(PolicyError::Missing { claim: "exp" })?;
        let leeway = self.context.leeway;
        if let Some(most) = self.max_lifetime {
            let lifetime = claims.issued_at.map(|issued_at| expires.saturating_since(issued_at));
            if lifetime.is_none_or(|lifetime| lifetime > most) {
                return Err(PolicyError::Lifetime { lifetime, most });
            }
        }
        let latest_start = now.saturating_add(leeway);
        if let Some(issued_at) = claims.issued_at.filter(|issued_at| *issued_at > latest_start) {
            let ahead = issued_at.saturating_since(now);
            return Err(PolicyError::IssuedInFuture { ahead, leeway });
        }
        if let Some(most) = self.max_age {
            let age = claims.issued_at.map(|issued_at| now.saturating_since(issued_at));
            if age.is_none_or(|age| age > most.saturating_add(leeway)) {
                return Err(PolicyError::TooOld { age, most });
            }
        }
        if let Some(not_before) = claims.not_before.filter(|start| *start > latest_start) {
            let ahead = not_before.saturating_since(now);
            return Err(PolicyError::NotYetValid { ahead, leeway });
        }
        if now >= expires.saturating_add(leeway) {
            let ago = now.saturating_since(expires);
            Err(PolicyError::Expired { ago, leeway })
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::server_handle::ServerHandle;

    /// What chose the keys is compared again here, once the signature has passed.
    #[test]
    fn issuer_and_b2c_policy_are_compared_again() {
        let microsoft = MicrosoftPolicy {
            tenant: TenantRule::IsIfThere("t".to_owned()),
            user_flow: Some("B2C_1_a".to_owned()),
            apps_without_permission: true,
        };
        let context = IssuerContext {
            server: ServerHandle::new(Arc::new(())),
            app_id_uris: Arc::default(),
            implied: Arc::default(),
            tenant: None,
            sign_in: None,
            leeway: Duration::ZERO,
        };
        let policy = Policy {
            token_type: TypeRule::AccessToken,
            issuers: IssuerNames::Listed(vec!["https://a.example".to_owned()]),
            microsoft: Some(microsoft),
            blocked_tenants: Arc::default(),
            audience: AudienceRule::Any,
            audience_claim: None,
            required: Vec::new(),
            authorized_party: false,
            max_lifetime: None,
            max_age: None,
            actor: ActorRule::default(),
            context: Arc::new(context),
        };
        let code = |issuer: &str, flow: &str| {
            let mut known = KnownClaims::default();
            known.issuer = Some(issuer.to_owned());
            known.subject = Some("u".to_owned());
            known.expires = Some(UnixTime::from_secs(2));
            known.microsoft.trust_framework_policy = Some(flow.to_owned());
            let claims = ClaimsView { token_type: &TokenType::Absent, known: &known, text: "{}" };
            policy.check(&claims, UnixTime::from_secs(1)).map_err(|error| error.code())
        };
        assert_eq!(code("https://a.example", "b2c_1_A"), Ok(()));
        assert_eq!(code("https://b.example", "B2C_1_a"), Err("policy.untrusted_issuer"));
        assert_eq!(code("https://a.example", "B2C_1_b"), Err("policy.user_flow"));
    }
}
