use std::ops::Deref;

use axum::extract::MatchedPath;
use doorward::ResourceServer;
use http::Extensions;

use crate::guarded::GuardedRouter;

/// The entrance of an axum API. Cloning is cheap.
///
/// Its layers ([`require`](doorward_tower::Gate::require),
/// [`authenticated`](doorward_tower::Gate::authenticated),
/// [`optional`](doorward_tower::Gate::optional)) are those of [`doorward_tower::Gate`]. On an existing
/// router they go on its routes by
/// [`MethodRouter::route_layer`](axum::routing::MethodRouter::route_layer), and an unsupported method
/// stays 405; or on all of them by [`Router::route_layer`](axum::Router::route_layer), which asks for
/// the token before it tells of a method. That one guards neither the router's fallback nor routes that
/// are added later; [`Router::layer`](axum::Router::layer) guards the fallback too.
///
/// Extractors take the gate from the router's state. The state may be the gate itself, or a struct
/// with a field of this type that derives `FromRef`.
#[derive(Clone, Debug)]
pub struct Gate(doorward_tower::Gate);

impl Gate {
    /// Opens the gate of a server.
    #[must_use]
    pub const fn new(server: ResourceServer) -> Self {
        Self(doorward_tower::Gate::new(server).routes_by(matched_path))
    }

    /// Begins a router each route of which says its rule, or that it is public.
    pub fn router<S>(&self) -> GuardedRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        GuardedRouter::new(self.clone())
    }
}

impl Deref for Gate {
    type Target = doorward_tower::Gate;

    fn deref(&self) -> &doorward_tower::Gate {
        &self.0
    }
}

fn matched_path(extensions: &Extensions) -> Option<&str> {
    extensions.get().map(MatchedPath::as_str)
}
