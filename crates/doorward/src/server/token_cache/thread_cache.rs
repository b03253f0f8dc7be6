use std::{
    num::NonZero,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

use super::{LookupKey, TokenCacheLimits, Verified};

/// MetadataUrls of one shard.
const SLOTS: usize = 512;

/// How often a token is found thread_cache, before it is looked for among all again: there it is counted as
/// used, and may have ended.
const USES: u8 = 64;

/// So many of its uses does it lose when another could have its slot.
const RIVALRY: u8 = 16;

/// At most so many bytes does a token have that is kept thread_cache.
pub(super) const BYTES: usize = 8 * 1024;

/// The part of the limits that is left to tokens that are kept thread_cache.
const PART: u64 = 8;

/// The tokens that each thread has seen lately, in shards that threads do not write to in common.
///
/// Whoever finds a token among all writes down that it was used, and processors wait for each other's
/// writing. A thread_cache token is found without that.
pub(super) struct ThreadCache {
    shards: Box<[Shard]>,
    /// MetadataUrls of each shard; none where the limits are small.
    slots: usize,
    /// How often something was evicted: what was found before that is not kept after.
    evictions: AtomicU64,
}

/// Apart from others in memory: two lines, because processors fetch them in pairs.
#[repr(align(128))]
struct Shard(Mutex<Box<[Option<Entry>]>>);

/// A token that is kept thread_cache, as a copy of its own: its clones are not counted where those of other
/// threads are.
struct Entry {
    verified: Arc<Verified>,
    /// How often it may be found from here on.
    uses: u8,
}

/// What had been evicted when something was looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Evictions(u64);

impl ThreadCache {
    /// Keeps an eighth of the limits thread_cache at most, divided among the processors.
    pub(super) fn new(most: TokenCacheLimits) -> Self {
        let shards = thread::available_parallelism().map_or(1, NonZero::get).clamp(1, 64);
        let bytes = u64::try_from(BYTES).unwrap_or(u64::MAX);
        let tokens = most.tokens.min(most.bytes.checked_div(bytes).unwrap_or_default());
        let tokens = usize::try_from(tokens / PART).unwrap_or(usize::MAX);
        let slots = tokens.checked_div(shards).unwrap_or_default().min(SLOTS);
        let shard = || Shard(Mutex::new((0..slots).map(|_| None).collect()));
        Self { shards: (0..shards).map(|_| shard()).collect(), slots, evictions: AtomicU64::new(0) }
    }

    /// Returns what it may hold, of the limits of all.
    pub(super) fn most(&self) -> TokenCacheLimits {
        let tokens = u64::try_from(self.shards.len().saturating_mul(self.slots));
        let tokens = tokens.unwrap_or(u64::MAX);
        let bytes = u64::try_from(BYTES).unwrap_or(u64::MAX);
        TokenCacheLimits { tokens, bytes: tokens.saturating_mul(bytes) }
    }

    pub(super) fn evictions(&self) -> Evictions {
        Evictions(self.evictions.load(Ordering::Acquire))
    }

    /// Returns the token of this text, if this thread's shard has it. Nobody waits for a shard.
    pub(super) fn find(&self, lookup: LookupKey<'_>) -> Option<Arc<Verified>> {
        let slot = self.slot(lookup.hash)?;
        let mut slots = self.mine()?.0.try_lock().ok()?;
        let here = slots.get_mut(slot)?;
        let kept = here.as_mut().filter(|kept| lookup.is(&kept.verified.text))?;
        let verified = Arc::clone(&kept.verified);
        if kept.is_used_up_by(1) {
            *here = None;
        }
        Some(verified)
    }

    /// Keeps a token in this thread's shard, unless something was evicted since, or another is found
    /// there more often.
    pub(super) fn keep(&self, verified: &Verified, since: Evictions) {
        let Some((slot, shard)) = self.slot(verified.text.hash).zip(self.mine()) else { return };
        let Ok(mut slots) = shard.0.try_lock() else { return };
        let Some(here) = slots.get_mut(slot) else { return };
        let is_free = here.as_mut().is_none_or(|rival| rival.is_used_up_by(RIVALRY));
        if is_free && self.evictions() == since && verified.bytes() <= BYTES {
            *here = Some(Entry { verified: Arc::new(verified.copy()), uses: USES });
        }
    }

    /// Forgets the token of this text.
    pub(super) fn evict(&self, lookup: LookupKey<'_>) {
        let Some(slot) = self.slot(lookup.hash) else { return };
        self.forget(|slots| {
            if let Some(here) = slots.get_mut(slot)
                && here.as_ref().is_some_and(|kept| lookup.is(&kept.verified.text))
            {
                *here = None;
            }
        });
    }

    pub(super) fn evict_all(&self) {
        self.forget(|slots| slots.fill_with(|| None));
    }

    fn forget(&self, forget: impl Fn(&mut [Option<Entry>])) {
        self.evictions.fetch_add(1, Ordering::AcqRel);
        for shard in &self.shards {
            forget(&mut shard.0.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn slot(&self, hash: u64) -> Option<usize> {
        let slots = u64::try_from(self.slots).ok()?;
        hash.checked_rem(slots).and_then(|slot| usize::try_from(slot).ok())
    }

    /// Returns the shard of this thread, which others have too where there are more threads than shards.
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
mod tests {
    use std::sync::Weak;

    use aws_lc_rs::hmac;
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;
    use crate::{
        Issuer, Keys, ResourceServer,
        key::{KeyName, VerifyingKey},
        keys::{MacAlgorithm, SymmetricKey},
        server::token_cache::{Generation, lookup_key::Text},
    };

    const SECRET: &[u8; 32] = b"a secret that is long enough 321";
    const MOST: TokenCacheLimits = TokenCacheLimits { tokens: 10_000, bytes: 64 * 1024 * 1024 };

    async fn verified(hash: u64) -> Verified {
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
            trust: Weak::new(),
            generation: Generation(0),
        }
    }

    fn has(thread_cache: &ThreadCache, verified: &Verified) -> bool {
        let Text { hash, octets } = &verified.text;
        thread_cache.find(LookupKey { hash: *hash, octets }).is_some()
    }

    #[tokio::test]
    async fn what_was_found_before_an_eviction_is_not_kept_after_it() {
        let (thread_cache, verified) = (ThreadCache::new(MOST), verified(7).await);
        let before = thread_cache.evictions();
        thread_cache.keep(&verified, before);
        assert!(has(&thread_cache, &verified));
        thread_cache.evict(LookupKey { hash: 7, octets: &verified.text.octets });
        assert!(!has(&thread_cache, &verified));
        thread_cache.keep(&verified, before);
        assert!(!has(&thread_cache, &verified));
        thread_cache.keep(&verified, thread_cache.evictions());
        assert!(has(&thread_cache, &verified));
        let before = thread_cache.evictions();
        thread_cache.evict_all();
        thread_cache.keep(&verified, before);
        assert!(!has(&thread_cache, &verified));
    }

    #[tokio::test]
    async fn a_token_is_found_so_often_and_then_looked_for_among_all() {
        let (thread_cache, verified) = (ThreadCache::new(MOST), verified(7).await);
        thread_cache.keep(&verified, thread_cache.evictions());
        for _ in 0..USES {
            assert!(has(&thread_cache, &verified));
        }
        assert!(!has(&thread_cache, &verified));
    }

    #[tokio::test]
    async fn a_place_is_left_to_the_token_that_is_found_there_more_often() {
        let thread_cache = ThreadCache::new(MOST);
        let slots = u64::try_from(thread_cache.slots).unwrap();
        let mut rival = verified(7 + slots).await;
        rival.text.octets = Arc::from(&b"another"[..]);
        let first = verified(7).await;
        thread_cache.keep(&first, thread_cache.evictions());
        for _ in 1..USES / RIVALRY {
            thread_cache.keep(&rival, thread_cache.evictions());
            assert!(!has(&thread_cache, &rival));
        }
        thread_cache.keep(&rival, thread_cache.evictions());
        assert!(has(&thread_cache, &rival) && !has(&thread_cache, &first));
    }

    #[test]
    fn an_eighth_of_the_limits_is_the_most_and_little_of_little_is_nothing() {
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
