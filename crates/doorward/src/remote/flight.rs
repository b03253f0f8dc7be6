use std::sync::Arc;

use tokio::{runtime::Handle, sync::watch};

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
    number: u64,
    land: watch::Sender<Option<Result<(), RemoteError>>>,
}

impl Flight {
    pub(super) fn prepare(keeper: Arc<Keeper>, number: u64) -> (Landing, Self) {
        let (land, flight) = watch::channel(None);
        (Landing { keeper, number, land }, Self(flight))
    }

    /// Returns whether it has neither landed nor been given up.
    pub(super) fn is_in_the_air(&self) -> bool {
        self.0.has_changed().is_ok() && self.0.borrow().is_none()
    }

    /// Waits for what it comes to, no longer than a fetch may take, even if the runtime on which it
    /// was set out stands still. Waited for outside a runtime, which has the timer, it is waited for
    /// until it lands.
    ///
    /// The timer runs in a task of its own, which takes the panic of a runtime without one.
    pub(super) async fn landed(self) -> Result<(), RemoteError> {
        let Ok(runtime) = Handle::try_current() else {
            return self.over().await;
        };
        let timed = async { tokio::time::timeout(limits::FETCH_TIMEOUT, self.over()).await };
        runtime
            .spawn(timed)
            .await
            .unwrap_or(Ok(Err(RemoteError::GivenUp)))
            .unwrap_or(Err(RemoteError::Timeout))
    }

    async fn over(mut self) -> Result<(), RemoteError> {
        match self.0.wait_for(Option::is_some).await {
            Ok(landed) => landed.clone().unwrap_or(Err(RemoteError::GivenUp)),
            Err(_) => Err(RemoteError::GivenUp),
        }
    }
}

impl Landing {
    pub(super) fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    pub(super) fn land(&self, fetched: Result<Fetched, RemoteError>) {
        let settled = self.keeper.settle(self.number, fetched);
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
