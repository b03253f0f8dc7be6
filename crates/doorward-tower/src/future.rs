use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use doorward::adapter::{Access, Authentication};
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{Gate, service::admit};

pin_project! {
    /// The response future of [`Guard`](crate::Guard): the inner service's own, where the keys are
    /// at hand.
    pub struct GuardFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, B, S::Future, S::Response>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B, F, R> {
        Inner { #[pin] future: F },
        Answered { response: Option<R> },
        Waiting { waiting: Option<Box<Waiting<S, B>>> },
    }
}

/// A request whose issuer's keys are being fetched.
struct Waiting<S, B> {
    authentication: Authentication,
    service: S,
    request: Request<B>,
    gate: Gate,
    access: Arc<Access>,
}

impl<S: Service<Request<B>>, B> GuardFuture<S, B> {
    pub(crate) const fn inner(future: S::Future) -> Self {
        Self { state: State::Inner { future } }
    }

    pub(crate) const fn answered(response: S::Response) -> Self {
        Self { state: State::Answered { response: Some(response) } }
    }

    pub(crate) fn waiting(
        authentication: Authentication,
        service: S,
        request: Request<B>,
        gate: Gate,
        access: Arc<Access>,
    ) -> Self {
        let waiting = Waiting { authentication, service, request, gate, access };
        Self { state: State::Waiting { waiting: Some(Box::new(waiting)) } }
    }
}

impl<S, B, R> Future for GuardFuture<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Output = Result<Response<R>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Inner { future } => return future.poll(cx),
                StateProjection::Answered { response } => {
                    // Polled after it was done: nothing more will come.
                    return response
                        .take()
                        .map_or(Poll::Pending, |response| Poll::Ready(Ok(response)));
                }
                StateProjection::Waiting { waiting } => {
                    let Some(held) = waiting.as_mut() else {
                        return Poll::Pending;
                    };
                    let authenticated = ready!(Pin::new(&mut held.authentication).poll(cx));
                    let Some(held) = waiting.take() else {
                        return Poll::Pending;
                    };
                    let Waiting { mut service, mut request, gate, access, .. } = *held;
                    match admit(&gate, &access, authenticated, &mut request) {
                        Ok(()) => State::Inner { future: service.call(request) },
                        Err(response) => State::Answered { response: Some(response) },
                    }
                }
            };
            state.set(next);
        }
    }
}

impl<S: Service<Request<B>>, B> fmt::Debug for GuardFuture<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardFuture").finish_non_exhaustive()
    }
}
