//! The verification of one token with the cached keys, and the one step back for keys that are not
//! cached.

use std::{sync::Arc, time::Duration};

use super::{
    inner::Inner,
    issuer_registry::{IssuerMatch, RegisteredIssuer},
    token_cache::{Generation, Verified},
};
use crate::{
    credentials::BearerToken,
    error::{Error, Unavailable},
    key::KeySetView,
    key_set::{FetchTicket, Fetching, KeyNeed},
    policy::AccessToken,
    terms::time::UnixTime,
    token::Jws,
    verifier::NotVerified,
};

/// The token of one request, to be verified by a server.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    inner: &'a Inner,
    token: BearerToken<'a>,
}

/// Why a token is refused with the cached keys.
struct Refused {
    error: Error,
    /// The key that a fetch may bring: the token would pass if its signature did.
    missing: Option<MissingKey>,
}

struct MissingKey {
    issuer: Arc<RegisteredIssuer>,
    need: KeyNeed,
}

/// The state of a request after an attempt.
pub(super) enum Step {
    Done(Result<AccessToken, Error>),
    Wait {
        fetching: Fetching,
        /// When the request began to wait, on the monotonic clock, if the fetch had begun before: then
        /// its keys may be older than the token.
        joined: Option<Duration>,
    },
}

impl<E: Into<Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self { error: error.into(), missing: None }
    }
}

impl<'a> Attempt<'a> {
    pub(super) const fn new(inner: &'a Inner, token: BearerToken<'a>) -> Self {
        Self { inner, token }
    }

    /// Verifies the token, and requests a fetch if nothing but a key is missing. `since` is when the
    /// request began to wait, if it has waited already.
    pub(super) fn verify_or_fetch(self, since: Option<Duration>) -> Step {
        let refused = match self.verify() {
            Ok(token) => return Step::Done(Ok(token)),
            Err(refused) => refused,
        };
        let missing = refused.missing.as_ref();
        let refresher =
            missing.and_then(|missing| Some((missing.issuer.keys.refresher()?, missing)));
        let Some((refresher, MissingKey { need, .. })) = refresher else {
            return Step::Done(Err(refused.error));
        };
        let since = since.unwrap_or_else(|| self.inner.settings.clock.monotonic());
        let fetched = match Arc::clone(refresher).request(need, since) {
            FetchTicket::Wait { fetch, joined } => {
                return Step::Wait { fetching: fetch, joined: joined.then_some(since) };
            }
            FetchTicket::NotBefore(_) => Err(refresher.unavailable(need)),
            FetchTicket::Absent => Ok(()),
        };
        // Another fetch may have ended meanwhile.
        Step::Done(self.verify_after(fetched))
    }

    /// Verifies the token after a fetch that had begun before. If the key is still unknown, one more
    /// fetch is requested.
    pub(super) fn retry(self, fetched: Result<(), Unavailable>, since: Duration) -> Step {
        match fetched {
            Ok(()) => self.verify_or_fetch(Some(since)),
            Err(_) => Step::Done(self.verify_after(fetched)),
        }
    }

    /// Verifies the token after a fetch with this result, and requests no other.
    pub(super) fn verify_after(
        self,
        fetched: Result<(), Unavailable>,
    ) -> Result<AccessToken, Error> {
        self.verify().map_err(|refused| match (refused.missing, fetched) {
            (Some(_), Err(unavailable)) => unavailable.into(),
            _ => refused.error,
        })
    }

    fn verify(self) -> Result<AccessToken, Refused> {
        // First of all: what is evicted from now on is not cached by this.
        let generation = self.inner.verified_tokens.generation();
        let now = self.inner.settings.clock.now().ok_or(Unavailable::Clock)?;
        match self.cached(now) {
            Some(token) => Ok(token),
            None => self.verify_with_keys(now, generation),
        }
    }

    /// Returns the token if it was verified before and would be verified again: its issuer is still
    /// trusted, its key is still usable, and policy and time still admit it.
    fn cached(self, now: UnixTime) -> Option<AccessToken> {
        // A longer token is not worth its hash.
        if self.token.as_bytes().len() > self.inner.settings.limits.token_len {
            return None;
        }
        let verified = self.inner.verified_tokens.find(self.token, now)?;
        let issuers = self.inner.issuers();
        let Some(issuer) = issuers.get(verified.position, &verified.issuer) else {
            self.inner.verified_tokens.evict(self.token.as_bytes());
            return None;
        };
        // Without usable keys the token stays cached: they may come back with the issuer.
        let current = issuer.keys.current(|| self.inner.settings.clock.monotonic())?;
        let is_usable =
            now < verified.until && current.key_set().is_usable(&verified.key, current.now);
        let again = is_usable.then(|| issuer.verifier.policy.admit_again(&verified.token, now));
        let again = again.flatten();
        if again.is_none() {
            self.inner.verified_tokens.evict(self.token.as_bytes());
        }
        again
    }

    fn verify_with_keys(
        self,
        now: UnixTime,
        generation: Generation,
    ) -> Result<AccessToken, Refused> {
        let Inner { settings, verified_tokens, .. } = self.inner;
        let jws = Jws::parse(self.token, settings.limits)?;
        let issuers = self.inner.issuers();
        let IssuerMatch { position, issuer, tenant } = issuers.find(jws.unverified_payload())?;
        let Some(current) = issuer.keys.current(|| settings.clock.monotonic()) else {
            let passes = issuer.verifier.unverified_would_pass(&jws, now);
            let need = passes.then_some(KeyNeed::AnyKey);
            return Err(Refused::new(issuer.no_keys().into(), issuer, need));
        };
        let keys =
            KeySetView { key_set: current.key_set(), tenant: tenant.as_deref(), now: current.now };
        let names_key = jws.header.key.name().is_some();
        let is_fixed = issuer.keys.refresher().is_none();
        let (token, key) = match issuer.verifier.verify(jws, keys, now) {
            Ok(verified) => verified,
            Err(NotVerified::Refused(error)) => return Err(error.into()),
            Err(NotVerified::UnknownKey { error, jws }) => {
                let passes = !is_fixed && issuer.verifier.unverified_would_pass(&jws, now);
                let need = passes.then(|| KeyNeed::Key(jws.header.key.name().cloned()));
                return Err(Refused::new(error, issuer, need));
            }
        };
        // The key of a token that names none depends on all keys of its issuer, which may change.
        let octets = token.raw_octets().filter(|_| names_key || is_fixed);
        if let Some(octets) = octets.map(Arc::clone) {
            let verified = (token.clone(), Arc::downgrade(issuer));
            verified_tokens.insert(octets, now, |text| {
                Verified::new(text, verified, key, position, generation)
            });
        }
        Ok(token)
    }
}

impl Refused {
    fn new(error: Error, issuer: &Arc<RegisteredIssuer>, need: Option<KeyNeed>) -> Self {
        let missing = need.map(|need| MissingKey { issuer: Arc::clone(issuer), need });
        Self { error, missing }
    }
}
