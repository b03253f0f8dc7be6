use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{error::Error, policy::AccessToken};

/// The future of one request's authentication.
///
/// It is ready at once, without an allocation of its own, when the issuer's keys are cached. Else it
/// waits for a fetch that is under way, and for one more if a key is still unknown then: each takes 5 s
/// at most, unless [set](crate::ResourceServerBuilder::fetch_timeout). Polled again after it was ready,
/// it returns the same result.
#[must_use = "futures do nothing unless polled"]
pub struct Authentication(State);

enum State {
    Ready(Result<AccessToken, Error>),
    Waiting(Pin<Box<dyn Future<Output = Result<AccessToken, Error>> + Send>>),
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

    /// Returns the result if it is ready, else the future: for callers that treat a wait apart.
    ///
    /// # Errors
    ///
    /// The future itself, when it has to wait.
    pub fn into_ready(self) -> Result<Result<AccessToken, Error>, Self> {
        match self.0 {
            State::Ready(result) => Ok(result),
            State::Waiting(_) => Err(self),
        }
    }
}

impl Future for Authentication {
    type Output = Result<AccessToken, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Waiting(future) = &mut self.0 {
            match future.as_mut().poll(cx) {
                Poll::Ready(result) => self.0 = State::Ready(result),
                Poll::Pending => return Poll::Pending,
            }
        }
        match &self.0 {
            State::Ready(result) => Poll::Ready(result.clone()),
            State::Waiting(_) => Poll::Pending,
        }
    }
}

impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Ready(_) => "Authentication(ready)",
            State::Waiting(_) => "Authentication(waiting)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Unavailable;

    #[test]
    fn a_future_that_was_ready_returns_its_result_again() {
        let result = || Err(Error::from(Unavailable::Clock));
        let waiting = Authentication::waiting(std::future::ready(result()));
        for mut future in [Authentication::ready(result()), waiting] {
            for _ in 0..2 {
                let mut cx = Context::from_waker(std::task::Waker::noop());
                match Pin::new(&mut future).poll(&mut cx) {
                    Poll::Ready(Err(error)) => assert_eq!(error.code(), "unavailable.clock"),
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}
