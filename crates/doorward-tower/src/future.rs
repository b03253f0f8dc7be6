use std::{
    fmt,
    future::{Future, Ready, ready},
    pin::Pin,
    task::{Context, Poll, ready},
};

use doorward::adapter::Authentication;
use http::{Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    GuardLayer,
    response::{ResponseFields, empty_response},
    service::admit,
};

pin_project! {
    /// The response future of [`Guard`](crate::Guard): the inner service's own, where the issuer's keys
    /// are cached.
    pub struct GuardFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, B, S::Future, Result<S::Response, S::Error>>,
    }
}

pin_project! {
    #[project = StateProjection]
    #[project_replace = TakenState]
    enum State<S, B, F, R> {
        Inner { #[pin] future: F, fields: ResponseFields },
        Answered { answer: Ready<R> },
        Waiting { waiting: Box<Waiting<S, B>> },
    }
}

/// A request whose token cannot be verified yet, such as while the issuer's keys are fetched.
struct Waiting<S, B> {
    authentication: Authentication,
    service: S,
    request: Request<B>,
    layer: GuardLayer,
}

impl<S: Service<Request<B>>, B> GuardFuture<S, B> {
    pub(crate) const fn inner(future: S::Future, fields: ResponseFields) -> Self {
        Self { state: State::Inner { future, fields } }
    }

    pub(crate) fn answered(response: S::Response) -> Self {
        Self { state: State::Answered { answer: ready(Ok(response)) } }
    }

    pub(crate) fn waiting(
        authentication: Authentication,
        service: S,
        request: Request<B>,
        layer: GuardLayer,
    ) -> Self {
        let waiting = Waiting { authentication, service, request, layer };
        Self { state: State::Waiting { waiting: Box::new(waiting) } }
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
            let authenticated = match state.as_mut().project() {
                StateProjection::Inner { future, fields } => {
                    let mut result = ready!(future.poll(cx));
                    if let Ok(response) = &mut result {
                        fields.append_to(response.headers_mut());
                    }
                    return Poll::Ready(result);
                }
                StateProjection::Answered { answer } => return Pin::new(answer).poll(cx),
                StateProjection::Waiting { waiting } => {
                    ready!(Pin::new(&mut waiting.authentication).poll(cx))
                }
            };
            // Somebody could see this answer only if the inner service panicked, and then nothing was
            // decided.
            let undecided = ready(Ok(empty_response(StatusCode::INTERNAL_SERVER_ERROR)));
            let taken = state.as_mut().project_replace(State::Answered { answer: undecided });
            if let TakenState::Waiting { waiting } = taken {
                let Waiting { mut service, mut request, layer, .. } = *waiting;
                state.set(match admit(&layer, authenticated, &mut request) {
                    Ok(fields) => State::Inner { future: service.call(request), fields },
                    Err(response) => State::Answered { answer: ready(Ok(response)) },
                });
            }
        }
    }
}

impl<S: Service<Request<B>>, B> fmt::Debug for GuardFuture<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardFuture").finish_non_exhaustive()
    }
}
