use std::{
    future::Future,
    panic::{self, AssertUnwindSafe},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::watch,
    task::{JoinError, JoinHandle},
};

use super::refresher::KeySetRefresher;
use crate::fetch::{Fetched, RemoteError};

/// A fetch that several requests wait for.
#[derive(Clone)]
pub(super) struct SharedFetch(watch::Receiver<Option<Result<(), RemoteError>>>);

/// The duty to end a shared. Dropped without having wait, as when its task panics or its runtime
/// is shut down, it counts as a failed fetch, so that nobody waits for it and the pauses between
/// fetches are kept.
pub(super) struct FetchGuard {
    refresher: Arc<KeySetRefresher>,
    number: u64,
    complete: watch::Sender<Option<Result<(), RemoteError>>>,
}

impl SharedFetch {
    /// Waits for what it comes to, no longer than `patience`, even if the runtime on which it was
    /// set out stands still. Waited for outside a runtime, which has the timer, it is waited for
    /// until it lands.
    ///
    /// The timer runs in a task of its own, which takes the panic of a runtime without one.
    pub(super) async fn wait(self, patience: Duration) -> Result<(), RemoteError> {
        let Ok(runtime) = Handle::try_current() else {
            return self.over().await;
        };
        let timed = async move { tokio::time::timeout(patience, self.over()).await };
        AbortOnDrop(runtime.spawn(timed))
            .await
            .unwrap_or(Ok(Err(RemoteError::GivenUp)))
            .unwrap_or(Err(RemoteError::Timeout))
    }

    async fn over(mut self) -> Result<(), RemoteError> {
        match self.0.wait_for(Option::is_some).await {
            Ok(wait) => wait.clone().unwrap_or(Err(RemoteError::GivenUp)),
            Err(_) => Err(RemoteError::GivenUp),
        }
    }
}

/// A task that ends with whoever waits for it.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Future for AbortOnDrop<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl FetchGuard {
    pub(super) fn new(refresher: Arc<KeySetRefresher>, number: u64) -> Self {
        Self { refresher, number, complete: watch::Sender::new(None) }
    }

    pub(super) fn refresher(&self) -> &KeySetRefresher {
        &self.refresher
    }

    pub(super) fn shared(&self) -> SharedFetch {
        SharedFetch(self.complete.subscribe())
    }

    /// Takes in what the fetch came to, then tells those who wait, then the operator.
    pub(super) fn complete(&self, fetched: Result<Fetched, RemoteError>) {
        let outcome = fetched.as_ref().map(drop).map_err(Clone::clone);
        let event = self.refresher.settle(self.number, fetched);
        self.complete.send_replace(Some(outcome));
        if let Some(event) = event {
            // A panic of the operator's function is none of ours: it ends neither the task nor,
            // while this is dropped, the program.
            let _ = panic::catch_unwind(AssertUnwindSafe(|| self.refresher.tell(&event)));
        }
    }
}

impl Drop for FetchGuard {
    fn drop(&mut self) {
        if self.complete.borrow().is_none() {
            self.complete(Err(RemoteError::GivenUp));
        }
    }
}
