//! Where the keys of one issuer stand ready: fixed ones for good, fetched ones until newer ones
//! take their place. Looking a key up takes no lock.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwap, Guard};

use super::RefreshStatus;
use crate::{
    error::Unavailable,
    key::{Jwks, KeySet},
    terms::key_id::KeyId,
};

/// The keys of one issuer, and who brings newer ones.
#[derive(Debug)]
pub(crate) struct KeySource {
    cell: Arc<KeySetCell>,
    /// `None` when the keys are fixed.
    fetcher: Option<Arc<dyn FetchKeys>>,
}

/// The keys of an issuer, and until when they serve, on the clock that never goes backwards.
#[derive(Debug)]
pub(crate) struct KeySetSnapshot {
    pub(crate) key_set: KeySet,
    pub(crate) usable_until: Duration,
}

/// Where keys are put and found.
#[derive(Debug)]
pub(crate) struct KeySetCell {
    snapshot: ArcSwap<KeySetSnapshot>,
    /// Held while a new snapshot is made of the old one; readers take no part in it.
    updating: Mutex<()>,
    /// In milliseconds of the clock; see [`KeySetCell::is_overdue`].
    overdue_at: AtomicU64,
}

impl KeySetCell {
    /// Has no keys until the first are fetched.
    pub(crate) fn empty() -> Self {
        Self::of(KeySetSnapshot { key_set: KeySet::default(), usable_until: Duration::ZERO })
    }

    fn of(snapshot: KeySetSnapshot) -> Self {
        Self {
            snapshot: ArcSwap::from_pointee(snapshot),
            updating: Mutex::new(()),
            overdue_at: AtomicU64::new(u64::MAX),
        }
    }

    /// Puts a snapshot in the place of the present one, of which it is made.
    pub(crate) fn update<T>(&self, make: impl FnOnce(&KeySetSnapshot) -> (KeySetSnapshot, T)) -> T {
        let _held = self.updating.lock().unwrap_or_else(PoisonError::into_inner);
        let (snapshot, told) = make(&self.snapshot.load());
        self.snapshot.store(Arc::new(snapshot));
        told
    }

    pub(crate) fn snapshot(&self) -> Guard<Arc<KeySetSnapshot>> {
        self.snapshot.load()
    }

    /// Sets from when on a refresh is overdue.
    pub(crate) fn expect_refresh_by(&self, time: Duration) {
        self.overdue_at.store(millis(time), Ordering::Relaxed);
    }

    /// Returns whether the refresh that was due has not come, as when the runtime is gone on which
    /// it was to run in the background.
    fn is_overdue(&self, now: Duration) -> bool {
        millis(now) >= self.overdue_at.load(Ordering::Relaxed)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The future of a fetch.
pub(crate) type Fetching = Pin<Box<dyn Future<Output = Result<(), Unavailable>> + Send>>;

/// What a request is without.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Want<'n> {
    /// Any key that serves.
    AnyKey,
    /// The key of this name; or, if the token names none, one that verifies it.
    Key(Option<&'n KeyId>),
}

/// What a fetch for the sake of a request came to: wait for it, or an answer at once. `Ok(())`
/// means: look again, and if the key is still absent the issuer does not have it.
pub(crate) enum Ask {
    Wait {
        fetching: Fetching,
        /// Whether it was under way already, so that what it brings may be older than the question.
        joined: bool,
    },
    Answer(Result<(), Unavailable>),
}

/// Brings keys from the issuer.
pub(crate) trait FetchKeys: fmt::Debug + Send + Sync {
    /// Asks for what a request is without, which began to wait at `since`, on the clock that never
    /// goes backwards. Waiting ends when a fetch may have taken its time since then.
    fn ask(&self, want: Want<'_>, since: Duration) -> Ask;

    /// Sees to a refresh that is overdue, without waiting for it.
    fn refresh_overdue(&self);

    /// Tells how fetching has gone.
    fn refresh_status(&self) -> RefreshStatus;
}

/// The keys at hand, borrowed.
pub(crate) struct KeySetGuard {
    snapshot: Guard<Arc<KeySetSnapshot>>,
    pub(crate) now: Duration,
}

impl KeySource {
    pub(crate) fn fixed(jwks: Jwks) -> Self {
        let snapshot = KeySetSnapshot { key_set: KeySet::new(jwks), usable_until: Duration::MAX };
        Self { cell: Arc::new(KeySetCell::of(snapshot)), fetcher: None }
    }

    pub(crate) fn fetched(cell: Arc<KeySetCell>, fetcher: Arc<dyn FetchKeys>) -> Self {
        Self { cell, fetcher: Some(fetcher) }
    }

    /// Returns the keys at hand, if there are any that may still be used, and sees to it that fetched
    /// ones are refreshed, should nobody else do it. Fixed keys do not age, so the time is asked
    /// for only where it matters.
    pub(crate) fn current(&self, now: impl FnOnce() -> Duration) -> Option<KeySetGuard> {
        let snapshot = self.cell.snapshot();
        let Some(fetcher) = &self.fetcher else {
            return Some(KeySetGuard { snapshot, now: Duration::ZERO });
        };
        let now = now();
        if self.cell.is_overdue(now) {
            fetcher.refresh_overdue();
        }
        (now < snapshot.usable_until).then_some(KeySetGuard { snapshot, now })
    }

    /// Returns who brings keys; `None` when they are fixed.
    pub(crate) fn fetcher(&self) -> Option<&dyn FetchKeys> {
        self.fetcher.as_deref()
    }

    /// Drops the keys of this name for good.
    pub(crate) fn forget(&self, name: &KeyId) {
        self.cell.update(|snapshot| {
            let key_set = snapshot.key_set.forget(name.clone());
            (KeySetSnapshot { key_set, usable_until: snapshot.usable_until }, ())
        });
    }

    pub(crate) fn snapshot(&self) -> Guard<Arc<KeySetSnapshot>> {
        self.cell.snapshot()
    }
}

impl KeySetGuard {
    pub(crate) fn key_set(&self) -> &KeySet {
        &self.snapshot.key_set
    }
}
