//! Verifies one token, and fetches keys once where they are what is missing.

use std::{sync::Arc, time::Duration};

use super::{
    inner::Inner,
    issuer_registry::{IssuerMatch, RegisteredIssuer},
    token_cache::Verified,
};
use crate::{
    credentials::BearerToken,
    error::{Error, Unavailable},
    key::KeySetView,
    key_set::{Ask, Fetching, Want},
    limits,
    policy::AccessToken,
    terms::{key_id::KeyId, time::UnixTime},
    token::Jws,
};

/// How far the attempt comes with the keys at hand.
enum Attempt {
    Ended(Result<AccessToken, Error>),
    /// There are no keys that could be used, and the token may be worth asking for some.
    NoKeys(Arc<RegisteredIssuer>),
    /// The key is not at hand, and the token would pass if its signature did.
    UnknownKey {
        trust: Arc<RegisteredIssuer>,
        name: Option<KeyId>,
        error: Error,
    },
}

/// What becomes of a token that was verified before.
enum Revalidation {
    Admitted(AccessToken),
    /// There are no keys to say so.
    NoUsableKeys,
    /// It has to be verified anew, or is refused.
    Refused,
}

/// What to do next about a request.
pub(super) enum Step {
    Ended(Result<AccessToken, Error>),
    Wait {
        fetching: Fetching,
        /// For a fetch that was under way already: when the request began to wait for it, on the
        /// clock that never goes backwards.
        joined: Option<Duration>,
    },
}

impl Inner {
    /// Verifies the token with the keys that are available.
    fn attempt(&self, token: BearerToken<'_>) -> Attempt {
        if let Some(token) = self.cached(token) {
            return Attempt::Ended(Ok(token));
        }
        self.verify_with_current_keys(token).unwrap_or_else(|error| Attempt::Ended(Err(error)))
    }

    /// Returns the token if it was verified before and would be verified again: its issuer is still
    /// trusted, the same key serves, and the time is right.
    fn cached(&self, token: BearerToken<'_>) -> Option<AccessToken> {
        // Too long to have been verified: not worth its hash.
        if token.as_bytes().len() > self.settings.limits.token_len {
            return None;
        }
        let verified = self.verified_tokens.find(token)?;
        let now = self.settings.clock.now()?;
        let again = self.revalidate(&verified, now);
        if matches!(again, Revalidation::Refused) {
            self.verified_tokens.evict(token.as_bytes());
        }
        match again {
            Revalidation::Admitted(token) => Some(token),
            Revalidation::NoUsableKeys | Revalidation::Refused => None,
        }
    }

    fn revalidate(&self, verified: &Verified, now: UnixTime) -> Revalidation {
        let trusts = self.trusts();
        let Some(trust) = trusts.get(verified.position, &verified.trust) else {
            return Revalidation::Refused;
        };
        // Without keys that may be used, it is not forgotten: the issuer may come back with them.
        let Some(current) = trust.keys.current(|| self.settings.clock.monotonic()) else {
            return Revalidation::NoUsableKeys;
        };
        let ended = now >= verified.token.admitted_at().saturating_add(limits::CACHED_FOR);
        let serves = !ended && current.key_set().serves(&verified.key, current.now);
        let again = serves.then(|| trust.verifier.policy.admit_again(&verified.token, now));
        again.flatten().map_or(Revalidation::Refused, Revalidation::Admitted)
    }

