//! When to fetch an issuer's keys, and how long they are usable: a pure state machine. Needs, the results
//! of fetches and the time go in, decisions come out; the fetching is done elsewhere.
//!
//! Times are those of the monotonic clock.

#[cfg(test)]
mod random_tests;
mod schedule;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, time::Duration};

pub(crate) use schedule::Schedule;

use crate::{limits, terms::key_id::KeyId};

/// The history of the keys of one issuer, as far as it matters.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    schedule: Schedule,
    next_refresh: Duration,
    /// The fetch under way.
    fetch_in_progress: Option<FetchInProgress>,
    /// The number of the latest fetch.
    fetches: u64,
    /// Scheduled fetches that have failed since the last success of either kind.
    failures: u32,
    last_success: Option<LastSuccess>,
    unknown: UnknownKeyBudget,
}

/// A fetch that has begun.
#[derive(Clone, Copy, Debug)]
struct FetchInProgress {
    since: Duration,
    /// Whether it is the scheduled one, and not for an unknown key only.
    scheduled: bool,
}

/// The last fetch that brought keys.
#[derive(Clone, Copy, Debug)]
struct LastSuccess {
    at: Duration,
    fresh: Duration,
}

/// The budget of fetches for keys that are not cached.
#[derive(Clone, Debug, Default)]
struct UnknownKeyBudget {
    /// When the last fetch for one began.
    last_fetch: Option<Duration>,
    /// Whether a fetch has succeeded since.
    answered: bool,
    /// The names that the last set lacked. Bounded; a name that no longer fits is left out.
    absent: HashSet<KeyId>,
}

/// A need for keys that are not cached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyNeed {
    /// The scheduled refresh, whenever it is due.
    Refresh,
    /// Any key: there is none that may be used.
    AnyKey,
    /// The key of this name; without a name, one that verifies the token of a request.
    Key(Option<KeyId>),
}

/// The decision about a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Begin a fetch, with this number.
    Fetch(u64),
    /// A fetch is under way: wait for its result.
    Join,
    /// Begin no fetch before this time has passed.
    NotBefore(Duration),
    /// The issuer was asked a short time ago and does not have the key.
    Absent,
}

/// The result of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FetchOutcome {
    /// Usable keys, and how long the issuer declares them fresh.
    Keys {
        max_age: Option<Duration>,
    },
    Failed,
}

impl Rotation {
    /// Creates the state without keys, with a refresh that is due.
    pub(crate) fn new(schedule: Schedule) -> Self {
        Self {
            schedule,
            next_refresh: Duration::ZERO,
            fetch_in_progress: None,
            fetches: 0,
            failures: 0,
            last_success: None,
            unknown: UnknownKeyBudget::default(),
        }
    }

    /// Decides about a need. A decision to fetch counts as the beginning of the fetch.
    pub(crate) fn decide(&mut self, need: &KeyNeed, now: Duration) -> Decision {
        if let KeyNeed::Key(Some(name)) = need
            && self.is_absent(name, now)
        {
            return Decision::Absent;
        }
        let is_scheduled = match need {
            KeyNeed::Refresh => now >= self.next_refresh,
            KeyNeed::AnyKey => true,
            KeyNeed::Key(_) => false,
        };
        if let Some(fetch_in_progress) = self.in_progress(now) {
            fetch_in_progress.scheduled |= is_scheduled;
            return Decision::Join;
        }
        match need {
            KeyNeed::Refresh | KeyNeed::AnyKey if now < self.next_refresh => {
                Decision::NotBefore(self.until_refresh(now))
            }
            KeyNeed::Refresh | KeyNeed::AnyKey => self.fetch(true, now),
            KeyNeed::Key(name) => self.decide_unknown(name.as_ref(), now),
        }
    }

    fn decide_unknown(&mut self, name: Option<&KeyId>, now: Duration) -> Decision {
        let pause = self.until_key_may_be_asked_for(now);
        if pause.is_zero() {
            self.unknown.last_fetch = Some(now);
            self.unknown.answered = false;
            return self.fetch(false, now);
        }
        if !self.unknown.answered {
            return Decision::NotBefore(pause);
        }
        if let Some(name) = name
            && self.unknown.absent.len() < limits::ABSENT_KEYS
        {
            self.unknown.absent.insert(name.clone());
        }
        Decision::Absent
    }

