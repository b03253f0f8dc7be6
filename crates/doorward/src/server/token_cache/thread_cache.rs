use std::{
    num::NonZero,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use super::{capacity::TokenCacheLimits, lookup_key::LookupKey, verified::Verified};
use crate::terms::time::UnixTime;

/// Slots of one shard.
const SLOTS: usize = 512;

/// How often a token is found in a thread's cache, before it is looked up in the cache of all threads:
/// there the use is counted, and the token may have been evicted.
const USES: u8 = 64;

/// The uses that an entry loses when another token could have its slot.
const RIVALRY: u8 = 16;

/// The most bytes of a token that is copied.
pub(super) const BYTES: usize = 8 * 1024;

/// The part of the limits that the copies may have.
const PART: u64 = 8;

/// The time between two removals of entries that have ended.
const REMOVAL: Duration = Duration::from_secs(60);

/// Copies of the tokens that each thread has used lately, in shards of which each thread writes to its
/// own.
///
/// A look-up in the cache of all threads counts the use in shared memory, for which processors wait on
/// each other. A look-up here does not.
pub(super) struct ThreadCache {
    shards: Box<[Shard]>,
    /// Slots of each shard; none where the limits are small.
    slots: usize,
    /// The number of evictions: a token that was found before one is not copied after it.
    evictions: AtomicU64,
    /// When the entries that have ended were last removed, in seconds since 1970.
    removed_at: AtomicU64,
}

/// Aligned to two cache lines, because processors fetch them in pairs.
#[repr(align(128))]
struct Shard(Mutex<Box<[Option<Entry>]>>);

/// A copy of a verified token. Its clones are not counted together with those of other threads.
struct Entry {
    verified: Arc<Verified>,
    /// How often it may still be found here.
    uses: u8,
}

/// The number of evictions before a look-up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Evictions(u64);

impl ThreadCache {
    /// Creates the shards, one for each processor, which hold an eighth of the limits together.
    pub(super) fn new(most: TokenCacheLimits) -> Self {
        let shards = thread::available_parallelism().map_or(1, NonZero::get).clamp(1, 64);
        let bytes = u64::try_from(BYTES).unwrap_or(u64::MAX);
        let tokens = most.tokens.min(most.bytes.checked_div(bytes).unwrap_or_default());
        let tokens = usize::try_from(tokens / PART).unwrap_or(usize::MAX);
        let slots = tokens.checked_div(shards).unwrap_or_default().min(SLOTS);
        let shard = || Shard(Mutex::new((0..slots).map(|_| None).collect()));
        Self {
            shards: (0..shards).map(|_| shard()).collect(),
            slots,
            evictions: AtomicU64::new(0),
            removed_at: AtomicU64::new(0),
        }
    }

    /// Returns its part of the limits.
    pub(super) fn most(&self) -> TokenCacheLimits {
        let tokens = u64::try_from(self.shards.len().saturating_mul(self.slots));
        let tokens = tokens.unwrap_or(u64::MAX);
        let bytes = u64::try_from(BYTES).unwrap_or(u64::MAX);
        TokenCacheLimits { tokens, bytes: tokens.saturating_mul(bytes) }
    }

    pub(super) fn evictions(&self) -> Evictions {
        Evictions(self.evictions.load(Ordering::Acquire))
    }

    /// Returns the token of this text, if this thread's shard has it and is not locked.
    pub(super) fn find(&self, lookup: LookupKey<'_>) -> Option<Arc<Verified>> {
        let slot = self.slot(lookup.hash)?;
        let mut slots = self.mine()?.0.try_lock().ok()?;
        let slot = slots.get_mut(slot)?;
        let entry = slot.as_mut().filter(|entry| lookup.is(&entry.verified.text))?;
        let verified = Arc::clone(&entry.verified);
        if entry.is_used_up_by(1) {
            *slot = None;
        }
        Some(verified)
    }

    /// Copies a token into this thread's shard, unless something was evicted since, or the slot's token is
    /// used more often.
    pub(super) fn keep(&self, verified: &Verified, since: Evictions, now: UnixTime) {
        self.remove_ended(now);
        let Some((slot, shard)) = self.slot(verified.text.hash).zip(self.mine()) else { return };
        let Ok(mut slots) = shard.0.try_lock() else { return };
        let Some(slot) = slots.get_mut(slot) else { return };
        let is_free = slot.as_mut().is_none_or(|rival| rival.is_used_up_by(RIVALRY));
        if is_free && self.evictions() == since && verified.bytes() <= BYTES {
            *slot = Some(Entry { verified: Arc::new(verified.copy()), uses: USES });
        }
    }

    /// Removes the entries of all shards that have ended, if that was not done lately: an expired token
    /// does not stay in memory because its slot is not used.
    pub(super) fn remove_ended(&self, now: UnixTime) {
        let (at, last) = (now.as_secs(), self.removed_at.load(Ordering::Relaxed));
        let is_due = at.abs_diff(last) >= REMOVAL.as_secs();
        let set =
            |last| self.removed_at.compare_exchange(last, at, Ordering::Relaxed, Ordering::Relaxed);
        if !is_due || set(last).is_err() {
            return;
        }
        for shard in &self.shards {
            // A shard that is locked is in use, and has its turn the next time.
            let Ok(mut slots) = shard.0.try_lock() else { continue };
            for slot in slots.iter_mut() {
                if slot.as_ref().is_some_and(|entry| now >= entry.verified.until) {
                    *slot = None;
                }
            }
        }
    }

    /// Evicts the token of this text.
    pub(super) fn evict(&self, lookup: LookupKey<'_>) {
        let Some(slot) = self.slot(lookup.hash) else { return };
        self.remove(|slots| {
            if let Some(slot) = slots.get_mut(slot)
                && slot.as_ref().is_some_and(|entry| lookup.is(&entry.verified.text))
            {
                *slot = None;
            }
        });
    }

    pub(super) fn evict_all(&self) {
        self.remove(|slots| slots.fill_with(|| None));
    }

    fn remove(&self, remove: impl Fn(&mut [Option<Entry>])) {
        self.evictions.fetch_add(1, Ordering::AcqRel);
        for shard in &self.shards {
            remove(&mut shard.0.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn slot(&self, hash: u64) -> Option<usize> {
        let slots = u64::try_from(self.slots).ok()?;
        hash.checked_rem(slots).and_then(|slot| usize::try_from(slot).ok())
    }

    /// Returns the shard of this thread. Threads share it where they are more than the shards.
    fn mine(&self) -> Option<&Shard> {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static NUMBER: usize = THREADS.fetch_add(1, Ordering::Relaxed);
        }
        let number = NUMBER.try_with(|number| *number).ok()?;
        self.shards.get(number.checked_rem(self.shards.len())?)
    }
}

impl Entry {
    fn is_used_up_by(&mut self, uses: u8) -> bool {
        self.uses = self.uses.saturating_sub(uses);
        self.uses == 0
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Weak;

    use aws_lc_rs::hmac;
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;
    use crate::{
        Issuer, Keys, ResourceServer,
        key::{KeyName, SymmetricKey, VerifyingKey},
        server::token_cache::{Generation, lookup_key::Text},
        terms::algorithm::MacAlgorithm,
    };

    const SECRET: &[u8; 32] = b"a secret that is long enough 321";
    const MOST: TokenCacheLimits = TokenCacheLimits { tokens: 10_000, bytes: 64 * 1024 * 1024 };

    const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

    pub(in crate::server::token_cache) async fn verified_token(hash: u64) -> Verified {
        let claims = r#"{"iss":"https://i.example","aud":"a","sub":"u","exp":253402300799}"#;
        let encode = |octets: &[u8]| URL_SAFE_NO_PAD.encode(octets);
        let signed = [encode(br#"{"alg":"HS256"}"#), encode(claims.as_bytes())].join(".");
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET), signed.as_bytes());
        let token = format!("{signed}.{}", encode(mac.as_ref()));
        let keys = Keys::symmetric([SymmetricKey::new(MacAlgorithm::Hs256, SECRET).unwrap()]);
        let issuer = Issuer::fixed_keys("https://i.example", "a", keys);
        let server = ResourceServer::builder().trust(issuer).build().await.unwrap();
        Verified {
            text: Text { hash, octets: token.as_bytes().into() },
            token: server.authenticate([format!("Bearer {token}").as_bytes()]).await.unwrap(),
            key: Arc::new(VerifyingKey::symmetric(KeyName::Any, MacAlgorithm::Hs256, SECRET)),
            position: 0,
            issuer: Weak::new(),
            until: UnixTime::from_secs(253_402_300_799),
            generation: Generation(0),
        }
    }

    fn has(thread_cache: &ThreadCache, verified: &Verified) -> bool {
        let Text { hash, octets } = &verified.text;
        thread_cache.find(LookupKey { hash: *hash, octets }).is_some()
    }

    #[tokio::test]
    async fn a_token_found_before_an_eviction_is_not_copied_after_it() {
        let (thread_cache, verified) = (ThreadCache::new(MOST), verified_token(7).await);
        let before = thread_cache.evictions();
        thread_cache.keep(&verified, before, NOW);
        assert!(has(&thread_cache, &verified));
        thread_cache.evict(LookupKey { hash: 7, octets: &verified.text.octets });
        assert!(!has(&thread_cache, &verified));
        thread_cache.keep(&verified, before, NOW);
        assert!(!has(&thread_cache, &verified));
        thread_cache.keep(&verified, thread_cache.evictions(), NOW);
        assert!(has(&thread_cache, &verified));
        let before = thread_cache.evictions();
        thread_cache.evict_all();
        thread_cache.keep(&verified, before, NOW);
        assert!(!has(&thread_cache, &verified));
    }

    #[tokio::test]
    async fn a_copy_is_found_64_times_and_then_looked_up_in_the_cache_of_all_threads() {
        let (thread_cache, verified) = (ThreadCache::new(MOST), verified_token(7).await);
        thread_cache.keep(&verified, thread_cache.evictions(), NOW);
        for _ in 0..USES {
            assert!(has(&thread_cache, &verified));
        }
        assert!(!has(&thread_cache, &verified));
    }

    #[tokio::test]
    async fn a_slot_keeps_the_token_that_is_used_more_often() {
        let thread_cache = ThreadCache::new(MOST);
        let slots = u64::try_from(thread_cache.slots).unwrap();
        let mut rival = verified_token(7 + slots).await;
        rival.text.octets = Arc::from(&b"another"[..]);
        let first = verified_token(7).await;
        thread_cache.keep(&first, thread_cache.evictions(), NOW);
        for _ in 1..USES / RIVALRY {
            thread_cache.keep(&rival, thread_cache.evictions(), NOW);
            assert!(!has(&thread_cache, &rival));
        }
        thread_cache.keep(&rival, thread_cache.evictions(), NOW);
        assert!(has(&thread_cache, &rival) && !has(&thread_cache, &first));
    }

    #[tokio::test]
    async fn a_copy_that_has_ended_is_removed_though_nobody_asks_for_its_slot() {
        let thread_cache = ThreadCache::new(MOST);
        let expired = Verified { until: UnixTime::from_secs(10), ..verified_token(7).await };
        thread_cache.keep(&expired, thread_cache.evictions(), UnixTime::from_secs(1));
        let token = Arc::downgrade(&copy_in_slot(&thread_cache, 7).unwrap());
        let other = verified_token(8).await;
        thread_cache.keep(&other, thread_cache.evictions(), UnixTime::from_secs(9));
        assert!(token.upgrade().is_some(), "not expired");
        thread_cache.keep(&other, thread_cache.evictions(), UnixTime::from_secs(100));
        assert!(token.upgrade().is_none());
        assert!(has(&thread_cache, &other));
    }

    fn copy_in_slot(thread_cache: &ThreadCache, hash: u64) -> Option<Arc<Verified>> {
        let slots = thread_cache.mine()?.0.try_lock().ok()?;
        let entry = slots.get(thread_cache.slot(hash)?)?.as_ref()?;
        Some(Arc::clone(&entry.verified))
    }

    #[test]
    fn copies_have_an_eighth_of_the_limits_and_none_of_small_ones() {
        let most = ThreadCache::new(MOST).most();
        assert!((1..=MOST.tokens / PART).contains(&most.tokens), "{most:?}");
        assert!(most.bytes <= MOST.bytes / PART, "{most:?}");
        for little in
            [TokenCacheLimits { tokens: 7, ..MOST }, TokenCacheLimits { bytes: 8 * 1024, ..MOST }]
        {
            assert_eq!(ThreadCache::new(little).most().tokens, 0, "{little:?}");
        }
    }
}
