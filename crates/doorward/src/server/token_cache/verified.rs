use std::sync::{Arc, Weak};

use super::lookup_key::Text;
use crate::{
    key::VerifyingKey, limits, policy::AccessToken, server::issuer_registry::RegisteredIssuer,
    terms::time::UnixTime,
};

/// A verified token, with its key and issuer.
pub(in crate::server) struct Verified {
    /// The token as it was sent.
    pub(super) text: Text,
    pub(in crate::server) token: AccessToken,
    pub(in crate::server) key: Arc<VerifyingKey>,
    /// The position of the issuer among the others.
    pub(in crate::server) position: usize,
    /// Not held: an issuer's keys are fetched as long as it exists.
    pub(in crate::server) issuer: Weak<RegisteredIssuer>,
    /// From when on it is no longer cached: it has expired, or was verified long ago.
    pub(in crate::server) until: UnixTime,
    pub(super) generation: Generation,
}

/// The number of times that everything was evicted. It is read before a token is verified, so that
/// what is evicted meanwhile is not cached after.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::server) struct Generation(pub(super) u64);

impl Verified {
    pub(in crate::server) fn new(
        text: Text,
        (token, issuer): (AccessToken, Weak<RegisteredIssuer>),
        key: Arc<VerifyingKey>,
        position: usize,
        generation: Generation,
    ) -> Self {
        let expiry = token.expires_at().saturating_add(token.leeway());
        let until = token.admitted_at().saturating_add(limits::CACHED_FOR).min(expiry);
        Self { text, token, key, position, issuer, until, generation }
    }

    /// Returns a copy whose token is apart in memory.
    pub(super) fn copy(&self) -> Self {
        Self {
            text: self.text.clone(),
            token: self.token.copy(),
            key: Arc::clone(&self.key),
            position: self.position,
            issuer: Weak::clone(&self.issuer),
            until: self.until,
            generation: self.generation,
        }
    }

    /// Returns about how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.text.octets.len().saturating_add(self.token.footprint())
    }
}
