//! When to fetch an issuer's keys, and how long they serve: a pure state machine. What happened
//! and the time go in, decisions come out; the fetching is done elsewhere.
//!
//! Times are durations since a fixed moment of a clock that never goes backwards.

use std::time::Duration;

/// How long the background is waited for before a request sees to a refresh.
const OVERDUE: Duration = Duration::from_secs(15);

/// The times that govern an issuer's keys.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    /// Bounds of how long keys are fresh, whatever the issuer's `Cache-Control` says.
    pub(crate) fresh: std::ops::RangeInclusive<Duration>,
    /// How long keys are fresh when the issuer does not say.
    pub(crate) fresh_unsaid: Duration,
    /// The least time between two fetches for the sake of an unknown key.
    pub(crate) cooldown: Duration,
    /// How long the last good keys serve while no newer ones can be had.
    pub(crate) stale: Duration,
    /// The first and the longest pause after failed fetches.
    pub(crate) backoff: (Duration, Duration),
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            fresh: Duration::from_secs(5 * 60)..=Duration::from_secs(24 * 3600),
            fresh_unsaid: Duration::from_secs(10 * 60),
            cooldown: Duration::from_secs(10),
            stale: Duration::from_secs(24 * 3600),
            backoff: (Duration::from_secs(1), Duration::from_secs(60)),
        }
    }
}

/// What happened so far, as far as it matters.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    schedule: Schedule,
    next_refresh: Duration,
    last_asked_for_key: Option<Duration>,
    /// Whether keys have come since a key was last asked for.
    answered: bool,
    failures: u32,
    usable_until: Option<Duration>,
}

/// What to do about a token whose key is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnknownKey {
    /// Fetch the keys, then look again.
    Fetch,
    /// The last fetch succeeded and did not have it: the token is refused.
    Refuse,
    /// The last fetch failed: nobody can tell. Ask again after this time.
    Unavailable(Duration),
}

impl Rotation {
    /// Begins with no keys and a refresh that is due.
    pub(crate) const fn new(schedule: Schedule, now: Duration) -> Self {
        Self {
            schedule,
            next_refresh: now,
            last_asked_for_key: None,
            answered: false,
            failures: 0,
            usable_until: None,
        }
    }

    /// A fetch brought usable keys. `max_age` is what the issuer says of their freshness; `jitter`
    /// is from 0 to 1.
    pub(crate) fn fetched(&mut self, now: Duration, max_age: Option<Duration>, jitter: f64) {
        let (least, most) = (*self.schedule.fresh.start(), *self.schedule.fresh.end());
        let fresh = max_age.unwrap_or(self.schedule.fresh_unsaid).clamp(least, most);
        // 80 % of the time, give or take 10 % of it.
        let share = 0.8 * (0.9 + 0.2 * jitter.clamp(0.0, 1.0));
        self.failures = 0;
        self.answered = true;
        self.next_refresh = now.saturating_add(fresh.mul_f64(share));
        self.usable_until = Some(now.saturating_add(self.schedule.stale.max(fresh)));
    }

