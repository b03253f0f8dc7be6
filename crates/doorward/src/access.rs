use crate::{
    error::Error,
    policy::AccessToken,
    rule::{RequestInfo, Rule},
};

/// What a guarded route requires of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// A valid token that meets the rule.
    Require(Rule),
    /// A valid token, or none at all. An invalid token is rejected: it never makes a request
    /// anonymous.
    Optional,
}

impl Access {
    /// Returns the rule, if a token is required.
    #[must_use]
    pub const fn rule(&self) -> Option<&Rule> {
        match self {
            Self::Require(rule) => Some(rule),
            Self::Optional => None,
        }
    }

    /// Decides about an authenticated request. Returns the token to go on with; `None` for an
    /// anonymous request where that is allowed.
    pub(crate) fn decide(
        &self,
        authenticated: Result<AccessToken, Error>,
        request: &RequestInfo<'_>,
    ) -> Result<Option<AccessToken>, Error> {
        match (self, authenticated) {
            (Self::Require(rule), Ok(token)) => {
                rule.authorize(&token, request)?;
                Ok(Some(token))
            }
            (Self::Optional, Ok(token)) => Ok(Some(token)),
            (Self::Optional, Err(error)) if error.is_anonymous() => Ok(None),
            (Self::Require(_) | Self::Optional, Err(error)) => Err(error),
        }
    }
}
