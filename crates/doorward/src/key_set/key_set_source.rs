use std::{fmt, future::Future, pin::Pin, time::Duration};

use super::RemoteError;
use crate::key::Jwks;

/// The place where an issuer's key set is fetched from.
pub(crate) trait KeySetSource: fmt::Debug + Send + Sync {
    /// Fetches the key set within this time, discovery included.
    fn fetch(
        &self,
        timeout: Duration,
    ) -> Pin<Box<dyn Future<Output = Result<Fetched, RemoteError>> + Send + '_>>;
}

/// A fetched key set.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) jwks: Jwks,
    /// How long the issuer declares the set fresh.
    pub(crate) max_age: Option<Duration>,
    /// Why the metadata is unavailable, if the set was fetched from its last known URL.
    pub(crate) fault: Option<RemoteError>,
}
