//! When to fetch an issuer's keys, and how long they serve: a pure state machine. What is needed,
//! what happened and the time go in, decisions come out; the fetching is done elsewhere.
//!
//! Times are durations since a fixed moment of a clock that never goes backwards.

mod schedule;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, time::Duration};

pub(crate) use schedule::Schedule;

use crate::{limits, terms::key_id::KeyId};

/// What happened so far to the keys of one issuer, as far as it matters.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    schedule: Schedule,
    next_refresh: Duration,
    /// The fetch under way.
    fetch_in_progress: Option<FetchInProgress>,
    /// How many have set out.
    fetches: u64,
    /// Scheduled fetches that have failed since the last good one of whatever kind.
    failures: u32,
    last_success: Option<LastSuccess>,
    unknown: UnknownKeyBudget,
}

/// A fetch that has set out.
#[derive(Clone, Copy, Debug)]
struct FetchInProgress {
    since: Duration,
    /// Whether it is the scheduled one, and not for the sake of an unknown key alone.
    scheduled: bool,
}

/// The last fetch that brought keys.
#[derive(Clone, Copy, Debug)]
struct LastSuccess {
    at: Duration,
    fresh: Duration,
}

/// What is known of keys that are asked for and not at hand.
#[derive(Clone, Debug, Default)]
struct UnknownKeyBudget {
    /// When a fetch last set out for the sake of one.
    last_fetch: Option<Duration>,
    /// Whether keys have come since.
    answered: bool,
    /// The names that the last keys lacked. Bounded; one that no longer fits is not cached.
    absent: HashSet<KeyId>,
}

/// What is needed of the issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need<'n> {
    /// The scheduled refresh, whenever it is due.
    Refresh,
    /// Any key: a request has found none that serves.
    AnyKey,
    /// The key of this name, or of no name: a request has not found it.
    Key(Option<&'n KeyId>),
}

/// What to do about a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Set out to fetch the keys; the fetch_in_progress's number.
    Fetch(u64),
    /// A fetch is under way: wait for what it brings.
    Join,
    /// Nothing before so much time has passed.
    NotBefore(Duration),
    /// The issuer was asked just now and does not have the key.
    Absent,
}

/// What a fetch came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FetchOutcome {
    /// Usable keys, of which the issuer says that they are fresh for so long.
    Keys {
        max_age: Option<Duration>,
    },
    Failed,
}

impl Rotation {
    /// Begins with no keys and a refresh that is due.
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

    /// Decides what to do about a need, and counts the fetch that it orders.
    pub(crate) fn decide(&mut self, need: Need<'_>, now: Duration) -> Decision {
        if let Need::Key(Some(name)) = need
            && self.is_absent(name, now)
        {
            return Decision::Absent;
        }
        if let Some(fetch_in_progress) = self.in_progress(now) {
            fetch_in_progress.scheduled |= !matches!(need, Need::Key(_));
            return Decision::Join;
        }
        match need {
            Need::Refresh | Need::AnyKey if now < self.next_refresh => {
                Decision::NotBefore(self.until_refresh(now))
            }
            Need::Refresh | Need::AnyKey => self.fetch(true, now),
            Need::Key(name) => self.decide_unknown(name, now),
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

    /// Takes in what a fetch came to; `chance` is drawn from 0 to 1. Returns whether it counts: not
    /// if a later one has set out since, because what an old fetch brings may be older than what is
    /// at hand.
    pub(crate) fn complete(
        &mut self,
        number: u64,
        complete: FetchOutcome,
        now: Duration,
        chance: f64,
    ) -> bool {
        if number != self.fetches {
            return false;
        }
        let Some(fetch_in_progress) = self.fetch_in_progress.take() else {
            return false;
        };
        match complete {
            FetchOutcome::Keys { max_age } => {
                let fresh = self.schedule.freshness(max_age);
                self.failures = 0;
                self.last_success = Some(LastSuccess { at: now, fresh });
                self.next_refresh = now.saturating_add(Schedule::refresh_after(fresh, chance));
                self.unknown.answered = true;
                self.unknown.absent.clear();
            }
            // A fetch for an unknown key has its own budget: its failure moves no refresh.
            FetchOutcome::Failed if fetch_in_progress.scheduled => {
                self.failures = self.failures.saturating_add(1);
                let pause = self.schedule.pause(self.failures, chance);
                self.next_refresh = now.saturating_add(pause);
            }
            FetchOutcome::Failed => {}
        }
        true
    }

    /// Returns the fetch that can still land: one that is older than a fetch may get hangs with the
    /// runtime on which it set out.
    fn in_progress(&mut self, now: Duration) -> Option<&mut FetchInProgress> {
        let longest = self.longest_fetch();
        self.fetch_in_progress
            .as_mut()
            .filter(|fetch_in_progress| now.saturating_sub(fetch_in_progress.since) <= longest)
    }

    const fn longest_fetch(&self) -> Duration {
        self.schedule.fetch_timeout.saturating_add(limits::FETCH_GRACE)
    }

    /// Returns whether the last keys lacked this one, and came no longer ago than a cooldown.
    fn is_absent(&self, name: &KeyId, now: Duration) -> bool {
        let lately = |good: LastSuccess| now < good.at.saturating_add(self.schedule.cooldown);
        self.unknown.answered
            && self.last_success.is_some_and(lately)
            && self.unknown.absent.contains(name)
    }

    /// Returns how much of the cooldown is left.
    pub(crate) fn until_key_may_be_asked_for(&self, now: Duration) -> Duration {
        let cooldown = self.schedule.cooldown;
        let last = self.unknown.last_fetch;
        last.map_or(Duration::ZERO, |last| last.saturating_add(cooldown).saturating_sub(now))
    }

    /// Returns how long it is until the next scheduled refresh.
    pub(crate) const fn until_refresh(&self, now: Duration) -> Duration {
        self.next_refresh.saturating_sub(now)
    }

    /// Returns until when the keys at hand serve; `None` without keys.
    pub(crate) fn usable_until(&self) -> Option<Duration> {
        self.last_success.map(|good| good.at.saturating_add(self.schedule.stale.max(good.fresh)))
    }

    /// Returns until when the keys at hand are fresh; `None` without keys.
    pub(crate) fn fresh_until(&self) -> Option<Duration> {
        self.last_success.map(|good| good.at.saturating_add(good.fresh))
    }

    /// Returns when keys last came.
    pub(crate) fn last_success(&self) -> Option<Duration> {
        self.last_success.map(|good| good.at)
    }

    /// Returns from when on a request should see to the refresh, because nobody else does: some
    /// time after it was due, or, when one has set out, some time after it should have complete.
    pub(crate) fn overdue_at(&self) -> Duration {
        let lands = self.fetch_in_progress.map(|at| at.since.saturating_add(self.longest_fetch()));
        let due = self.next_refresh.saturating_add(limits::OVERDUE);
        lands.map_or(due, |lands| due.max(lands))
    }

    /// Returns how many scheduled fetches have failed since the last good one.
    pub(crate) const fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns how long a fetch may take.
    pub(crate) const fn fetch_timeout(&self) -> Duration {
        self.schedule.fetch_timeout
    }
}
