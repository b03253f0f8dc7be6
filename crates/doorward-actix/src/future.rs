use std::{
    fmt,
    future::{Future, Ready, ready},
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{body::EitherBody, dev::ServiceResponse};
use doorward::adapter::Admission;
use pin_project_lite::pin_project;

use crate::response::append_fields;

pin_project! {
    /// The response future of [`GuardService`](crate::GuardService). Where the issuer's keys are
    /// cached, it is the inner service's own, without an allocation.
    #[must_use = "futures do nothing unless polled"]
    pub struct GuardFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F> {
        Admitted { #[pin] future: F, admission: Admission },
        Answered { response: Ready<ServiceResponse> },
        Waiting { deciding: Pin<Box<dyn Future<Output = Decided<F>>>> },
    }
}

/// What was decided about a request.
pub(crate) enum Decided<F> {
    /// The inner service was called.
    Admitted {
        future: F,
        admission: Admission,
    },
    Answered(ServiceResponse),
}

impl<F> GuardFuture<F> {
    /// Creates the future of a request whose issuer's keys are being fetched.
    pub(crate) fn waiting(deciding: impl Future<Output = Decided<F>> + 'static) -> Self {
        Self { state: State::Waiting { deciding: Box::pin(deciding) } }
    }
}

impl<F> From<Decided<F>> for GuardFuture<F> {
    fn from(decided: Decided<F>) -> Self {
        Self { state: decided.into() }
    }
}

impl<F> From<Decided<F>> for State<F> {
    fn from(decided: Decided<F>) -> Self {
        match decided {
            Decided::Admitted { future, admission } => Self::Admitted { future, admission },
            Decided::Answered(response) => Self::Answered { response: ready(response) },
        }
    }
}

impl<F, B, E> Future for GuardFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, E>>,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let decided = match state.as_mut().project() {
                StateProjection::Admitted { future, admission } => {
                    return future.poll(cx).map_ok(|mut response| {
                        append_fields(response.headers_mut(), admission.response_fields());
                        response.map_into_left_body()
                    });
                }
                StateProjection::Answered { response } => {
                    let response = ready!(Pin::new(response).poll(cx));
                    return Poll::Ready(Ok(response.map_into_right_body()));
                }
                StateProjection::Waiting { deciding } => ready!(deciding.as_mut().poll(cx)),
            };
            state.set(decided.into());
        }
    }
}

impl<F> fmt::Debug for GuardFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardFuture").finish_non_exhaustive()
    }
}
