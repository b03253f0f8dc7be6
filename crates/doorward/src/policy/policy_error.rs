use std::time::Duration;

use super::ConfiguredNames;
use crate::terms::{
    audience::Audience, claim_path::ClaimPath, codes::codes, untrusted_text::UntrustedText,
};

/// Why claims are not admitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The header's `typ` is that of another kind of token.
    #[error(
        "the header's `typ` is not that of an access token, or not `at+jwt` where that is asked"
    )]
    TokenType,
    /// The issuer is not one that this server trusts.
    #[error("the issuer \"{seen}\" is not trusted{}", .trusted.after("; trusted: "))]
    UntrustedIssuer {
        /// The `iss` of the token.
        seen: UntrustedText,
        /// The issuers that are trusted, or the one whose name is nearly the same.
        trusted: ConfiguredNames,
    },
    /// The issuer is a tenant of Microsoft, and not one that this server trusts.
    #[error(
        "the issuer \"{seen}\" is another tenant than those trusted, or in another cloud: the client signed in to the wrong one, or the API must trust it (`Entra::tenants`)"
    )]
    OtherTenant {
        /// The `iss` of the token.
        seen: UntrustedText,
    },
    /// The operator has blocked the tenant.
    #[error("the tenant {tenant} is blocked (`block_tenant`, `block_tenants`)")]
    BlockedTenant {
        /// The tenant's ID.
        tenant: UntrustedText,
    },
    /// The issuer is the tenant of personal Microsoft accounts.
    #[error(
        "the token is of a personal Microsoft account; to accept these, trust the issuer with `.allow_consumer_accounts()`"
    )]
    ConsumerAccount,
    /// The tenant is trusted by the name that it has in tokens of the other version.
    #[error(
        "the issuer \"{seen}\" is that of a v{version} token, and the tenant is trusted by its name for the other version alone: trust it with `Entra::tenant`, or set `api.requestedAccessTokenVersion` in the API's manifest"
    )]
    TokenVersion {
        /// The `iss` of the token.
        seen: UntrustedText,
        /// The version of the token: 1 or 2.
        version: u8,
    },
    /// The claim `tid` is not the tenant of the issuer.
    #[error(
        "the claim `tid` is \"{seen}\", and the tenant of the token's issuer is \"{expected}\""
    )]
    TenantMismatch {
        /// The `tid` of the token.
        seen: UntrustedText,
        /// The tenant of the issuer.
        expected: UntrustedText,
    },
    /// The token was issued under a B2C policy (user flow) that is not allowed.
    #[error(
        "the B2C policy \"{seen}\" (`tfp` or `acr`, empty where there is neither) is not among those allowed"
    )]
    UserFlow {
        /// The `tfp` or `acr` of the token; empty when it has neither.
        seen: UntrustedText,
    },
    /// The subject is a text that B2C gives to every user alike.
    #[error(
        "the claim `sub` says \"Not supported currently\" for every user: set the user flow's subject claim to ObjectID"
    )]
    LegacySubject,
    /// A claim that the token must have is absent.
    #[error("the claim `{claim}` is missing")]
    Missing {
        /// The claim's name.
        claim: &'static str,
    },
    /// A claim that this server was configured to require is absent, or has another value.
    #[error("the claim `{claim}` is missing, or does not have the required value")]
    Required {
        /// Where the claim stands.
        claim: ClaimPath,
    },
    /// The token is for another API.
    #[error("the token is for another API: its audience is \"{seen}\"{}", .accepted.after("; accepted: "))]
    Audience {
        /// The `aud` of the token, or the claim that is compared instead.
        seen: UntrustedText,
        /// The audiences that are accepted, or the one that is nearly the same.
        accepted: ConfiguredNames,
    },
    /// The token is an ID token: it says who signed in, and grants nothing.
    #[error("the token is an ID token; the client must send the access token")]
    IdToken,
    /// The token is bound to a key (`cnf`), and a bearer proves no possession of one.
    #[error("the token is bound to a key (`cnf`) and cannot be used as a bearer token")]
    Bound,
    /// The Microsoft token has neither `scp` nor `roles`: the app has no permission for this API.
    #[error(
        "the token has neither `scp` nor `roles`: grant the app an app role of this API, or accept such apps with `.allow_apps_without_roles()`"
    )]
    AppWithoutRoles,
    /// The time from `iat` to `exp` is longer than this API accepts, or `iat` is absent.
    #[error("the token is valid for {}; at most {} s are accepted (`.max_lifetime(…)`)", seconds(*.lifetime), .most.as_secs())]
    Lifetime {
        /// The time from `iat` to `exp`; `None` where `iat` is absent.
        lifetime: Option<Duration>,
        /// The longest that is accepted.
        most: Duration,
    },
    /// The token was issued longer ago than this API accepts, or `iat` is absent.
    #[error("the token is {} old; at most {} s are accepted (`.max_token_age(…)`)", seconds(*.age), .most.as_secs())]
    TooOld {
        /// The time since `iat`; `None` where `iat` is absent.
        age: Option<Duration>,
        /// The greatest that is accepted, without the leeway.
        most: Duration,
    },
    /// `iat` is in the future, beyond the leeway.
    #[error(
        "the token was issued {} s in the future, beyond the leeway of {} s: compare the issuer's clock with this host's",
        .ahead.as_secs(), .leeway.as_secs()
    )]
    IssuedInFuture {
        /// How far ahead of the clock `iat` is.
        ahead: Duration,
        /// The difference between clocks that is accepted.
        leeway: Duration,
    },
    /// `nbf` is in the future, beyond the leeway.
    #[error(
        "the token becomes valid in {} s, beyond the leeway of {} s",
        .ahead.as_secs(), .leeway.as_secs()
    )]
    NotYetValid {
        /// How far ahead of the clock `nbf` is.
        ahead: Duration,
        /// The difference between clocks that is accepted.
        leeway: Duration,
    },
    /// `exp` has passed, and the leeway too.
    #[error("the token expired {} s ago; the leeway is {} s", .ago.as_secs(), .leeway.as_secs())]
    Expired {
        /// The time since `exp`.
        ago: Duration,
        /// The difference between clocks that is accepted.
        leeway: Duration,
    },
}

