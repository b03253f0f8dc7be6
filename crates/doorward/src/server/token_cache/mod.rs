//! Tokens that were verified.

mod lookup_key;
mod thread_cache;

use std::{
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use ahash::RandomState;
use moka::sync::Cache;

use self::{
    lookup_key::{ByItsHash, LookupKey, Text},
    thread_cache::ThreadCache,
};
use super::issuer_registry::RegisteredIssuer;
use crate::{credentials::BearerToken, key::VerifyingKey, limits, policy::AccessToken};

/// Tokens that were verified, found by their whole text.
///
/// The text's hash, keyed by a secret of the process, only says where to look; what is found there
/// is compared byte for byte. So no two tokens are ever taken for each other.
pub(super) struct TokenCache {
    /// `None` when nothing is to be cached.
    stores: Option<Stores>,
    generation: AtomicU64,
}

/// Where tokens are cached.
struct Stores {
    all: Cache<Text, Arc<Verified>, ByItsHash>,
    thread_cache: ThreadCache,
    hasher: RandomState,
}

/// A token that was verified, and by what.
pub(super) struct Verified {
    /// The token as it was sent.
    pub(super) text: Text,
    pub(super) token: AccessToken,
    pub(super) key: Arc<VerifyingKey>,
    /// Where the trust was among the others.
    pub(super) position: usize,
    /// Not held: an issuer's keys are fetched as long as its trust lives.
    pub(super) trust: Weak<RegisteredIssuer>,
    pub(super) generation: Generation,
}

/// Counts how often everything was to be forgotten. A walk takes it along from its config, so
/// that what it has verified by then is not cached after.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Generation(u64);

/// How much may be cached.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenCacheLimits {
    pub(super) tokens: u64,
    pub(super) bytes: u64,
}

impl TokenCache {
    /// Remembers as much as the limits allow; nothing, if one of them is zero.
    pub(super) fn new(most: TokenCacheLimits) -> Self {
        let nothing = most.tokens == 0 || most.bytes == 0;
        let stores = (!nothing).then(|| Stores::new(most));
        Self { stores, generation: AtomicU64::new(0) }
    }

    pub(super) fn generation(&self) -> Generation {
        Generation(self.generation.load(Ordering::Acquire))
    }

    pub(super) fn find(&self, token: BearerToken<'_>) -> Option<Arc<Verified>> {
        self.stores.as_ref()?.find(token.as_bytes(), self.generation())
    }

    /// Remembers a token until it is evicted, or others take its position.
    pub(super) fn insert(&self, token: BearerToken<'_>, verified: impl FnOnce(Text) -> Verified) {
        if let Some(stores) = &self.stores {
            let text = stores.lookup(token.as_bytes()).to_text();
            stores.all.insert(text.clone(), Arc::new(verified(text)));
        }
    }

    pub(super) fn evict(&self, token: &[u8]) {
        if let Some(stores) = &self.stores {
            let lookup = stores.lookup(token);
            stores.all.invalidate(&lookup);
            stores.thread_cache.evict(lookup);
        }
    }

    /// Forgets all, also what is being verified now.
    pub(super) fn evict_all(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        if let Some(stores) = &self.stores {
            stores.all.invalidate_all();
            stores.thread_cache.evict_all();
        }
    }
}

impl Stores {
    fn new(most: TokenCacheLimits) -> Self {
        let thread_cache = ThreadCache::new(most);
        let of_near = thread_cache.most();
        // What is kept thread_cache may be so after it has left the others.
        let tokens = most.tokens.saturating_sub(of_near.tokens);
        let bytes = most.bytes.saturating_sub(of_near.bytes);
        // An entry weighs its bytes, and no less than its share: so both limits hold.
        let share = bytes.checked_div(tokens).and_then(|share| u32::try_from(share).ok());
        let share = share.unwrap_or(u32::MAX).max(1);
        let weigh = move |_: &Text, verified: &Arc<Verified>| {
            u32::try_from(verified.bytes()).unwrap_or(u32::MAX).max(share)
        };
        let shares = u64::from(share).saturating_mul(tokens);
        let all = Cache::builder().max_capacity(shares.min(bytes)).weigher(weigh);
        let all = all.time_to_live(limits::CACHED_FOR);
        Self {
            all: all.build_with_hasher(ByItsHash::new()),
            thread_cache,
            hasher: RandomState::new(),
        }
    }

    fn lookup<'t>(&self, octets: &'t [u8]) -> LookupKey<'t> {
        LookupKey { hash: self.hasher.hash_one(octets), octets }
    }

    fn find(&self, octets: &[u8], generation: Generation) -> Option<Arc<Verified>> {
        let lookup = self.lookup(octets);
        let kept = self.thread_cache.find(lookup);
        if let Some(kept) = kept.filter(|kept| kept.generation == generation) {
            return Some(kept);
        }
        let evictions = self.thread_cache.evictions();
        let verified =
            self.all.get(&lookup).filter(|verified| verified.generation == generation)?;
        self.thread_cache.keep(&verified, evictions);
        Some(verified)
    }
}

impl Verified {
    /// Returns the same, with a token that is apart in memory.
    fn copy(&self) -> Self {
        Self {
            text: self.text.clone(),
            token: self.token.copy(),
            key: Arc::clone(&self.key),
            position: self.position,
            trust: Weak::clone(&self.trust),
            generation: self.generation,
        }
    }

    /// Returns about how many bytes it takes.
    fn bytes(&self) -> usize {
        self.text.octets.len().saturating_add(self.token.footprint())
    }
}

/// Shows nothing of the tokens.
impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").finish_non_exhaustive()
    }
}
