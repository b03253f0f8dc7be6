use std::{future::Future, pin::Pin};

use tokio::runtime::Handle;

/// Runs fetches: on tokio, or where a test tries every order of events.
pub(super) trait Spawn: Send + Sync {
    /// Runs the task by itself. One that cannot run is dropped.
    fn spawn(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>);
}

/// The runtime that a server was built on.
pub(crate) struct Tokio(Handle);

impl Tokio {
    /// Returns the runtime that this is called on.
    pub(crate) fn current() -> Option<Self> {
        Handle::try_current().ok().map(Self)
    }

    pub(super) const fn handle(&self) -> &Handle {
        &self.0
    }
}

impl Spawn for Tokio {
    /// On the runtime of the request that asks, if there is one: the other may be gone by now.
    fn spawn(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>) {
        Handle::try_current().unwrap_or_else(|_| self.0.clone()).spawn(task);
    }
}
