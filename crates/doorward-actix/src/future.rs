use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{
    body::EitherBody,
    dev::{Service, ServiceRequest, ServiceResponse},
};
use doorward::adapter::Authentication;
use pin_project_lite::pin_project;

use crate::GuardService;

pin_project! {
    /// The response future of [`GuardService`]: the inner service's own, where the keys are at
    /// hand.
    pub struct GuardFuture<S>
    where
        S: Service<ServiceRequest>,
    {
        #[pin]
        state: State<S, S::Future>,
    }
}

pin_project! {
    #[project = StateProjection]
    pub(crate) enum State<S, F> {
        Inner { #[pin] future: F },
        Answered { response: Option<ServiceResponse> },
        Waiting { waiting: Option<Box<Waiting<S>>> },
    }
}

/// A request whose issuer's keys are being fetched.
pub(crate) struct Waiting<S> {
    authentication: Authentication,
    service: GuardService<S>,
    request: ServiceRequest,
}

impl<S: Service<ServiceRequest>> GuardFuture<S> {
    pub(crate) const fn new(state: State<S, S::Future>) -> Self {
        Self { state }
    }
}

impl<S, F> State<S, F> {
    pub(crate) fn waiting(
        authentication: Authentication,
        service: GuardService<S>,
        request: ServiceRequest,
    ) -> Self {
        let waiting = Waiting { authentication, service, request };
        Self::Waiting { waiting: Some(Box::new(waiting)) }
    }
}

impl<S, B> Future for GuardFuture<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>>,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Inner { future } => {
                    return future.poll(cx).map_ok(ServiceResponse::map_into_left_body);
                }
                StateProjection::Answered { response } => {
                    // Polled after it was done: nothing more will come.
                    return response.take().map_or(Poll::Pending, |response| {
                        Poll::Ready(Ok(response.map_into_right_body()))
                    });
                }
                StateProjection::Waiting { waiting } => {
                    let Some(held) = waiting.as_mut() else {
                        return Poll::Pending;
                    };
                    let authenticated = ready!(Pin::new(&mut held.authentication).poll(cx));
                    let Some(held) = waiting.take() else {
                        return Poll::Pending;
                    };
                    let Waiting { service, request, .. } = *held;
                    service.admit(authenticated, request)
                }
            };
            state.set(next);
        }
    }
}

impl<S: Service<ServiceRequest>> fmt::Debug for GuardFuture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardFuture").finish_non_exhaustive()
    }
}
