use std::future::{Ready, ready};

use actix_web::{
    body::EitherBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
};
use doorward::adapter::RouteGuard;

use crate::GuardService;

/// Middleware that lets only those requests pass that its gate admits: created by [`Gate::require`],
/// [`Gate::authenticated`] and [`Gate::optional`].
///
/// Of several on one service, actix calls the one that was wrapped last first. Extractors read what
/// the innermost one has decided.
///
/// [`Gate::require`]: crate::Gate::require
/// [`Gate::authenticated`]: crate::Gate::authenticated
/// [`Gate::optional`]: crate::Gate::optional
#[derive(Clone, Debug)]
#[must_use = "middleware guards nothing until something is wrapped in it"]
pub struct GuardTransform(RouteGuard);

impl GuardTransform {
    pub(crate) const fn new(guard: RouteGuard) -> Self {
        Self(guard)
    }
}

impl<S, B> Transform<S, ServiceRequest> for GuardTransform
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>> + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = S::Error;
    type Transform = GuardService<S>;
    type InitError = ();
    type Future = Ready<Result<GuardService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(GuardService::new(service, self.0.clone())))
    }
}
