use std::{any::Any, fmt, sync::Arc};

/// Identifies the server that verified a token, and leads back to that server's settings.
///
/// A token carries one, so that an extractor can answer for the gate in front of it without a
/// reference count that all threads write to.
#[derive(Clone)]
pub(crate) struct ServerHandle(Arc<dyn Any + Send + Sync>);

impl ServerHandle {
    pub(crate) fn new<T: Any + Send + Sync>(settings: Arc<T>) -> Self {
        Self(settings)
    }

    /// Returns whether both identify one server.
    pub(crate) fn is(&self, other: &Self) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.0), Arc::as_ptr(&other.0))
    }

    /// Returns the settings if they are a `T`.
    pub(crate) fn settings<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for ServerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerHandle")
    }
}
