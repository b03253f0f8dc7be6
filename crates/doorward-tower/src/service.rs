use std::{
    mem,
    task::{Context, Poll},
};

use doorward::adapter::Authenticated;
use http::{Request, Response, StatusCode};
use tower_service::Service;

use crate::{
    GuardFuture, GuardLayer,
    head::Head,
    response::{ResponseFields, empty_response, grpc_response, is_grpc, rejection_response},
};

/// The service of a [`GuardLayer`].
///
/// A rejected request is answered, never failed: the inner service's error type stays as it is. The
/// answer to a gRPC call (`application/grpc`) has a `grpc-status` too. An admitted request has what
/// was decided in its extensions ([`Gate::verified`](crate::Gate::verified)); a rejected one leaves the
/// [`Error`](doorward::Error) in the extensions of its response.
#[derive(Clone, Debug)]
pub struct Guard<S> {
    inner: S,
    layer: GuardLayer,
}

impl<S> Guard<S> {
    pub(crate) const fn new(inner: S, layer: GuardLayer) -> Self {
        Self { inner, layer }
    }
}

impl<S, B, R> Service<Request<B>> for Guard<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = GuardFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> GuardFuture<S, B> {
        let GuardLayer { guard, router } = &self.layer;
        let head = Head::new(&request, router);
        if guard.answers_preflight(&head) {
            return GuardFuture::answered(empty_response(StatusCode::NO_CONTENT));
        }
        match guard.authenticate(&head, request.extensions().get()).into_ready() {
            Ok(authenticated) => match admit(&self.layer, authenticated, &mut request) {
                Ok(fields) => GuardFuture::inner(self.inner.call(request), fields),
                Err(response) => GuardFuture::answered(response),
            },
            Err(authentication) => {
                // The service that was polled ready is the one to call; its clone replaces it here.
                let clone = self.inner.clone();
                let ready = mem::replace(&mut self.inner, clone);
                GuardFuture::waiting(authentication, ready, request, self.layer.clone())
            }
        }
    }
}

/// Lets the request pass, with what was decided in its extensions, or answers it. Returns the fields
/// to add to the handler's response.
pub(crate) fn admit<B, R: Default>(
    layer: &GuardLayer,
    authenticated: Authenticated,
    request: &mut Request<B>,
) -> Result<ResponseFields, Response<R>> {
    let GuardLayer { guard, router } = layer;
    let decided = router.with_info(request.method(), request.extensions(), |info| {
        guard.authorize(authenticated, info)
    });
    match decided {
        Ok(admission) => {
            request.extensions_mut().insert(admission.verified());
            Ok(ResponseFields::new(admission.response_fields()))
        }
        Err(rejection) if is_grpc(request.headers()) => Err(grpc_response(rejection)),
        Err(rejection) => Err(rejection_response(rejection)),
    }
}
