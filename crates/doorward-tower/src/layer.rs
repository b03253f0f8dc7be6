use std::sync::Arc;

use doorward::adapter::Access;
use tower_layer::Layer;

use crate::{Gate, Guard};

/// A layer that lets only those requests pass to which its gate gives access; made by
/// [`Gate::require`], [`Gate::authenticated`] and [`Gate::optional`].
///
/// In a router of axum it goes on by `route_layer`, so that a path that there is not stays 404; on a
/// single route a method that it does not support stays 405 too. On a whole router, `route_layer` guards
/// neither its fallback nor routes that are added later; `layer` guards the fallback too.
#[derive(Clone, Debug)]
#[must_use = "a layer guards nothing until it is put on a service"]
pub struct GuardLayer {
    gate: Gate,
    access: Arc<Access>,
}

impl GuardLayer {
    pub(crate) fn new(gate: Gate, access: Access) -> Self {
        Self { gate, access: Arc::new(access) }
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard::new(inner, self.gate.clone(), Arc::clone(&self.access))
    }
}
