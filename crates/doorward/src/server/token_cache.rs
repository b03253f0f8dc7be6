use std::{
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use ahash::RandomState;
use moka::sync::Cache;

use super::trusts::Trust;
use crate::{key::VerifyingKey, limits, policy::AccessToken, token::BearerToken};

/// Tokens that were verified, found by their whole text.
///
/// The text's hash, keyed by a secret of the process, only says where to look; what is found there
/// is compared byte for byte. So no two tokens are ever taken for each other.
pub(super) struct TokenCache {
    /// `None` when nothing is to be remembered.
    verified: Option<Cache<Arc<[u8]>, Arc<Verified>, RandomState>>,
    generation: AtomicU64,
}

/// A token that was verified, and by what.
pub(super) struct Verified {
    pub(super) token: AccessToken,
    pub(super) key: Arc<VerifyingKey>,
    /// Not held: an issuer's keys are fetched as long as its trust lives.
    pub(super) trust: Weak<Trust>,
    pub(super) generation: Generation,
}

/// Counts how often everything was to be forgotten. A walk takes it along from its beginning, so
/// that what it has verified by then is not remembered after.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Generation(u64);

/// How much may be remembered.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenCacheLimits {
    pub(super) tokens: u64,
    pub(super) bytes: u64,
}

impl TokenCache {
    /// Remembers as much as the limits allow; nothing, if one of them is zero.
    pub(super) fn new(most: TokenCacheLimits) -> Self {
        let share = most.bytes.checked_div(most.tokens).filter(|_| most.bytes > 0);
        let verified = share.map(|share| {
            // An entry weighs its bytes, and no less than its share: so both limits hold.
            let share = u32::try_from(share).unwrap_or(u32::MAX).max(1);
            let weigh = move |text: &Arc<[u8]>, verified: &Arc<Verified>| {
                let bytes = text.len().saturating_add(verified.token.footprint());
                u32::try_from(bytes).unwrap_or(u32::MAX).max(share)
            };
            let shares = u64::from(share).saturating_mul(most.tokens);
            let cache = Cache::builder().max_capacity(shares.min(most.bytes)).weigher(weigh);
            let cache = cache.time_to_live(limits::CACHED_FOR);
            cache.build_with_hasher(RandomState::new())
        });
        Self { verified, generation: AtomicU64::new(0) }
    }

    pub(super) fn generation(&self) -> Generation {
        Generation(self.generation.load(Ordering::Acquire))
    }

    pub(super) fn find(&self, token: BearerToken<'_>) -> Option<Arc<Verified>> {
        let found = self.verified.as_ref()?.get(token.as_bytes())?;
        (found.generation == self.generation()).then_some(found)
    }

    /// Remembers a token until it is evicted, or others take its place.
    pub(super) fn insert(&self, token: BearerToken<'_>, verified: impl FnOnce() -> Verified) {
        if let Some(cache) = &self.verified {
            cache.insert(token.as_bytes().into(), Arc::new(verified()));
        }
    }

    pub(super) fn evict(&self, token: &[u8]) {
        if let Some(cache) = &self.verified {
            cache.invalidate(token);
        }
    }

    /// Forgets all, also what is being verified now.
    pub(super) fn evict_all(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        if let Some(cache) = &self.verified {
            cache.invalidate_all();
        }
    }
}

/// Shows nothing of the tokens.
impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").finish_non_exhaustive()
    }
}
