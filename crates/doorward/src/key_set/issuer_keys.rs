use std::{fmt, sync::Arc, time::Duration};
#[cfg(feature = "remote")]
use std::{future::Future, pin::Pin};

use arc_swap::Guard;

#[cfg(feature = "remote")]
use super::RemoteError;
use super::{FetchTicket, Fetching, KeySetCell, KeySetSnapshot, RefreshStatus, rotation::KeyNeed};
use crate::{
    error::Unavailable,
    key::{ForgottenKeys, Jwks, KeySet},
};

/// The keys of one issuer: fixed ones, or fetched ones that are refreshed.
#[derive(Debug)]
pub(crate) struct IssuerKeys {
    cell: Arc<KeySetCell>,
    /// `None` when the keys are fixed.
    refresher: Option<Arc<dyn RefreshKeys>>,
}

/// Refreshes the keys of one issuer.
pub(crate) trait RefreshKeys: fmt::Debug + Send + Sync {
    /// Requests newer keys for a request that began to wait at `since`, on the monotonic clock. The
    /// wait ends when the time that a fetch may take has passed since then.
    fn request(self: Arc<Self>, need: &KeyNeed, since: Duration) -> FetchTicket<Fetching>;

    /// Returns the error of a request whose need cannot be met now.
    fn unavailable(&self, need: &KeyNeed) -> Unavailable;

    /// Starts a refresh that is overdue, without waiting for it.
    fn refresh_overdue(self: Arc<Self>);

    /// Waits for the first keys.
    #[cfg(feature = "remote")]
    fn first_keys(self: Arc<Self>)
    -> Pin<Box<dyn Future<Output = Result<(), RemoteError>> + Send>>;

    fn status(&self) -> RefreshStatus;
}

/// The cached key set of an issuer, borrowed.
pub(crate) struct KeySetGuard {
    snapshot: Guard<Arc<KeySetSnapshot>>,
    pub(crate) now: Duration,
}

impl IssuerKeys {
    pub(crate) fn fixed(jwks: Jwks) -> Self {
        let snapshot = KeySetSnapshot { key_set: KeySet::new(jwks), usable_until: Duration::MAX };
        Self { cell: Arc::new(KeySetCell::new(snapshot)), refresher: None }
    }

    #[cfg(feature = "remote")]
    pub(crate) fn fetched(cell: Arc<KeySetCell>, refresher: Arc<dyn RefreshKeys>) -> Self {
        Self { cell, refresher: Some(refresher) }
    }

    /// Returns the cached keys if they may still be used, and starts their refresh if it is overdue.
    /// Fixed keys do not age, so the clock is read for fetched keys only.
    pub(crate) fn current(&self, now: impl FnOnce() -> Duration) -> Option<KeySetGuard> {
        let snapshot = self.cell.snapshot();
        let Some(refresher) = &self.refresher else {
            return Some(KeySetGuard { snapshot, now: Duration::ZERO });
        };
        let now = now();
        if self.cell.is_overdue(now) {
            Arc::clone(refresher).refresh_overdue();
        }
        (now < snapshot.usable_until).then_some(KeySetGuard { snapshot, now })
    }

    /// Returns the refresher; `None` when the keys are fixed.
    pub(crate) const fn refresher(&self) -> Option<&Arc<dyn RefreshKeys>> {
        self.refresher.as_ref()
    }

    /// Drops these keys, now and after every later fetch. Returns how many were cached.
    pub(crate) fn forget(&self, keys: &ForgottenKeys) -> usize {
        self.cell.update(|snapshot| {
            let (key_set, dropped) = snapshot.key_set.forget(keys);
            (KeySetSnapshot { key_set, usable_until: snapshot.usable_until }, dropped)
        })
    }

    /// Returns the keys that were forgotten, by all their names and thumbprints.
    pub(crate) fn forgotten(&self) -> ForgottenKeys {
        self.cell.snapshot().key_set.forgotten().clone()
    }

    pub(super) fn snapshot(&self) -> Guard<Arc<KeySetSnapshot>> {
        self.cell.snapshot()
    }
}

impl KeySetGuard {
    pub(crate) fn key_set(&self) -> &KeySet {
        &self.snapshot.key_set
    }
}
