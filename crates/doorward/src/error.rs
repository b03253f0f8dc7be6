use std::time::Duration;

use crate::{
    claims::ClaimsError,
    credentials::CredentialsError,
    key::KeyError,
    policy::{NotAdmitted, PolicyError, Principal},
    rule::RuleError,
    signature::SignatureError,
    token::TokenError,
};

/// Why a request is refused, for the operator: log it, alert on its [`code`](Self::code), never
/// send it to the client.
///
/// There is one enum for each room of the walk. Nothing here holds a token, a signature or a
/// secret; text that came with a token is cut and escaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Room 1: the request carries no usable credentials.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// Room 2: the principal token is not a signed token that this library reads.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Room 3: no key of the issuer may verify the token.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Room 4: the signature is refused.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Room 5: the payload is not a set of claims.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// Room 6: the claims are not admitted.
    #[error("{error}")]
    #[non_exhaustive]
    Policy {
        /// Which check they fail.
        error: PolicyError,
        /// Who sent the token, if its signature has been verified.
        principal: Option<Box<Principal>>,
    },
    /// Room 7: the token does not meet the route's rule.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The token cannot be judged, through no fault of the client.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a token cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// No keys of the issuer are at hand, or none recent enough to be used.
    #[error("no usable keys of the issuer {issuer} are at hand")]
    Keys {
        /// The issuer, as configured.
        issuer: String,
        /// When to try again.
        retry_after: Duration,
    },
    /// The key is unknown, and the issuer could not be asked for it.
    #[error("the key is unknown, and the issuer {issuer} could not be asked")]
    Issuer {
        /// The issuer, as configured.
        issuer: String,
        /// When to try again.
        retry_after: Duration,
    },
    /// The clock cannot tell the time.
    #[error("the clock cannot tell the time")]
    Clock,
}

impl Unavailable {
    /// Returns the issuer whose keys are missing.
    pub(crate) fn issuer(&self) -> Option<&str> {
        match self {
            Self::Keys { issuer, .. } | Self::Issuer { issuer, .. } => Some(issuer),
            Self::Clock => None,
        }
    }

    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Keys { .. } => "unavailable.keys",
            Self::Issuer { .. } => "unavailable.issuer",
            Self::Clock => "unavailable.clock",
        }
    }
}

impl Error {
    /// All that [`code`](Self::code) can return, in the order of the rooms.
    pub const CODES: &[&str] = &[
        "credentials.missing",
        "credentials.malformed",
        "credentials.several",
        "token.too_long",
        "token.not_compact",
        "token.encrypted",
        "token.encoding",
        "token.header_json",
        "token.header_member",
        "token.algorithm_missing",
        "token.algorithm_unsupported",
        "token.extension",
        "token.nested",
        "key.unknown",
        "key.forgotten",
        "key.none_fits",
        "key.ambiguous",
        "key.other_tenant",
        "key.algorithm_mismatch",
        "signature.invalid",
        "signature.microsoft_resource",
        "claims.json",
        "claims.malformed",
        "claims.mismatch",
        "policy.token_type",
        "policy.untrusted_issuer",
        "policy.other_tenant",
        "policy.blocked_tenant",
        "policy.consumer_account",
        "policy.token_version",
        "policy.tenant_mismatch",
        "policy.user_flow",
        "policy.legacy_subject",
        "policy.missing",
        "policy.required",
        "policy.audience",
        "policy.id_token",
        "policy.bound",
        "policy.lifetime",
        "policy.issued_in_future",
        "policy.not_yet_valid",
        "policy.expired",
        "rule.not_met",
        "rule.step_up",
        "unavailable.keys",
        "unavailable.issuer",
        "unavailable.clock",
    ];

    /// Returns a stable name such as `policy.expired`, for metrics, alerts and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Credentials(error) => error.code(),
            Self::Token(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Signature(error) => error.code(),
            Self::Claims(error) => error.code(),
            Self::Policy { error, .. } => error.code(),
            Self::Rule(error) => error.code(),
            Self::Unavailable(error) => error.code(),
        }
    }

    /// Returns who sent the token, where its signature is good and only the policy or the rule
    /// refuses it.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Policy { principal, .. } => principal.as_deref(),
            Self::Rule(error) => Some(error.principal()),
            _ => None,
        }
    }

    /// Returns whether the request carries no principal credentials at all, so that a route whose
    /// token is optional serves it anonymously. Every other error is a refusal there too.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        matches!(self, Self::Credentials(CredentialsError::Missing))
    }
}

impl From<PolicyError> for Error {
    /// For a token whose signature was not looked at.
    fn from(error: PolicyError) -> Self {
        Self::Policy { error, principal: None }
    }
}

impl From<NotAdmitted> for Error {
    fn from(NotAdmitted { error, principal }: NotAdmitted) -> Self {
        Self::Policy { error, principal: principal.map(Box::new) }
    }
}
