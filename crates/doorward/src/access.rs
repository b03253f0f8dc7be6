use crate::{error::Error, policy::AccessToken, rule::Rule};

/// What a guarded route asks of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// A valid token that meets the rule.
    Require(Rule),
    /// A valid token, or none at all. A token that is there and invalid is refused: it never makes
    /// a request anonymous.
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

    /// Decides about an authenticated request and returns the token to go on with; `None` for an
    /// anonymous request where that is allowed.
    ///
    /// # Errors
    ///
    /// [`Error`] when the request is refused.
    pub fn admit(
        &self,
        authenticated: Result<AccessToken, Error>,
    ) -> Result<Option<AccessToken>, Error> {
        match (self, authenticated) {
            (Self::Require(rule), Ok(token)) => {
                rule.authorize(&token)?;
                Ok(Some(token))
            }
            (Self::Optional, Ok(token)) => Ok(Some(token)),
            (Self::Optional, Err(error)) if error.is_anonymous() => Ok(None),
            (Self::Require(_) | Self::Optional, Err(error)) => Err(error),
        }
    }
}
