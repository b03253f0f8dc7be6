use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::HttpRequest;
use doorward::{
    Error,
    adapter::{Access, Authentication},
};

use super::{Rejection, gate_of};
use crate::Gate;

/// The future of an extractor: ready at once, without an allocation of its own, where the issuer's
/// keys are at hand.
#[must_use = "futures do nothing unless polled"]
pub struct ExtractFuture<T>(State<T>);

enum State<T> {
    Authenticating {
        authentication: Authentication,
        request: HttpRequest,
        gate: Gate,
        asks: Asks,
        finish: Finish<T>,
    },
    Rejected(Option<Rejection>),
}

/// What the extractor asks for, if that is more than a token.
type Asks = fn() -> Option<Access>;

/// From the gate's word to what the handler takes.
type Finish<T> = fn(Result<doorward::AccessToken, Error>) -> Result<T, Error>;

impl<T> ExtractFuture<T> {
    /// Authenticates the request by the gate of the application's data, unless middleware of that
    /// gate has done so.
    pub(super) fn new(request: &HttpRequest, asks: Asks, finish: Finish<T>) -> Self {
        Self(match gate_of(request) {
            Ok(gate) => State::Authenticating {
                authentication: gate.authenticate(request),
                request: request.clone(),
                gate: gate.clone(),
                asks,
                finish,
            },
            Err(rejection) => State::Rejected(Some(rejection)),
        })
    }
}

impl<T> Future for ExtractFuture<T> {
    type Output = Result<T, Rejection>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Authenticating { authentication, request, gate, asks, finish } => {
                let authenticated = ready!(Pin::new(authentication).poll(cx));
                let result = finish(authenticated);
                Poll::Ready(
                    result.map_err(|error| Rejection::new(gate, error, request, asks().as_ref())),
                )
            }
            // Polled after it was done: nothing more will come.
            State::Rejected(rejection) => {
                rejection.take().map_or(Poll::Pending, |rejection| Poll::Ready(Err(rejection)))
            }
        }
    }
}

impl<T> fmt::Debug for ExtractFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtractFuture").finish_non_exhaustive()
    }
}
