use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwap, Guard};

use crate::key::KeySet;

/// The key set of an issuer, and until when it may be used, on the monotonic clock.
#[derive(Debug)]
pub(crate) struct KeySetSnapshot {
    pub(crate) key_set: KeySet,
    pub(crate) usable_until: Duration,
}

/// The cached key set of an issuer. It is replaced as a whole, and read without a lock.
#[derive(Debug)]
pub(crate) struct KeySetCell {
    snapshot: ArcSwap<KeySetSnapshot>,
    /// Held while a new snapshot is made from the current one; readers do not wait for it.
    updating: Mutex<()>,
    /// In milliseconds of the clock; see [`KeySetCell::is_overdue`].
    overdue_at: AtomicU64,
}

impl KeySetCell {
    pub(super) fn new(snapshot: KeySetSnapshot) -> Self {
        Self {
            snapshot: ArcSwap::from_pointee(snapshot),
            updating: Mutex::new(()),
            overdue_at: AtomicU64::new(u64::MAX),
        }
    }

    /// Creates a cell without keys.
    pub(super) fn empty() -> Self {
        Self::new(KeySetSnapshot { key_set: KeySet::default(), usable_until: Duration::ZERO })
    }

    /// Replaces the snapshot by one that is made from it.
    pub(super) fn update<T>(&self, make: impl FnOnce(&KeySetSnapshot) -> (KeySetSnapshot, T)) -> T {
        let _held = self.updating.lock().unwrap_or_else(PoisonError::into_inner);
        let (snapshot, returned) = make(&self.snapshot.load());
        self.snapshot.store(Arc::new(snapshot));
        returned
    }

    pub(super) fn snapshot(&self) -> Guard<Arc<KeySetSnapshot>> {
        self.snapshot.load()
    }

    /// Sets from when on a refresh is overdue.
    pub(super) fn expect_refresh_by(&self, time: Duration) {
        self.overdue_at.store(millis(time), Ordering::Relaxed);
    }

    /// Returns whether the refresh that was due has not come, as when the runtime has gone on which it
    /// was to run in the background, or the machine has slept.
    pub(super) fn is_overdue(&self, now: Duration) -> bool {
        millis(now) >= self.overdue_at.load(Ordering::Relaxed)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
