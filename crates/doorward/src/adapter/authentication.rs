use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use crate::{error::Error, policy::AccessToken, server::Verification};

/// The future of [`RouteGuard::authenticate`](super::RouteGuard::authenticate).
///
/// It is ready at once, without an allocation of its own, where the issuer's keys are cached.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Authentication {
    verification: Verification,
    started: Option<Duration>,
}

/// The result of authentication, for [`RouteGuard::authorize`](super::RouteGuard::authorize).
#[derive(Debug)]
#[must_use = "nothing is decided until `authorize`"]
pub struct Authenticated {
    pub(super) result: Result<AccessToken, Error>,
    /// When the decision began, on the monotonic clock, if somebody measures.
    pub(super) started: Option<Duration>,
}

impl Authentication {
    pub(super) const fn new(verification: Verification, started: Option<Duration>) -> Self {
        Self { verification, started }
    }

    /// Returns the result if it is ready, else the future itself: for callers that avoid a slow path.
    ///
    /// # Errors
    ///
    /// The future, if it has to wait.
    pub fn into_ready(self) -> Result<Authenticated, Self> {
        let started = self.started;
        match self.verification.into_ready() {
            Ok(result) => Ok(Authenticated { result, started }),
            Err(verification) => Err(Self { verification, started }),
        }
    }
}

impl Future for Authentication {
    type Output = Authenticated;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Authenticated> {
        let started = self.started;
        let verified = Pin::new(&mut self.verification).poll(cx);
        verified.map(|result| Authenticated { result, started })
    }
}
