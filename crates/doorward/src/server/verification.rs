use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{error::Error, policy::AccessToken};

/// The future of [`ResourceServer::authenticate`](crate::ResourceServer::authenticate).
///
/// It is ready at once, without an allocation of its own, when the issuer's keys are cached. It waits
/// only for keys to be fetched: for a fetch in progress, and for one more if a key is still unknown
/// then. Each wait is at most the [fetch timeout](crate::ResourceServerBuilder::fetch_timeout).
#[must_use = "futures do nothing unless polled"]
pub struct Verification(State);

enum State {
    Ready(Result<AccessToken, Error>),
    Waiting(Pin<Box<dyn Future<Output = Result<AccessToken, Error>> + Send>>),
}

impl Verification {
    pub(crate) const fn ready(result: Result<AccessToken, Error>) -> Self {
        Self(State::Ready(result))
    }

    pub(super) fn waiting(
        future: impl Future<Output = Result<AccessToken, Error>> + Send + 'static,
    ) -> Self {
        Self(State::Waiting(Box::pin(future)))
    }

    /// Returns the result if it is ready, else the future itself: for callers that avoid a slow path.
    ///
    /// # Errors
    ///
    /// The future, if it has to wait.
    pub fn into_ready(self) -> Result<Result<AccessToken, Error>, Self> {
        match self.0 {
            State::Ready(result) => Ok(result),
            State::Waiting(_) => Err(self),
        }
    }
}

impl Future for Verification {
    type Output = Result<AccessToken, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Ready(result) => Poll::Ready(result.clone()),
            State::Waiting(future) => future.as_mut().poll(cx),
        }
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Ready(_) => "Verification(ready)",
            State::Waiting(_) => "Verification(waiting)",
        })
    }
}
