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
    /// A valid token, or none at all. A request with an invalid token is refused, never anonymous.
    Optional,
}

impl Access {
    /// Returns the rule, where a token is required.
    #[must_use]
    pub const fn rule(&self) -> Option<&Rule> {
        match self {
            Self::Require(rule) => Some(rule),
            Self::Optional => None,
        }
    }

    /// Decides whether the request may pass and returns its token; `None` for an anonymous request
    /// where the token is optional.
    ///
    /// # Errors
    ///
    /// [`Error`] when the request is refused.
    pub fn admit(
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
