use std::{fmt, time::Duration};

/// A point in time as the duration since 1970-01-01T00:00:00Z, leap seconds ignored: the
/// `NumericDate` of [RFC 7519 §2](https://www.rfc-editor.org/rfc/rfc7519#section-2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(Duration);

impl UnixTime {
    /// Returns the time so many whole seconds after 1970 began.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// Returns the time so long after 1970 began.
    #[must_use]
    pub const fn since_epoch(duration: Duration) -> Self {
        Self(duration)
    }

    /// Returns the whole seconds since 1970 began.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0.as_secs()
    }

    /// Returns the time that is later by the duration, or the last one that can be expressed.
    #[must_use]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    /// Returns how long after the other time this one is; zero where it is not.
    #[must_use]
    pub(crate) const fn saturating_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Debug for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnixTime({:?})", self.0)
    }
}
