use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{error::Error, policy::AccessToken};

/// The future of one request's authentication.
///
/// It is ready at once, without an allocation of its own, when the issuer's keys are at hand; it
/// waits only for keys to be fetched: for a fetch that was under way, and for one more if a key is
/// still unknown then, of 5 s each at most.
#[must_use = "futures do nothing unless polled"]
pub struct Authentication(State);

enum State {
    Ready(Result<AccessToken, Error>),
    Waiting(Pin<Box<dyn Future<Output = Result<AccessToken, Error>> + Send>>),
    Done,
}

impl Authentication {
    pub(super) const fn ready(result: Result<AccessToken, Error>) -> Self {
        Self(State::Ready(result))
    }

    pub(super) fn waiting(
        future: impl Future<Output = Result<AccessToken, Error>> + Send + 'static,
    ) -> Self {
        Self(State::Waiting(Box::pin(future)))
    }

    /// Returns the result if it is ready, else the future back: for callers that want to stay off
    /// their slow path.
    ///
    /// # Errors
    ///
    /// The future itself, when it has to wait.
    pub fn into_ready(self) -> Result<Result<AccessToken, Error>, Self> {
        match self.0 {
            State::Ready(result) => Ok(result),
            State::Waiting(_) | State::Done => Err(self),
        }
    }
}

impl Future for Authentication {
    type Output = Result<AccessToken, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match std::mem::replace(&mut self.0, State::Done) {
            State::Ready(result) => Poll::Ready(result),
            State::Waiting(mut future) => {
                let polled = future.as_mut().poll(cx);
                if polled.is_pending() {
                    self.0 = State::Waiting(future);
                }
                polled
            }
            // Polled after it was done: nothing more will come.
            State::Done => Poll::Pending,
        }
    }
}

impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Ready(_) => "Authentication(ready)",
            State::Waiting(_) => "Authentication(waiting)",
            State::Done => "Authentication(done)",
        })
    }
}
