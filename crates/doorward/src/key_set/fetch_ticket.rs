use std::{future::Future, pin::Pin, time::Duration};

use crate::error::Unavailable;

/// The answer to a need for newer keys.
pub(crate) enum FetchTicket<F> {
    /// A fetch is under way.
    Wait {
        fetch: F,
        /// Whether it began before it was asked for, so that its result may be older than the need.
        joined: bool,
    },
    /// No fetch begins before this time has passed.
    NotBefore(Duration),
    /// The issuer was asked a short time ago and does not have the key.
    Absent,
}

/// The wait of a request for a fetch. `Ok` means that keys were fetched; if the key is still unknown,
/// the issuer does not have it.
pub(crate) type Fetching = Pin<Box<dyn Future<Output = Result<(), Unavailable>> + Send>>;
