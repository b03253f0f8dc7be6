//! The cache of verified tokens.
//!
//! In: a token's whole text, and the verified token with its key and issuer. Out: the same, to be
//! revalidated by the caller. Rejected: what was verified before everything was evicted.

mod capacity;
mod lookup_key;
mod thread_cache;
mod verified;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use ahash::RandomState;
use moka::sync::Cache;

pub(super) use self::{
    capacity::TokenCacheLimits,
    verified::{Generation, Verified},
};
use self::{
    lookup_key::{ByItsHash, LookupKey, Text},
    thread_cache::ThreadCache,
};
use crate::{credentials::BearerToken, limits, terms::time::UnixTime};

/// Verified tokens, found by their whole text.
///
/// The text's hash, keyed by a secret of the process, selects a slot; the text in it is compared byte
/// for byte. So no token is ever mistaken for another.
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

impl TokenCache {
    /// Creates a cache of this capacity; one that caches nothing, if one of the limits is zero.
    pub(super) fn new(most: TokenCacheLimits) -> Self {
        let nothing = most.tokens == 0 || most.bytes == 0;
        let stores = (!nothing).then(|| Stores::new(most));
        Self { stores, generation: AtomicU64::new(0) }
    }

    pub(super) fn generation(&self) -> Generation {
        Generation(self.generation.load(Ordering::Acquire))
    }

    pub(super) fn find(&self, token: BearerToken<'_>, now: UnixTime) -> Option<Arc<Verified>> {
        self.stores.as_ref()?.find(token.as_bytes(), self.generation(), now)
    }

    /// Caches a token by the octets in which it was sent, until it is evicted, ends, or gives way to others.
    pub(super) fn insert(
        &self,
        octets: Arc<[u8]>,
        now: UnixTime,
        verified: impl FnOnce(Text) -> Verified,
    ) {
        if let Some(stores) = &self.stores {
            let text = stores.lookup(&octets).of(Arc::clone(&octets));
            stores.all.insert(text.clone(), Arc::new(verified(text)));
            stores.thread_cache.remove_ended(now);
        }
    }

    pub(super) fn evict(&self, token: &[u8]) {
        if let Some(stores) = &self.stores {
            let lookup = stores.lookup(token);
            stores.all.invalidate(&lookup);
            stores.thread_cache.evict(lookup);
        }
    }

    /// Evicts all tokens, also those that are being verified now.
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
        let of_threads = thread_cache.most();
        // A thread's copy may outlive the original.
        let tokens = most.tokens.saturating_sub(of_threads.tokens);
        let bytes = most.bytes.saturating_sub(of_threads.bytes);
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

    fn find(&self, octets: &[u8], generation: Generation, now: UnixTime) -> Option<Arc<Verified>> {
        let lookup = self.lookup(octets);
        let copy = self.thread_cache.find(lookup);
        if let Some(copy) = copy.filter(|copy| copy.generation == generation) {
            return Some(copy);
        }
        let evictions = self.thread_cache.evictions();
        let verified =
            self.all.get(&lookup).filter(|verified| verified.generation == generation)?;
        self.thread_cache.keep(&verified, evictions, now);
        Some(verified)
    }
}

/// Shows nothing of the tokens.
impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::token_cache::thread_cache::tests::verified_token;

    const LIMITS: TokenCacheLimits = TokenCacheLimits { tokens: 10_000, bytes: 64 * 1024 * 1024 };
    const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

    /// A thread's copy is of the generation of its original: it is found without that, and no longer
    /// after everything was evicted, even before the copies are.
    #[tokio::test]
    async fn a_copy_of_a_thread_counts_for_the_generation_in_which_it_was_verified() {
        let stores = Stores::new(LIMITS);
        let octets = b"header.payload.signature";
        let text = stores.lookup(octets).of(octets.as_slice().into());
        let verified = Verified { text: text.clone(), ..verified_token(0).await };
        stores.all.insert(text, Arc::new(verified));
        assert!(stores.find(octets, Generation(0), NOW).is_some());
        stores.all.invalidate_all();
        assert!(stores.find(octets, Generation(0), NOW).is_some(), "by the copy");
        assert!(stores.find(octets, Generation(1), NOW).is_none());
    }

    #[tokio::test]
    async fn a_token_whose_verification_began_before_everything_was_evicted_is_not_found() {
        let cache = TokenCache::new(LIMITS);
        let token = BearerToken::parse(b"a.b.c", 100).unwrap();
        let before = cache.generation();
        let verified = verified_token(0).await;
        cache.evict_all();
        cache.insert(token.as_bytes().into(), NOW, |text| Verified {
            text,
            generation: before,
            ..verified
        });
        assert!(cache.find(token, NOW).is_none());
    }
}
