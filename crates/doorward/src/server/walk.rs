//! The walk of one token through the house, with the one step back for keys that are not at hand.

use std::{sync::Arc, time::Duration};

use super::{
    house::House,
    token_cache::Verified,
    trusts::{Found, Trust},
};
use crate::{
    error::{Error, Unavailable},
    key::KeysNow,
    key_source::{Ask, Fetching, Want},
    limits,
    policy::AccessToken,
    terms::{key_id::KeyId, time::UnixTime},
    token::{BearerToken, Jws},
};

/// How far the walk comes with the keys at hand.
enum Walk {
    Ended(Result<AccessToken, Error>),
    /// There are no keys that could be used, and the token may be worth asking for some.
    NoKeys(Arc<Trust>),
    /// The key is not at hand, and the token would pass if its signature did.
    UnknownKey {
        trust: Arc<Trust>,
        name: Option<KeyId>,
        error: Error,
    },
}

/// What becomes of a token that was verified before.
enum Again {
    Admitted(AccessToken),
    /// There are no keys to say so.
    NotNow,
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

impl House {
    /// Walks through the rooms with the keys at hand.
    fn walk(&self, token: BearerToken<'_>) -> Walk {
        if let Some(token) = self.remembered(token) {
            return Walk::Ended(Ok(token));
        }
        self.walk_with_keys_at_hand(token).unwrap_or_else(|error| Walk::Ended(Err(error)))
    }

    /// Returns the token if it was verified before and would be verified again: its issuer is still
    /// trusted, the same key serves, and the time is right.
    fn remembered(&self, token: BearerToken<'_>) -> Option<AccessToken> {
        // Too long to have been verified: not worth its hash.
        if token.as_bytes().len() > self.settings.limits.token_len {
            return None;
        }
        let verified = self.verified_tokens.find(token)?;
        let now = self.settings.clock.now()?;
        let again = self.would_verify_again(&verified, now);
        if matches!(again, Again::Refused) {
            self.verified_tokens.evict(token.as_bytes());
        }
        match again {
            Again::Admitted(token) => Some(token),
            Again::NotNow | Again::Refused => None,
        }
    }

    fn would_verify_again(&self, verified: &Verified, now: UnixTime) -> Again {
        let trusts = self.trusts();
        let Some(trust) = trusts.get(verified.place, &verified.trust) else {
            return Again::Refused;
        };
        // Without keys that may be used, it is not forgotten: the issuer may come back with them.
        let Some(at_hand) = trust.keys.at_hand(|| self.settings.clock.monotonic()) else {
            return Again::NotNow;
        };
        let ended = now >= verified.token.admitted_at().saturating_add(limits::CACHED_FOR);
        let serves = !ended && at_hand.ring().serves(&verified.key, at_hand.now);
        let again = serves.then(|| trust.verifier.policy.admit_again(&verified.token, now));
        again.flatten().map_or(Again::Refused, Again::Admitted)
    }

    fn walk_with_keys_at_hand(&self, token: BearerToken<'_>) -> Result<Walk, Error> {
        let generation = self.verified_tokens.generation();
        let now = self.settings.clock.now().ok_or(Unavailable::Clock)?;
        let jws = Jws::parse(token, self.settings.limits)?;
        let trusts = self.trusts();
        let Found { place, trust, tenant } = trusts.find(jws.unverified_payload())?;
        let Some(at_hand) = trust.keys.at_hand(|| self.settings.clock.monotonic()) else {
            let worth_asking = trust.verifier.unverified_would_pass(&jws, now);
            return if worth_asking {
                Ok(Walk::NoKeys(Arc::clone(trust)))
            } else {
                Err(trust.no_keys().into())
            };
        };
        let keys = KeysNow { ring: at_hand.ring(), tenant: tenant.as_deref(), now: at_hand.now };
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
                        |text| Verified { text, token: token_of, key, place, trust, generation };
                    self.verified_tokens.insert(token, make);
                }
                Ok(Walk::Ended(Ok(verified)))
            }
        }
    }

    /// Lets a token with an unknown key ask for newer keys only if it would pass otherwise.
    fn unknown_key(
        &self,
        trust: &Arc<Trust>,
        token: BearerToken<'_>,
        error: Error,
        now: UnixTime,
    ) -> Result<Walk, Error> {
        let jws = Jws::parse(token, self.settings.limits)?;
        if trust.verifier.unverified_would_pass(&jws, now) {
            let name = jws.header.key.name().cloned();
            Ok(Walk::UnknownKey { trust: Arc::clone(trust), name, error })
        } else {
            Err(error)
        }
    }

    /// Walks, and asks for keys where they are what is missing. `since` is when the request began
    /// to wait, if it has waited already.
    pub(super) fn walk_and_ask(&self, token: BearerToken<'_>, since: Option<Duration>) -> Step {
        let walk = self.walk(token);
        let (trust, want) = match &walk {
            Walk::Ended(_) => return Step::Ended(walk.ended(Ok(()))),
            Walk::NoKeys(trust) => (trust, Want::AnyKey),
            Walk::UnknownKey { trust, name, .. } => (trust, Want::Key(name.as_ref())),
        };
        let Some(fetcher) = trust.keys.fetcher() else {
            return Step::Ended(walk.ended(Ok(())));
        };
        let since = since.unwrap_or_else(|| self.settings.clock.monotonic());
        match fetcher.ask(want, since) {
            Ask::Wait { fetching, joined } => {
                Step::Wait { fetching, joined: joined.then_some(since) }
            }
            // The answer may have come while it was asked for.
            Ask::Answer(fetched) => Step::Ended(self.walk_to_the_end(token, fetched)),
        }
    }

    /// Walks once more after a fetch that was under way already.
    pub(super) fn walk_on(
        &self,
        token: BearerToken<'_>,
        fetched: Result<(), Unavailable>,
        since: Duration,
    ) -> Step {
        match fetched {
            Ok(()) => self.walk_and_ask(token, Some(since)),
            Err(_) => Step::Ended(self.walk_to_the_end(token, fetched)),
        }
    }

    /// Walks once more with the keys at hand, and asks for no others.
    pub(super) fn walk_to_the_end(
        &self,
        token: BearerToken<'_>,
        fetched: Result<(), Unavailable>,
    ) -> Result<AccessToken, Error> {
        self.walk(token).ended(fetched)
    }
}

impl Walk {
    /// Ends the walk where it stands, after a fetch that came to this.
    fn ended(self, fetched: Result<(), Unavailable>) -> Result<AccessToken, Error> {
        match (self, fetched) {
            (Self::Ended(result), _) => result,
            (_, Err(unavailable)) => Err(unavailable.into()),
            (Self::UnknownKey { error, .. }, Ok(())) => Err(error),
            (Self::NoKeys(trust), Ok(())) => Err(trust.no_keys().into()),
        }
    }
}