fn seconds(duration: Option<Duration>) -> String {
    match duration {
        Some(duration) => format!("{} s", duration.as_secs()),
        None => "an unknown time (no `iat`)".to_owned(),
    }
}

codes!(PolicyError {
    TokenType => "policy.token_type",
    UntrustedIssuer => "policy.untrusted_issuer",
    OtherTenant => "policy.other_tenant",
    BlockedTenant => "policy.blocked_tenant",
    ConsumerAccount => "policy.consumer_account",
    TokenVersion => "policy.token_version",
    TenantMismatch => "policy.tenant_mismatch",
    UserFlow => "policy.user_flow",
    LegacySubject => "policy.legacy_subject",
    Missing => "policy.missing",
    Required => "policy.required",
    Audience => "policy.audience",
    IdToken => "policy.id_token",
    Bound => "policy.bound",
    AppWithoutRoles => "policy.app_without_roles",
    Lifetime => "policy.lifetime",
    IssuedInFuture => "policy.issued_in_future",
    TooOld => "policy.too_old",
    NotYetValid => "policy.not_yet_valid",
    Expired => "policy.expired",
});

impl PolicyError {
    pub(crate) fn untrusted_issuer<'n>(seen: &str, trusted: impl Iterator<Item = &'n str>) -> Self {
        let trusted = ConfiguredNames::nearest(seen, trusted);
        Self::UntrustedIssuer { seen: UntrustedText::new(seen), trusted }
    }

    pub(super) fn audience<'a>(
        seen: impl Iterator<Item = &'a str> + Clone,
        accepted: &Audience,
    ) -> Self {
        let first = seen.clone().next().unwrap_or_default();
        let accepted = ConfiguredNames::nearest(first, accepted.names());
        Self::Audience { seen: UntrustedText::list(seen), accepted }
    }
}