    fn fetch(&mut self, scheduled: bool, now: Duration) -> Decision {
        self.fetches = self.fetches.wrapping_add(1);
        self.fetch_in_progress = Some(FetchInProgress { since: now, scheduled });
        Decision::Fetch(self.fetches)
    }

    /// Records the result of a fetch; `chance` is drawn from 0 to 1. Returns whether it counts: not if a
    /// later fetch has begun, because the result of the earlier one may be older than the cached keys.
    pub(crate) fn complete(
        &mut self,
        number: u64,
        outcome: FetchOutcome,
        now: Duration,
        chance: f64,
    ) -> bool {
        if number != self.fetches {
            return false;
        }
        let Some(fetch_in_progress) = self.fetch_in_progress.take() else {
            return false;
        };
        match outcome {
            FetchOutcome::Keys { max_age } => {
                let fresh = self.schedule.freshness(max_age);
                self.failures = 0;
                self.last_success = Some(LastSuccess { at: now, fresh });
                self.next_refresh = now.saturating_add(Schedule::refresh_after(fresh, chance));
                self.unknown.answered = true;
                self.unknown.absent.clear();
            }
            // A fetch for an unknown key has its own budget: its failure does not delay the refresh.
            FetchOutcome::Failed if fetch_in_progress.scheduled => {
                self.failures = self.failures.saturating_add(1);
                let pause = self.schedule.pause(self.failures, chance);
                self.next_refresh = now.saturating_add(pause);
            }
            FetchOutcome::Failed => {}
        }
        true
    }

    /// Returns the fetch that may still end: one that is older than its timeout hangs with the runtime
    /// on which it began.
    fn in_progress(&mut self, now: Duration) -> Option<&mut FetchInProgress> {
        let longest = self.longest_fetch();
        self.fetch_in_progress
            .as_mut()
            .filter(|fetch_in_progress| now.saturating_sub(fetch_in_progress.since) <= longest)
    }

    const fn longest_fetch(&self) -> Duration {
        self.schedule.fetch_timeout.saturating_add(limits::FETCH_GRACE)
    }

    /// Returns whether the last set lacked this key, and was fetched within the last cooldown.
    fn is_absent(&self, name: &KeyId, now: Duration) -> bool {
        let lately = |good: LastSuccess| now < good.at.saturating_add(self.schedule.cooldown);
        self.unknown.answered
            && self.last_success.is_some_and(lately)
            && self.unknown.absent.contains(name)
    }

    /// Returns the rest of the cooldown.
    pub(crate) fn until_key_may_be_asked_for(&self, now: Duration) -> Duration {
        let cooldown = self.schedule.cooldown;
        let last = self.unknown.last_fetch;
        last.map_or(Duration::ZERO, |last| last.saturating_add(cooldown).saturating_sub(now))
    }

    /// Returns the time until the next scheduled refresh.
    pub(crate) const fn until_refresh(&self, now: Duration) -> Duration {
        self.next_refresh.saturating_sub(now)
    }

    /// Returns until when the cached keys are usable; `None` without keys.
    pub(crate) fn usable_until(&self) -> Option<Duration> {
        self.last_success.map(|good| good.at.saturating_add(self.schedule.stale.max(good.fresh)))
    }

    /// Returns until when the cached keys are fresh; `None` without keys.
    pub(crate) fn fresh_until(&self) -> Option<Duration> {
        self.last_success.map(|good| good.at.saturating_add(good.fresh))
    }

    /// Returns when the last fetch succeeded.
    pub(crate) fn last_success(&self) -> Option<Duration> {
        self.last_success.map(|good| good.at)
    }

    /// Returns from when on a request starts the refresh, because the background has not: some time after
    /// it was due, or, when one has begun, some time after it should have ended.
    pub(crate) fn overdue_at(&self) -> Duration {
        let ends = self.fetch_in_progress.map(|at| at.since.saturating_add(self.longest_fetch()));
        let due = self.next_refresh.saturating_add(limits::OVERDUE);
        ends.map_or(due, |ends| due.max(ends))
    }

    /// Returns the number of scheduled fetches that have failed since the last success.
    pub(crate) const fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns how long a fetch may take.
    pub(crate) const fn fetch_timeout(&self) -> Duration {
        self.schedule.fetch_timeout
    }
}
