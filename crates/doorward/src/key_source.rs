//! Where the keys of one issuer stand ready: fixed ones for good, fetched ones until newer ones
//! take their place. Looking a key up takes no lock.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwapOption, Guard};

use crate::{error::Unavailable, key::Jwks};

/// The keys of one issuer.
#[derive(Debug)]
pub(crate) enum KeySource {
    Fixed(Jwks),
    Fetched { shelf: Arc<Shelf>, fetcher: Arc<dyn FetchKeys> },
}

/// Keys that were fetched, and until when they serve.
#[derive(Debug)]
pub(crate) struct Stock {
    pub(crate) jwks: Jwks,
    pub(crate) usable_until: Duration,
}

/// Where fetched keys are put and found; empty until the first fetch.
#[derive(Debug)]
pub(crate) struct Shelf {
    stock: ArcSwapOption<Stock>,
    /// In milliseconds of the clock; see [`Shelf::is_overdue`].
    overdue_at: AtomicU64,
}

impl Shelf {
    pub(crate) const fn empty() -> Self {
        Self { stock: ArcSwapOption::const_empty(), overdue_at: AtomicU64::new(u64::MAX) }
    }

    pub(crate) fn put(&self, stock: Stock) {
        self.stock.store(Some(Arc::new(stock)));
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

/// What a fetch for the sake of a request came to: wait for it, or an answer at once.
pub(crate) enum Ask {
    Wait(Fetching),
    Answer(Result<(), Unavailable>),
}

/// Brings keys from the issuer.
pub(crate) trait FetchKeys: fmt::Debug + Send + Sync {
    /// Asks for keys because there are none that could be used.
    fn ask_for_any(&self) -> Ask;

    /// Asks for a key that is not among those at hand. `Ok(())` means: look again, and if it is
    /// still absent the issuer does not have it.
    fn ask_for_unknown(&self) -> Ask;

    /// Sees to a refresh that is overdue, without waiting for it.
    fn refresh_overdue(&self);
}

/// The keys at hand, borrowed.
pub(crate) enum AtHand<'s> {
    Fixed(&'s Jwks),
    Fetched(Guard<Option<Arc<Stock>>>),
}

impl KeySource {
    /// Returns the keys at hand, if there are any that may still be used, and sees to it that fetched
    /// ones are refreshed, should nobody else do it. Fixed keys do not age, so
    /// the time is asked for only where it matters.
    pub(crate) fn at_hand(&self, now: impl FnOnce() -> Duration) -> Option<AtHand<'_>> {
        match self {
            Self::Fixed(jwks) => Some(AtHand::Fixed(jwks)),
            Self::Fetched { shelf, fetcher } => {
                let (stock, now) = (shelf.stock.load(), now());
                if shelf.is_overdue(now) {
                    fetcher.refresh_overdue();
                }
                let usable = stock.as_ref().is_some_and(|stock| now < stock.usable_until);
                usable.then_some(AtHand::Fetched(stock))
            }
        }
    }

    /// Returns who brings keys; `None` when they are fixed.
    pub(crate) fn fetcher(&self) -> Option<&dyn FetchKeys> {
        match self {
            Self::Fixed(_) => None,
            Self::Fetched { fetcher, .. } => Some(fetcher.as_ref()),
        }
    }
}

impl AtHand<'_> {
    pub(crate) fn jwks(&self) -> Option<&Jwks> {
        match self {
            Self::Fixed(jwks) => Some(jwks),
            Self::Fetched(stock) => stock.as_ref().map(|stock| &stock.jwks),
        }
    }
}
