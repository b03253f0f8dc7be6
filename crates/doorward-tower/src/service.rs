use std::{
    mem,
    sync::Arc,
    task::{Context, Poll},
};

use doorward::{AccessToken, Error, adapter::Access, rules::RequestInfo};
use http::{Request, Response};
use tower_service::Service;

use crate::{
    Gate, GuardFuture,
    response::{answer_preflight, denial_response, grpc_response, is_grpc},
};

/// The service of a [`GuardLayer`](crate::GuardLayer).
///
/// A refused request is answered, never failed: the inner service's error type stays as it is. The
/// answer to a call of gRPC (`application/grpc`) has a `grpc-status` too. An admitted request has the
/// token in its extensions ([`Gate::verified`]); a refused one leaves the [`Error`] in the extensions
/// of its response.
#[derive(Clone, Debug)]
pub struct Guard<S> {
    inner: S,
    gate: Gate,
    access: Arc<Access>,
}

impl<S> Guard<S> {
    pub(crate) const fn new(inner: S, gate: Gate, access: Arc<Access>) -> Self {
        Self { inner, gate, access }
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
        if self.gate.is_preflight_to_answer(&request) {
            return GuardFuture::answered(answer_preflight());
        }
        match self.gate.authenticate(request.headers(), request.extensions()).into_ready() {
            Ok(authenticated) => {
                match admit(&self.gate, &self.access, authenticated, &mut request) {
                    Ok(()) => GuardFuture::inner(self.inner.call(request)),
                    Err(refusal) => GuardFuture::answered(refusal),
                }
            }
            Err(authentication) => {
                // The service that was polled ready is the one to call; its clone takes its place.
                let clone = self.inner.clone();
                let ready = mem::replace(&mut self.inner, clone);
                let (gate, access) = (self.gate.clone(), Arc::clone(&self.access));
                GuardFuture::waiting(authentication, ready, request, gate, access)
            }
        }
    }
}

/// Lets the request pass with its token, or answers it.
pub(crate) fn admit<B, R: Default>(
    gate: &Gate,
    access: &Access,
    authenticated: Result<AccessToken, Error>,
    request: &mut Request<B>,
) -> Result<(), Response<R>> {
    match access.admit(authenticated, &info_of(gate, request)) {
        Ok(Some(token)) => {
            request.extensions_mut().insert(token);
            Ok(())
        }
        Ok(None) => Ok(()),
        Err(error) => Err(refuse(gate, access, error, request)),
    }
}

fn refuse<B, R: Default>(
    gate: &Gate,
    access: &Access,
    error: Error,
    request: &Request<B>,
) -> Response<R> {
    let denial = gate.deny(&error, Some(access), &info_of(gate, request));
    if is_grpc(request.headers()) {
        grpc_response(&denial, error)
    } else {
        denial_response(&denial, error)
    }
}

/// Returns what rules and logs may know of the request.
fn info_of<'r, B>(gate: &Gate, request: &'r Request<B>) -> RequestInfo<'r> {
    let route = gate.route(request.extensions());
    RequestInfo::new().with_method(request.method().as_str()).with_route(route)
}
