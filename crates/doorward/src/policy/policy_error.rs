use crate::terms::{claim_path::ClaimPath, untrusted_text::UntrustedText};

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
    #[error("the issuer \"{seen}\" is not trusted")]
    UntrustedIssuer {
        /// The `iss` of the token.
        seen: UntrustedText,
    },
    /// The issuer is a tenant of Microsoft, and not one that this server trusts.
    #[error(
        "the issuer \"{seen}\" is another tenant than those trusted, or in another cloud: the client signed in to the wrong one, or the API must trust it (`Issuer::entra_tenants`)"
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
        "the issuer \"{seen}\" is that of a v{version} token, and the tenant is trusted by its name for the other version alone: trust it with `Issuer::entra`, or set `api.requestedAccessTokenVersion` in the API's manifest"
    )]
    TokenVersion {
        /// The `iss` of the token.
        seen: UntrustedText,
        /// The version of the token: 1 or 2.
        version: u8,
    },
    /// The claim `tid` is not the tenant of the issuer.
    #[error("the claim `tid` is \"{seen}\", which is not the tenant of the token's issuer")]
    TenantMismatch {
        /// The `tid` of the token.
        seen: UntrustedText,
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
    /// A claim that this server was configured to require is absent, or says something else.
    #[error("the claim `{claim}` is missing, or does not say what is required")]
    Required {
        /// Where the claim stands.
        claim: ClaimPath,
    },
    /// The token is for another API.
    #[error("the token is for another API: its audience is \"{seen}\"")]
    Audience {
        /// The `aud` of the token, or the claim that stands in its place.
        seen: UntrustedText,
    },
    /// The token is an ID token: it says who signed in, and grants nothing.
    #[error("the token is an ID token; the client must send the access token")]
    IdToken,
    /// The token is bound to a key (`cnf`), and a bearer proves no possession of one.
    #[error("the token is bound to a key (`cnf`) and cannot be used as a bearer token")]
    Bound,
    /// The token lives longer than this API accepts, or does not say since when.
    #[error("the token lives longer than this API accepts")]
    Lifetime,
    /// The token says that it was issued in the future, beyond the leeway.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// The token is not valid yet, beyond the leeway.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The token has expired, beyond the leeway.
    #[error("the token has expired")]
    Expired,
}

impl PolicyError {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::TokenType => "policy.token_type",
            Self::UntrustedIssuer { .. } => "policy.untrusted_issuer",
            Self::OtherTenant { .. } => "policy.other_tenant",
            Self::BlockedTenant { .. } => "policy.blocked_tenant",
            Self::ConsumerAccount => "policy.consumer_account",
            Self::TokenVersion { .. } => "policy.token_version",
            Self::TenantMismatch { .. } => "policy.tenant_mismatch",
            Self::UserFlow { .. } => "policy.user_flow",
            Self::LegacySubject => "policy.legacy_subject",
            Self::Missing { .. } => "policy.missing",
            Self::Required { .. } => "policy.required",
            Self::Audience { .. } => "policy.audience",
            Self::IdToken => "policy.id_token",
            Self::Bound => "policy.bound",
            Self::Lifetime => "policy.lifetime",
            Self::IssuedInFuture => "policy.issued_in_future",
            Self::NotYetValid => "policy.not_yet_valid",
            Self::Expired => "policy.expired",
        }
    }
}
