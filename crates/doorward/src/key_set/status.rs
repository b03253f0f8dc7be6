use std::time::Duration;

/// The state of fetching an issuer's keys. Times are on the monotonic clock.
#[derive(Clone, Debug)]
pub(crate) struct RefreshStatus {
    pub(crate) last_success: Option<Duration>,
    pub(crate) fresh_until: Option<Duration>,
    /// From now.
    pub(crate) until_refresh: Duration,
    pub(crate) failures: u32,
    pub(crate) last_error: Option<String>,
}
