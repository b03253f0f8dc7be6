use doorward::adapter::RouteGuard;
use tower_layer::Layer;

use crate::{Guard, router_view::RouterView};

/// A layer that lets only those requests pass that its gate admits: created by
/// [`Gate::require`](crate::Gate::require), [`Gate::authenticated`](crate::Gate::authenticated) and
/// [`Gate::optional`](crate::Gate::optional).
///
/// In an axum router, add it by `route_layer`, so that an unknown path stays 404; on a single route, an
/// unsupported method stays 405 too. On a whole router, `route_layer` guards neither its fallback nor
/// routes that are added later; `layer` guards the fallback too.
#[derive(Clone, Debug)]
#[must_use = "a layer guards nothing until it is put on a service"]
pub struct GuardLayer {
    pub(crate) guard: RouteGuard,
    pub(crate) router: RouterView,
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard::new(inner, self.clone())
    }
}
