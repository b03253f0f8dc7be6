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

use super::{RemoteError, discovery::Fetched, keeper::Keeper};

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
    /// Waits for what it comes to, no longer than `patience`, even if the runtime on which it was
    /// set out stands still. Waited for outside a runtime, which has the timer, it is waited for
    /// until it lands.
    ///
    /// The timer runs in a task of its own, which takes the panic of a runtime without one.
    pub(super) async fn landed(self, patience: Duration) -> Result<(), RemoteError> {
        let Ok(runtime) = Handle::try_current() else {
            return self.over().await;
        };
        let timed = async move { tokio::time::timeout(patience, self.over()).await };
        Ended(runtime.spawn(timed))
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

/// A task that ends with whoever waits for it.
struct Ended<T>(JoinHandle<T>);

impl<T> Future for Ended<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<T> Drop for Ended<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Landing {
    pub(super) fn new(keeper: Arc<Keeper>, number: u64) -> Self {
        Self { keeper, number, land: watch::Sender::new(None) }
    }

    pub(super) fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    pub(super) fn flight(&self) -> Flight {
        Flight(self.land.subscribe())
    }

    /// Takes in what the fetch came to, then tells those who wait, then the operator.
    pub(super) fn land(&self, fetched: Result<Fetched, RemoteError>) {
        let outcome = fetched.as_ref().map(drop).map_err(Clone::clone);
        let event = self.keeper.settle(self.number, fetched);
        self.land.send_replace(Some(outcome));
        if let Some(event) = event {
            // A panic of the operator's function is none of ours: it ends neither the task nor,
            // while this is dropped, the program.
            let _ = panic::catch_unwind(AssertUnwindSafe(|| self.keeper.tell(&event)));
        }
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if self.land.borrow().is_none() {
            self.land(Err(RemoteError::GivenUp));
        }
    }
}
