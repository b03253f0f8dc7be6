use std::sync::Arc;

use tokio::sync::watch;

use super::{RemoteError, discovery::Fetched, keeper::Keeper};
use crate::limits;

/// A fetch that several requests wait for.
#[derive(Clone)]
pub(super) struct Flight(watch::Receiver<Option<Result<(), RemoteError>>>);

/// The duty to end a flight. Dropped without having landed, as when its task panics or its runtime
/// is shut down, it counts as a failed fetch, so that nobody waits for it and the pauses between
/// fetches are kept.
pub(super) struct Landing {
    keeper: Arc<Keeper>,
    land: watch::Sender<Option<Result<(), RemoteError>>>,
}

impl Flight {
    pub(super) fn set_out(keeper: Arc<Keeper>) -> (Landing, Self) {
        let (land, flight) = watch::channel(None);
        (Landing { keeper, land }, Self(flight))
    }

    /// Returns whether it has neither landed nor been given up.
    pub(super) fn is_in_the_air(&self) -> bool {
        self.0.has_changed().is_ok() && self.0.borrow().is_none()
    }

    /// Waits for what it comes to, no longer than a fetch may take, even if the runtime on which it
    /// was set out stands still.
    pub(super) async fn landed(mut self) -> Result<(), RemoteError> {
        match tokio::time::timeout(limits::FETCH_TIMEOUT, self.0.wait_for(Option::is_some)).await {
            Ok(Ok(landed)) => landed.clone().unwrap_or(Err(RemoteError::GivenUp)),
            Ok(Err(_)) => Err(RemoteError::GivenUp),
            Err(_) => Err(RemoteError::Timeout),
        }
    }
}

impl Landing {
    pub(super) fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    pub(super) fn land(&self, fetched: Result<Fetched, RemoteError>) {
        let settled = self.keeper.settle(fetched);
        self.land.send_replace(Some(settled));
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if self.land.borrow().is_none() {
            self.land(Err(RemoteError::GivenUp));
        }
    }
}
