use std::{
    fmt,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    HttpMessage as _,
    body::EitherBody,
    dev::{Service, ServiceRequest, ServiceResponse},
};
use doorward::adapter::{Authenticated, RouteGuard};

use crate::{
    GuardFuture, future::Decided, head::Head, rejection_response, response::preflight_response,
    route_match::RouteMatch,
};

/// The service of a [`GuardTransform`](crate::GuardTransform).
///
/// A rejected request is answered, never failed: the error type of the inner service stays as it is,
/// and middleware outside sees a response, with the [`Error`](doorward::Error) in its extensions. What
/// is known of an admitted request is in the request's extensions, for extractors and for
/// [`Gate::verified`](crate::Gate::verified).
pub struct GuardService<S> {
    /// Shared with requests that wait for keys, and with no others.
    inner: Rc<S>,
    guard: RouteGuard,
}

impl<S> GuardService<S> {
    pub(crate) fn new(inner: S, guard: RouteGuard) -> Self {
        Self { inner: Rc::new(inner), guard }
    }
}

impl<S, B> Service<ServiceRequest> for GuardService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>> + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = S::Error;
    type Future = GuardFuture<S::Future>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> GuardFuture<S::Future> {
        let authentication = {
            let head = Head::new(request.request());
            let is_preflight = self.guard.answers_preflight(&head);
            (!is_preflight).then(|| self.guard.authenticate(&head, head.verified()))
        };
        let Some(authentication) = authentication else {
            return Decided::Answered(request.into_response(preflight_response())).into();
        };
        match authentication.into_ready() {
            Ok(authenticated) => decide(&*self.inner, &self.guard, authenticated, request).into(),
            Err(authentication) => {
                let (inner, guard) = (Rc::clone(&self.inner), self.guard.clone());
                GuardFuture::waiting(async move {
                    let authenticated = authentication.await;
                    decide(&*inner, &guard, authenticated, request)
                })
            }
        }
    }
}

/// Calls the inner service, or answers the request instead.
fn decide<S: Service<ServiceRequest>>(
    inner: &S,
    guard: &RouteGuard,
    authenticated: Authenticated,
    request: ServiceRequest,
) -> Decided<S::Future> {
    let decision = {
        let matched = RouteMatch::of(request.request());
        guard.authorize(authenticated, &matched.info())
    };
    match decision {
        Ok(admission) => {
            request.extensions_mut().insert(admission.verified());
            Decided::Admitted { future: inner.call(request), admission }
        }
        Err(rejection) => Decided::Answered(request.into_response(rejection_response(rejection))),
    }
}

impl<S> fmt::Debug for GuardService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardService").field("guard", &self.guard).finish_non_exhaustive()
    }
}