    fn verify_with_current_keys(&self, token: BearerToken<'_>) -> Result<Attempt, Error> {
        let generation = self.verified_tokens.generation();
        let now = self.settings.clock.now().ok_or(Unavailable::Clock)?;
        let jws = Jws::parse(token, self.settings.limits)?;
        let trusts = self.trusts();
        let IssuerMatch { position, trust, tenant } = trusts.find(jws.unverified_payload())?;
        let Some(current) = trust.keys.current(|| self.settings.clock.monotonic()) else {
            let worth_asking = trust.verifier.unverified_would_pass(&jws, now);
            return if worth_asking {
                Ok(Attempt::NoKeys(Arc::clone(trust)))
            } else {
                Err(trust.no_keys().into())
            };
        };
        let keys =
            KeySetView { key_set: current.key_set(), tenant: tenant.as_deref(), now: current.now };
        let (names_key, fetches) =
            (jws.header.key.name().is_some(), trust.keys.fetcher().is_some());
        // Which key verifies a token that names none depends on all keys of its issuer.
        let lasting = names_key || !fetches;
        match trust.verifier.verify(jws, keys, now) {
            Err(error) if fetches && error.may_be_of_new_key(names_key) => {
                self.unknown_key(trust, token, error, now)
            }
            Err(error) => Err(error),
            Ok((verified, key)) => {
                if lasting {
                    let (token_of, trust) = (verified.clone(), Arc::downgrade(trust));
                    let make =
                        |text| Verified { text, token: token_of, key, position, trust, generation };
                    self.verified_tokens.insert(token, make);
                }
                Ok(Attempt::Ended(Ok(verified)))
            }
        }
    }

    /// Lets a token with an unknown key ask for newer keys only if it would pass otherwise.
    fn unknown_key(
        &self,
        trust: &Arc<RegisteredIssuer>,
        token: BearerToken<'_>,
        error: Error,
        now: UnixTime,
    ) -> Result<Attempt, Error> {
        let jws = Jws::parse(token, self.settings.limits)?;
        if trust.verifier.unverified_would_pass(&jws, now) {
            let name = jws.header.key.name().cloned();
            Ok(Attempt::UnknownKey { trust: Arc::clone(trust), name, error })
        } else {
            Err(error)
        }
    }

    /// Walks, and asks for keys where they are what is missing. `since` is when the request began
    /// to wait, if it has waited already.
    pub(super) fn authenticate_or_fetch(
        &self,
        token: BearerToken<'_>,
        since: Option<Duration>,
    ) -> Step {
        let attempt = self.attempt(token);
        let (trust, want) = match &attempt {
            Attempt::Ended(_) => return Step::Ended(attempt.ended(Ok(()))),
            Attempt::NoKeys(trust) => (trust, Want::AnyKey),
            Attempt::UnknownKey { trust, name, .. } => (trust, Want::Key(name.as_ref())),
        };
        let Some(fetcher) = trust.keys.fetcher() else {
            return Step::Ended(attempt.ended(Ok(())));
        };
        let since = since.unwrap_or_else(|| self.settings.clock.monotonic());
        match fetcher.ask(want, since) {
            Ask::Wait { fetching, joined } => {
                Step::Wait { fetching, joined: joined.then_some(since) }
            }
            // The answer may have come while it was asked for.
            Ask::Answer(fetched) => {
                Step::Ended(self.authenticate_with_current_keys(token, fetched))
            }
        }
    }

    /// Walks once more after a fetch that was under way already.
    pub(super) fn retry(
        &self,
        token: BearerToken<'_>,
        fetched: Result<(), Unavailable>,
        since: Duration,
    ) -> Step {
        match fetched {
            Ok(()) => self.authenticate_or_fetch(token, Some(since)),
            Err(_) => Step::Ended(self.authenticate_with_current_keys(token, fetched)),
        }
    }

    /// Walks once more with the keys at hand, and asks for no others.
    pub(super) fn authenticate_with_current_keys(
        &self,
        token: BearerToken<'_>,
        fetched: Result<(), Unavailable>,
    ) -> Result<AccessToken, Error> {
        self.attempt(token).ended(fetched)
    }
}

impl Attempt {
    /// Ends the attempt where it stands, after a fetch that came to this.
    fn ended(self, fetched: Result<(), Unavailable>) -> Result<AccessToken, Error> {
        match (self, fetched) {
            (Self::Ended(result), _) => result,
            (_, Err(unavailable)) => Err(unavailable.into()),
            (Self::UnknownKey { error, .. }, Ok(())) => Err(error),
            (Self::NoKeys(trust), Ok(())) => Err(trust.no_keys().into()),
        }
    }
}
