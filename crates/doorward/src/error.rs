use std::time::Duration;

use crate::{
    claims::ClaimsError,
    credentials::CredentialsError,
    key::KeyError,
    policy::{NotAdmitted, PolicyError, Principal},
    rule::RuleError,
    signature::SignatureError,
    terms::codes::{self, codes},
    token::TokenError,
};

/// Why a request is refused, for the operator: log it, alert on its [`code`](Self::code), never send
/// it to the client.
///
/// Each stage of the pipeline has one enum. Nothing here holds a token, a signature or a secret; text
/// that came with a token is cut and escaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Stage 1: the request carries no usable credentials.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// Stage 2: the bearer token is not a signed token that this library reads.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Stage 3: no key of the issuer may verify the token.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Stage 4: the signature is not valid.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Stage 5: the claims cannot be read.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// Stage 6: the claims do not satisfy the issuer's policy.
    #[error("{error}")]
    #[non_exhaustive]
    Policy {
        /// The check that failed.
        error: PolicyError,
        /// Who sent the token; `None` if its signature has not been verified.
        principal: Option<Box<Principal>>,
    },
    /// Stage 8: the token does not meet the route's rule.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The token cannot be verified at the moment, through no fault of the client.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a token cannot be verified at the moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// No keys of the issuer are available, or none recent enough to be used.
    #[error("no usable keys of the issuer {issuer} are available")]
    Keys {
        /// The issuer, as configured.
        issuer: String,
        /// How long the client should wait.
        retry_after: Duration,
    },
    /// The key is unknown, and the issuer could not be asked for it.
    #[error("the key is unknown, and the issuer {issuer} could not be asked")]
    Issuer {
        /// The issuer, as configured.
        issuer: String,
        /// How long the client should wait.
        retry_after: Duration,
    },
    /// The clock does not return the time.
    #[error("the clock does not return the time")]
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
}

codes!(Unavailable {
    Keys => "unavailable.keys",
    Issuer => "unavailable.issuer",
    Clock => "unavailable.clock",
});

const CODES_BY_STAGE: &[&[&str]] = &[
    CredentialsError::CODES,
    TokenError::CODES,
    KeyError::CODES,
    SignatureError::CODES,
    ClaimsError::CODES,
    PolicyError::CODES,
    RuleError::CODES,
    Unavailable::CODES,
];

impl Error {
    /// Every value that [`code`](Self::code) can return, in the order of the stages.
    pub const CODES: &[&str] = &codes::join::<{ codes::count(CODES_BY_STAGE) }>(CODES_BY_STAGE);

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

    /// Returns who sent the token, where its signature is valid and the policy or the rule refuses it.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Policy { principal, .. } => principal.as_deref(),
            Self::Rule(error) => Some(error.principal()),
            _ => None,
        }
    }

    /// Returns whether the request carries no bearer credentials at all, so that an optional route
    /// serves it anonymously. Every other error is a refusal there too.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        matches!(self, Self::Credentials(CredentialsError::Missing))
    }
}

impl From<PolicyError> for Error {
    /// For a token whose signature has not been verified.
    fn from(error: PolicyError) -> Self {
        Self::Policy { error, principal: None }
    }
}

impl From<NotAdmitted> for Error {
    fn from(NotAdmitted { error, principal }: NotAdmitted) -> Self {
        Self::Policy { error, principal: principal.map(Box::new) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_stands_once_and_names_its_stage() {
        let different: HashSet<_> = Error::CODES.iter().collect();
        assert_eq!(different.len(), Error::CODES.len());
        let stages =
            ["credentials", "token", "key", "signature", "claims", "policy", "rule", "unavailable"];
        for (codes, stage) in CODES_BY_STAGE.iter().zip(stages) {
            assert!(codes.iter().all(|code| code.starts_with(&format!("{stage}."))), "{stage}");
        }
        assert_eq!(Error::CODES, CODES_BY_STAGE.concat());
    }
}
