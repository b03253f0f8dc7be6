use std::{
    future::poll_fn,
    panic::{self, AssertUnwindSafe},
    pin::pin,
    task::Poll,
    time::Duration,
};

use tokio::{runtime::Handle, sync::watch};

use super::{Fetched, KeyEvent, RemoteError};

/// A fetch whose result several requests wait for.
#[derive(Clone)]
pub(super) struct SharedFetch(watch::Receiver<Option<Result<(), RemoteError>>>);

/// What follows the end of a fetch.
pub(super) trait FetchEnd: Send {
    /// Stores the result, and returns what there is to report; `None` if a later fetch has begun.
    fn store(&self, fetched: Result<Fetched, RemoteError>) -> Option<KeyEvent>;

    /// Reports to the operator.
    fn report(&self, event: &KeyEvent);
}

/// Ends a fetch exactly once. Dropped without a result, as when its task panics or its runtime is shut
/// down, the fetch has failed: nobody waits for it, and the pauses between fetches are kept.
pub(super) struct FetchGuard<E: FetchEnd> {
    end: Option<E>,
    result: watch::Sender<Option<Result<(), RemoteError>>>,
}

impl SharedFetch {
    /// Waits for the result no longer than `timeout`, even if the runtime of the fetch stands still.
    /// Outside a runtime, which has the timer, the wait ends with the fetch.
    ///
    /// A timer panics on a runtime that was shut down or has none. That ends the wait and nothing else.
    pub(super) async fn wait(self, timeout: Duration) -> Result<(), RemoteError> {
        if Handle::try_current().is_err() {
            return self.result().await;
        }
        let mut timed = pin!(async { tokio::time::timeout(timeout, self.result()).await });
        poll_fn(|cx| {
            let poll = AssertUnwindSafe(|| timed.as_mut().poll(cx));
            match panic::catch_unwind(poll) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(in_time)) => {
                    Poll::Ready(in_time.unwrap_or(Err(RemoteError::Timeout)))
                }
                Err(_) => Poll::Ready(Err(RemoteError::GivenUp)),
            }
        })
        .await
    }

    async fn result(mut self) -> Result<(), RemoteError> {
        match self.0.wait_for(Option::is_some).await {
            Ok(result) => result.clone().unwrap_or(Err(RemoteError::GivenUp)),
            Err(_) => Err(RemoteError::GivenUp),
        }
    }
}

impl<E: FetchEnd> FetchGuard<E> {
    pub(super) fn new(end: E) -> (Self, SharedFetch) {
        let (result, shared) = watch::channel(None);
        (Self { end: Some(end), result }, SharedFetch(shared))
    }

    /// Ends the fetch with this result.
    pub(super) fn end(mut self, fetched: Result<Fetched, RemoteError>) {
        self.end_once(fetched);
    }

    /// Stores the result, then wakes those who wait, then reports.
    fn end_once(&mut self, fetched: Result<Fetched, RemoteError>) {
        let Some(end) = self.end.take() else { return };
        let result = fetched.as_ref().map(drop).map_err(Clone::clone);
        let event = end.store(fetched);
        self.result.send_replace(Some(result));
        if let Some(event) = event {
            // A panic of the operator's function ends neither the task nor, while this is dropped, the
            // program.
            let _ = panic::catch_unwind(AssertUnwindSafe(|| end.report(&event)));
        }
    }
}

impl<E: FetchEnd> Drop for FetchGuard<E> {
    fn drop(&mut self) {
        self.end_once(Err(RemoteError::GivenUp));
    }
}
