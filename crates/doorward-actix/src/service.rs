use std::{
    fmt,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use actix_web::{
    HttpMessage as _,
    body::EitherBody,
    dev::{Service, ServiceRequest, ServiceResponse},
};
use doorward::{AccessToken, Error, adapter::Access, rules::RequestInfo};

use crate::{Gate, GuardFuture, denial_response, future::State, response::answer_preflight};

/// The service of a [`GuardTransform`](crate::GuardTransform).
///
/// A refused request is answered, never failed: the inner service's error type stays as it is, and
/// middleware outside sees a response. An admitted request has the token in its extensions
/// ([`Gate::verified`]); a refused one leaves the [`Error`] in the extensions of its response.
pub struct GuardService<S> {
    /// Shared with requests that wait for keys, and with no others.
    inner: Rc<S>,
    gate: Gate,
    access: Arc<Access>,
}

impl<S> GuardService<S> {
    pub(crate) fn new(inner: S, gate: Gate, access: Arc<Access>) -> Self {
        Self { inner: Rc::new(inner), gate, access }
    }

    fn share(&self) -> Self {
        Self {
            inner: Rc::clone(&self.inner),
            gate: self.gate.clone(),
            access: Arc::clone(&self.access),
        }
    }
}

impl<S: Service<ServiceRequest>> GuardService<S> {
    /// Lets the request pass with its token, or answers it.
    pub(crate) fn admit(
        &self,
        authenticated: Result<AccessToken, Error>,
        request: ServiceRequest,
    ) -> State<S, S::Future> {
        let route = request.match_pattern();
        let info =
            RequestInfo::new().with_method(request.method().as_str()).with_route(route.as_deref());
        match self.access.admit(authenticated, &info) {
            Ok(token) => {
                if let Some(token) = token {
                    request.extensions_mut().insert(token);
                }
                State::Inner { future: self.inner.call(request) }
            }
            Err(error) => {
                let response =
                    denial_response(&self.gate.deny(&error, Some(&*self.access), &info), error);
                State::Answered { response: Some(request.into_response(response)) }
            }
        }
    }
}

impl<S, B> Service<ServiceRequest> for GuardService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>>,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = S::Error;
    type Future = GuardFuture<S>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> GuardFuture<S> {
        if self.gate.is_preflight_to_answer(request.request()) {
            let response = request.into_response(answer_preflight());
            return GuardFuture::new(State::Answered { response: Some(response) });
        }
        match self.gate.authenticate(request.request()).into_ready() {
            Ok(authenticated) => GuardFuture::new(self.admit(authenticated, request)),
            Err(authentication) => {
                GuardFuture::new(State::waiting(authentication, self.share(), request))
            }
        }
    }
}

impl<S> fmt::Debug for GuardService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardService")
            .field("gate", &self.gate)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}
