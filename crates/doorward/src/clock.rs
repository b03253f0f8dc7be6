//! The time: read in this module and nowhere else, so that tests can replace it.

use std::{
    fmt,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

pub use crate::terms::time::UnixTime;

/// Tells the time: the one place where this library asks for it.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Returns the time of day, or `None` when the clock cannot tell it; requests are then
    /// answered 503.
    fn now(&self) -> Option<UnixTime>;

    /// Returns the time since some fixed moment. It never goes backwards; the age of keys is
    /// measured with it.
    fn monotonic(&self) -> Duration;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// Starts to count at zero.
    #[must_use]
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    /// `None` when the system's clock stands before 1970.
    fn now(&self) -> Option<UnixTime> {
        SystemTime::now().duration_since(UNIX_EPOCH).ok().map(UnixTime::since_epoch)
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }
}
