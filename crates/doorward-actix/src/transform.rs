use std::{
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{
    body::EitherBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
};
use doorward::adapter::Access;

use crate::{Gate, GuardService};

/// Middleware that lets only those requests pass to which its gate gives access; made by
/// [`Gate::require`], [`Gate::authenticated`] and [`Gate::optional`].
///
/// Of several on one service, actix asks the one that was wrapped last first.
#[derive(Clone, Debug)]
#[must_use = "middleware guards nothing until something is wrapped in it"]
pub struct GuardTransform {
    gate: Gate,
    access: Arc<Access>,
}

impl GuardTransform {
    pub(crate) fn new(gate: Gate, access: Access) -> Self {
        Self { gate, access: Arc::new(access) }
    }
}

impl<S, B> Transform<S, ServiceRequest> for GuardTransform
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>>,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = S::Error;
    type Transform = GuardService<S>;
    type InitError = ();
    type Future = Ready<Result<GuardService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(GuardService::new(service, self.gate.clone(), Arc::clone(&self.access))))
    }
}
