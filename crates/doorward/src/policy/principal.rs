use std::fmt;

use crate::claims::KnownClaims;

/// Who sent a token that is refused although its signature is good.
#[derive(Clone, PartialEq, Eq)]
pub struct Principal {
    issuer: String,
    client_id: Option<String>,
    subject: Option<String>,
}

impl Principal {
    pub(crate) fn new(issuer: &str, client_id: Option<&str>, subject: Option<&str>) -> Self {
        Self {
            issuer: issuer.to_owned(),
            client_id: client_id.map(str::to_owned),
            subject: subject.map(str::to_owned),
        }
    }

    /// Takes who the verified claims name, if they name an issuer.
    pub(super) fn of(known: &KnownClaims) -> Option<Self> {
        let issuer = known.issuer.as_deref()?;
        Some(Self::new(issuer, known.client.as_str(), known.subject.as_deref()))
    }

    /// Returns who issued the token.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the client that the token was issued to, if it says so.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// Returns for whom the token was issued. That is personal data, and no log of this library has
    /// it unless asked.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }
}

/// Shows who issued the token and to which client; the subject may be personal.
impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
