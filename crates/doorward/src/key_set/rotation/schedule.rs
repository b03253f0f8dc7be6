use std::{ops::RangeInclusive, time::Duration};

use crate::limits;

/// The times that govern an issuer's keys.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    /// The bounds of the freshness lifetime from the issuer's `Cache-Control`.
    pub(crate) fresh: RangeInclusive<Duration>,
    /// The freshness lifetime without `Cache-Control`.
    pub(crate) fresh_unsaid: Duration,
    /// The least time between two fetches for unknown keys.
    pub(crate) cooldown: Duration,
    /// How long the last fetched keys are usable while fetches fail.
    pub(crate) stale: Duration,
    /// The first and the longest pause after failed fetches.
    pub(crate) backoff: (Duration, Duration),
    /// How long a fetch may take, discovery included.
    pub(crate) fetch_timeout: Duration,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            fresh: Duration::from_secs(5 * 60)..=Duration::from_secs(24 * 3600),
            fresh_unsaid: Duration::from_secs(10 * 60),
            cooldown: Duration::from_secs(10),
            stale: Duration::from_secs(24 * 3600),
            backoff: (Duration::from_secs(1), Duration::from_secs(60)),
            fetch_timeout: limits::FETCH_TIMEOUT,
        }
    }
}

impl Schedule {
    /// Returns the name of a setting that is zero or contradictory.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let (first, longest) = self.backoff;
        if self.fresh.is_empty() || self.fresh.start().is_zero() {
            Some("key_freshness")
        } else if first.is_zero() || first > longest {
            Some("retry_backoff")
        } else if self.cooldown.is_zero() {
            Some("unknown_key_cooldown")
        } else if self.fetch_timeout.is_zero() {
            Some("fetch_timeout")
        } else {
            None
        }
    }

    /// Returns the freshness lifetime of a set with this `max-age`.
    pub(super) fn freshness(&self, max_age: Option<Duration>) -> Duration {
        max_age.unwrap_or(self.fresh_unsaid).clamp(*self.fresh.start(), *self.fresh.end())
    }

    /// Returns when keys are refreshed: at 80 % of their freshness lifetime, ±10 % at random, so that
    /// many servers do not fetch at the same moment.
    pub(super) fn refresh_after(fresh: Duration, chance: f64) -> Duration {
        fresh.mul_f64(0.8 * (0.9 + 0.2 * chance.clamp(0.0, 1.0)))
    }

    /// Returns the pause after this number of failures in a row: random between zero and a time that
    /// doubles with each failure ("full jitter").
    pub(super) fn pause(&self, failures: u32, chance: f64) -> Duration {
        let (first, longest) = self.backoff;
        let doublings = failures.saturating_sub(1).min(16);
        let doubled = first.saturating_mul(2u32.saturating_pow(doublings));
        doubled.min(longest).mul_f64(chance.clamp(0.0, 1.0)).max(limits::LEAST_PAUSE)
    }
}
