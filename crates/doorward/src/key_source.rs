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

use crate::{
    error::Unavailable,
    health::Upkeep,
    key::{Jwks, KeyRing},
    terms::key_id::KeyId,
};

/// The keys of one issuer, and who brings newer ones.
#[derive(Debug)]
pub(crate) struct KeySource {
    shelf: Arc<Shelf>,
    /// `None` when the keys are fixed.
    fetcher: Option<Arc<dyn FetchKeys>>,
}

/// The keys of an issuer, and until when they serve, on the clock that never goes backwards.
#[derive(Debug)]
pub(crate) struct Stock {
    pub(crate) ring: KeyRing,
    pub(crate) usable_until: Duration,
}

/// Where keys are put and found.
#[derive(Debug)]
pub(crate) struct Shelf {
    stock: ArcSwap<Stock>,
    /// Held while a new stock is made of the old one; readers take no part in it.
    restocking: Mutex<()>,
    /// In milliseconds of the clock; see [`Shelf::is_overdue`].
    overdue_at: AtomicU64,
}

impl Shelf {
    /// Has no keys until the first are fetched.
    pub(crate) fn empty() -> Self {
        Self::of(Stock { ring: KeyRing::default(), usable_until: Duration::ZERO })
    }

    fn of(stock: Stock) -> Self {
        Self {
            stock: ArcSwap::from_pointee(stock),
            restocking: Mutex::new(()),
            overdue_at: AtomicU64::new(u64::MAX),
        }
    }

    /// Puts a stock in the place of the present one, of which it is made.
    pub(crate) fn restock<T>(&self, make: impl FnOnce(&Stock) -> (Stock, T)) -> T {
        let _held = self.restocking.lock().unwrap_or_else(PoisonError::into_inner);
        let (stock, told) = make(&self.stock.load());
        self.stock.store(Arc::new(stock));
        told
    }

    pub(crate) fn stock(&self) -> Guard<Arc<Stock>> {
        self.stock.load()
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
    fn upkeep(&self) -> Upkeep;
}

/// The keys at hand, borrowed.
pub(crate) struct AtHand {
    stock: Guard<Arc<Stock>>,
    pub(crate) now: Duration,
}

impl KeySource {
    pub(crate) fn fixed(jwks: Jwks) -> Self {
        let stock = Stock { ring: KeyRing::new(jwks), usable_until: Duration::MAX };
        Self { shelf: Arc::new(Shelf::of(stock)), fetcher: None }
    }

    pub(crate) fn fetched(shelf: Arc<Shelf>, fetcher: Arc<dyn FetchKeys>) -> Self {
        Self { shelf, fetcher: Some(fetcher) }
    }

    /// Returns the keys at hand, if there are any that may still be used, and sees to it that fetched
    /// ones are refreshed, should nobody else do it. Fixed keys do not age, so the time is asked
    /// for only where it matters.
    pub(crate) fn at_hand(&self, now: impl FnOnce() -> Duration) -> Option<AtHand> {
        let stock = self.shelf.stock();
        let Some(fetcher) = &self.fetcher else {
            return Some(AtHand { stock, now: Duration::ZERO });
        };
        let now = now();
        if self.shelf.is_overdue(now) {
            fetcher.refresh_overdue();
        }
        (now < stock.usable_until).then_some(AtHand { stock, now })
    }

    /// Returns who brings keys; `None` when they are fixed.
    pub(crate) fn fetcher(&self) -> Option<&dyn FetchKeys> {
        self.fetcher.as_deref()
    }

    /// Drops the keys of this name for good.
    pub(crate) fn forget(&self, name: &KeyId) {
        self.shelf.restock(|stock| {
            let ring = stock.ring.forget(name.clone());
            (Stock { ring, usable_until: stock.usable_until }, ())
        });
    }

    pub(crate) fn stock(&self) -> Guard<Arc<Stock>> {
        self.shelf.stock()
    }
}

impl AtHand {
    pub(crate) fn ring(&self) -> &KeyRing {
        &self.stock.ring
    }
}