    /// A fetch failed. `jitter` is from 0 to 1.
    pub(crate) fn failed(&mut self, now: Duration, jitter: f64) {
        let (first, longest) = self.schedule.backoff;
        let doubled = first.saturating_mul(2u32.saturating_pow(self.failures.min(16)));
        let pause = doubled.min(longest).mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0));
        self.failures = self.failures.saturating_add(1);
        self.next_refresh = now.saturating_add(pause);
    }

    /// Decides about an unknown key, and counts the fetch that it asks for.
    pub(crate) fn unknown_key(&mut self, now: Duration) -> UnknownKey {
        let pause = self.until_key_may_be_asked_for(now);
        if pause.is_zero() {
            self.last_asked_for_key = Some(now);
            self.answered = false;
            UnknownKey::Fetch
        } else if self.answered {
            UnknownKey::Refuse
        } else {
            UnknownKey::Unavailable(pause)
        }
    }

    /// Returns how much of the cooldown is left.
    pub(crate) fn until_key_may_be_asked_for(&self, now: Duration) -> Duration {
        self.last_asked_for_key.map_or(Duration::ZERO, |last| {
            last.saturating_add(self.schedule.cooldown).saturating_sub(now)
        })
    }

    /// Returns whether a scheduled refresh is due.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        now >= self.next_refresh
    }

    /// Returns how long it is until the next scheduled refresh.
    pub(crate) const fn until_refresh(&self, now: Duration) -> Duration {
        self.next_refresh.saturating_sub(now)
    }

    /// Returns until when the keys at hand serve; `None` without keys.
    pub(crate) const fn usable_until(&self) -> Option<Duration> {
        self.usable_until
    }

    /// Returns from when on a request should see to the refresh, because nobody else does: some
    /// time after it was due.
    pub(crate) const fn overdue_at(&self) -> Duration {
        self.next_refresh.saturating_add(OVERDUE)
    }

    /// Returns whether the last fetch failed.
    pub(crate) const fn is_failing(&self) -> bool {
        self.failures > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(3600);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn rotation() -> Rotation {
        Rotation::new(Schedule::default(), Duration::ZERO)
    }

    #[test]
    fn keys_are_refreshed_at_80_percent_of_their_freshness_give_or_take_10() {
        for (jitter, expected) in [(0.0, 432.0), (0.5, 480.0), (1.0, 528.0)] {
            let mut rotation = rotation();
            rotation.fetched(Duration::ZERO, Some(10 * MINUTE), jitter);
            let pause = rotation.until_refresh(Duration::ZERO).as_secs_f64();
            assert!((pause - expected).abs() < 0.001, "{pause}");
        }
    }

    #[test]
    fn freshness_is_clamped_and_assumed_when_the_issuer_says_nothing() {
        for (max_age, fresh) in [
            (Some(Duration::ZERO), 5 * MINUTE),
            (Some(HOUR), HOUR),
            (Some(365 * 24 * HOUR), 24 * HOUR),
            (None, 10 * MINUTE),
        ] {
            let mut rotation = rotation();
            rotation.fetched(Duration::ZERO, max_age, 0.5);
            let pause = rotation.until_refresh(Duration::ZERO);
            assert!(pause.abs_diff(fresh.mul_f64(0.8)) < at(1), "{max_age:?}: {pause:?}");
        }
    }

    #[test]
    fn failed_fetches_are_repeated_after_pauses_that_double_up_to_a_minute() {
        let mut rotation = rotation();
        let pauses: Vec<u64> = (0..9)
            .map(|_| {
                rotation.failed(Duration::ZERO, 1.0);
                rotation.until_refresh(Duration::ZERO).as_secs()
            })
            .collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn a_success_ends_the_doubling() {
        let mut rotation = rotation();
        rotation.failed(Duration::ZERO, 1.0);
        rotation.failed(Duration::ZERO, 1.0);
        assert!(rotation.is_failing());
        rotation.fetched(at(3), None, 0.5);
        assert!(!rotation.is_failing());
        rotation.failed(at(4), 1.0);
        assert_eq!(rotation.until_refresh(at(4)), at(1));
    }

    #[test]
    fn an_unknown_key_earns_one_fetch_in_a_cooldown() {
        let mut rotation = rotation();
        rotation.fetched(Duration::ZERO, None, 0.5);
        assert_eq!(rotation.unknown_key(at(1)), UnknownKey::Fetch);
        rotation.fetched(at(1), None, 0.5);
        assert_eq!(rotation.unknown_key(at(2)), UnknownKey::Refuse);
        assert_eq!(rotation.unknown_key(at(10)), UnknownKey::Refuse);
        assert_eq!(rotation.unknown_key(at(11)), UnknownKey::Fetch);
    }

    #[test]
    fn an_unknown_key_is_nobodys_fault_while_the_issuer_cannot_be_asked() {
        let mut rotation = rotation();
        rotation.fetched(Duration::ZERO, None, 0.5);
        assert_eq!(rotation.unknown_key(at(1)), UnknownKey::Fetch);
        rotation.failed(at(1), 1.0);
        assert_eq!(rotation.unknown_key(at(4)), UnknownKey::Unavailable(at(7)));
    }

    #[test]
    fn keys_that_came_before_the_question_are_no_answer_to_it() {
        let mut rotation = rotation();
        rotation.fetched(at(1), None, 0.5);
        assert_eq!(rotation.unknown_key(at(1)), UnknownKey::Fetch);
        rotation.failed(at(1), 1.0);
        assert_eq!(rotation.unknown_key(at(1)), UnknownKey::Unavailable(at(10)));
    }

    #[test]
    fn a_later_failure_does_not_unsay_that_the_issuer_lacks_the_key() {
        let mut rotation = rotation();
        assert_eq!(rotation.unknown_key(at(1)), UnknownKey::Fetch);
        rotation.fetched(at(2), None, 0.5);
        rotation.failed(at(5), 1.0);
        assert_eq!(rotation.unknown_key(at(6)), UnknownKey::Refuse);
    }

    #[test]
    fn keys_serve_until_a_day_after_the_last_good_fetch() {
        let mut rotation = rotation();
        assert_eq!(rotation.usable_until(), None);
        rotation.fetched(at(10), None, 0.5);
        rotation.failed(at(20), 1.0);
        assert_eq!(rotation.usable_until(), Some(at(10) + 24 * HOUR));
    }

    #[test]
    fn the_first_fetch_is_due_at_once() {
        let mut rotation = rotation();
        assert!(rotation.is_due(Duration::ZERO));
        rotation.fetched(Duration::ZERO, None, 0.5);
        assert!(!rotation.is_due(at(1)) && rotation.is_due(HOUR));
    }
}
