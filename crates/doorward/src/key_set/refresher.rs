use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    time::Duration,
};

use tokio::{sync::Notify, task::AbortHandle};

use super::{
    Ask, FetchKeys, KeySetCell, KeySetSnapshot, KeySource, RefreshStatus, Want,
    event::{Hook, KeyEvent},
    rotation::{Decision, FetchOutcome, Need, Rotation, Schedule},
    shared_fetch::{FetchGuard, SharedFetch},
    spawn::{Spawn, Tokio},
};
use crate::{
    clock::Clock,
    error::Unavailable,
    fetch::{Fetched, KeySetFetcher, RemoteError},
    key::Changes,
    limits,
    terms::error_chain::ErrorChain,
};

/// Keeps the keys of one issuer: fetches them, puts them on the cell, refreshes them in the
/// background until it is dropped.
pub(crate) struct KeySetRefresher {
    issuer: String,
    fetcher: KeySetFetcher,
    /// How long a key serves that the issuer no longer publishes.
    keep_removed: Duration,
    cell: Arc<KeySetCell>,
    clock: Arc<dyn Clock>,
    runtime: Arc<dyn Spawn>,
    hook: Hook,
    state: Mutex<State>,
    /// Told whenever the next refresh has been set anew.
    rescheduled: Arc<Notify>,
    background: OnceLock<AbortHandle>,
}

/// What a refresher is begun with.
pub(crate) struct RefresherConfig {
    pub(crate) issuer: String,
    pub(crate) fetcher: KeySetFetcher,
    pub(crate) keep_removed: Duration,
    pub(crate) schedule: Schedule,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hook: Hook,
}

/// Locked for a moment at a time, never across a wait, and never where fresh keys are at hand.
struct State {
    rotation: Rotation,
    /// The latest fetch.
    shared: Option<SharedFetch>,
    /// Why it failed.
    last_error: Option<RemoteError>,
}

/// What there is to do about a need.
enum Course {
    Wait {
        shared: SharedFetch,
        /// Whether it had set out before.
        joined: bool,
    },
    NotBefore(Duration),
    Absent,
}

impl KeySetRefresher {
    /// Begins to keep the issuer's keys; the first fetch sets out at once.
    pub(crate) fn begin(begin: RefresherConfig, runtime: Tokio) -> (Arc<Self>, KeySource) {
        let handle = runtime.handle().clone();
        let (refresher, source) = Self::new(begin, Arc::new(runtime));
        let rescheduled = Arc::clone(&refresher.rescheduled);
        let task = handle.spawn(refresh_when_due(Arc::downgrade(&refresher), rescheduled));
        // The lock is empty: this is the only place that fills it.
        let _ = refresher.background.set(task.abort_handle());
        (refresher, source)
    }

    /// Makes a refresher that fetches when it is asked.
    pub(super) fn new(begin: RefresherConfig, runtime: Arc<dyn Spawn>) -> (Arc<Self>, KeySource) {
        let RefresherConfig { issuer, fetcher, keep_removed, schedule, clock, hook } = begin;
        let cell = Arc::new(KeySetCell::empty());
        let rotation = Rotation::new(schedule);
        let refresher = Arc::new(Self {
            issuer,
            fetcher,
            keep_removed,
            cell: Arc::clone(&cell),
            clock,
            runtime,
            hook,
            state: Mutex::new(State { rotation, shared: None, last_error: None }),
            rescheduled: Arc::default(),
            background: OnceLock::new(),
        });
        let source = KeySource::fetched(cell, Arc::new(Asking(Arc::clone(&refresher))));
        (refresher, source)
    }

    /// Waits for the first keys: for the fetch under way, or for one that sets out now.
    pub(crate) async fn wait_for_first_keys(self: &Arc<Self>) -> Result<(), RemoteError> {
        let (course, patience) = (self.decide(Need::AnyKey), self.patience());
        match course {
            Course::Wait { shared, .. } => shared.wait(patience).await,
            // It has come and gone.
            Course::NotBefore(_) | Course::Absent => {
                self.lock().last_error.clone().map_or(Ok(()), Err)
            }
        }
    }

    fn patience(&self) -> Duration {
        self.lock().rotation.fetch_timeout()
    }

    /// Decides about a need, and sets the fetch out that was decided on.
    fn decide(self: &Arc<Self>, need: Need<'_>) -> Course {
        let now = self.clock.monotonic();
        let guard = {
            let mut state = self.lock();
            match (state.rotation.decide(need, now), &state.shared) {
                (Decision::Join, Some(shared)) => {
                    return Course::Wait { shared: shared.clone(), joined: true };
                }
                // Never: a shared that can be joined has set out.
                (Decision::Join, None) => return Course::NotBefore(limits::LEAST_PAUSE),
                (Decision::NotBefore(pause), _) => return Course::NotBefore(pause),
                (Decision::Absent, _) => return Course::Absent,
                (Decision::Fetch(number), _) => {
                    let guard = FetchGuard::new(Arc::clone(self), number);
                    state.shared = Some(guard.shared());
                    self.cell.expect_refresh_by(state.rotation.overdue_at());
                    guard
                }
            }
        };
        let shared = guard.shared();
        self.spawn_fetch(guard);
        Course::Wait { shared, joined: false }
    }

    /// Sets the fetch out, in a task of its own, so that a request that is given up leaves the
    /// others waiting for it. Not to be called with the state locked: on a runtime that is shut
    /// down the task ends at once, and that is taken in like any other end.
    fn spawn_fetch(&self, guard: FetchGuard) {
        let longest = self.patience();
        self.runtime.spawn(Box::pin(async move {
            guard.complete(guard.refresher().fetcher.run(longest).await);
        }));
    }

    /// Returns for how long keys are taken to be fresh of which the issuer says this: where removed
    /// keys return, they are looked for more often than issuers ask for.
    fn freshness(&self, max_age: Option<Duration>) -> Option<Duration> {
        if self.keep_removed.is_zero() {
            max_age
        } else {
            max_age.map(|max_age| max_age.min(limits::FRESH_WHILE_KEEPING))
        }
    }

    /// Takes in what a fetch came to, and returns what there is to tell of it; `None` if a later
    /// one has set out since.
    pub(super) fn settle(
        &self,
        number: u64,
        fetched: Result<Fetched, RemoteError>,
    ) -> Option<KeyEvent> {
        let now = self.clock.monotonic();
        let outcome = match &fetched {
            Ok(fetched) => FetchOutcome::Keys { max_age: self.freshness(fetched.max_age) },
            Err(_) => FetchOutcome::Failed,
        };
        let event = {
            let mut state = self.lock();
            if !state.rotation.complete(number, outcome, now, random_share()) {
                return None;
            }
            state.shared = None;
            self.cell.expect_refresh_by(state.rotation.overdue_at());
            self.store(&mut state, fetched, now)
        };
        self.rescheduled.notify_one();
        Some(event)
    }

    fn store(
        &self,
        state: &mut State,
        fetched: Result<Fetched, RemoteError>,
        now: Duration,
    ) -> KeyEvent {
        let issuer = self.issuer.clone();
        let next_refresh = state.rotation.until_refresh(now);
        let usable_until = state.rotation.usable_until().unwrap_or(now);
        match fetched {
            Ok(Fetched { jwks, fault, .. }) => {
                if let Some(error) = fault.as_ref().map(|error| ErrorChain(error)) {
                    tracing::warn!(%issuer, %error, "keys were fetched from where they were");
                }
                state.last_error = fault;
                let Changes { added, withdrawn } = self.cell.update(|snapshot| {
                    let (key_set, changes) = snapshot.key_set.succeed(jwks, now, self.keep_removed);
                    (KeySetSnapshot { key_set, usable_until }, changes)
                });
                KeyEvent::Refreshed { issuer, added, withdrawn, next_refresh }
            }
            Err(error) => {
                state.last_error = Some(error.clone());
                let failures = state.rotation.failures();
                let usable_for = usable_until.saturating_sub(now);
                KeyEvent::RefreshFailed { issuer, error, failures, usable_for, next_refresh }
            }
        }
    }

    /// Tells the operator what happened.
    pub(super) fn tell(&self, event: &KeyEvent) {
        self.hook.tell(event);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells how long it is until another try makes sense.
    fn retry_after(&self, lacks_all: bool) -> Duration {
        let (state, now) = (self.lock(), self.clock.monotonic());
        if lacks_all {
            state.rotation.until_refresh(now)
        } else {
            state.rotation.until_key_may_be_asked_for(now)
        }
    }

    fn unavailable(&self, lacks_all: bool) -> Unavailable {
        let (issuer, retry_after) = (self.issuer.clone(), self.retry_after(lacks_all));
        if lacks_all {
            Unavailable::Keys { issuer, retry_after }
        } else {
            Unavailable::Issuer { issuer, retry_after }
        }
    }
}

/// Ends the background task with the last handle.
impl Drop for KeySetRefresher {
    fn drop(&mut self) {
        if let Some(task) = self.background.get() {
            task.abort();
        }
    }
}

impl fmt::Debug for KeySetRefresher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySetRefresher").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// A handle of the server on the refresher.
#[derive(Debug)]
struct Asking(Arc<KeySetRefresher>);

impl FetchKeys for Asking {
    fn ask(&self, want: Want<'_>, since: Duration) -> Ask {
        let (need, lacks_all) = match want {
            Want::AnyKey => (Need::AnyKey, true),
            Want::Key(name) => (Need::Key(name), false),
        };
        match self.0.decide(need) {
            Course::Wait { shared, joined } => {
                let refresher = Arc::clone(&self.0);
                let waited = refresher.clock.monotonic().saturating_sub(since);
                let patience = refresher.patience().saturating_sub(waited);
                let fetching = Box::pin(async move {
                    shared.wait(patience).await.map_err(|_| refresher.unavailable(lacks_all))
                });
                Ask::Wait { fetching, joined }
            }
            Course::Absent => Ask::Answer(Ok(())),
            Course::NotBefore(_) => Ask::Answer(Err(self.0.unavailable(lacks_all))),
        }
    }

    fn refresh_overdue(&self) {
        // Nobody waits for it; it lands by itself.
        drop(self.0.decide(Need::Refresh));
    }

    fn refresh_status(&self) -> RefreshStatus {
        let (state, now) = (self.0.lock(), self.0.clock.monotonic());
        RefreshStatus {
            last_success: state.rotation.last_success(),
            fresh_until: state.rotation.fresh_until(),
            until_refresh: state.rotation.until_refresh(now),
            failures: state.rotation.failures(),
            last_error: state.last_error.as_ref().map(|error| ErrorChain(error).to_string()),
        }
    }
}

/// Refreshes the keys whenever that is due, as long as somebody holds the refresher.
async fn refresh_when_due(refresher: Weak<KeySetRefresher>, rescheduled: Arc<Notify>) {
    while let Some(held) = refresher.upgrade() {
        let (course, patience) = (held.decide(Need::Refresh), held.patience());
        drop(held);
        match course {
            // What came of it is logged and counted where it wait.
            Course::Wait { shared, .. } => drop(shared.wait(patience).await),
            Course::NotBefore(pause) => {
                // Sooner, when a fetch for the sake of a request has set the time anew.
                let pause = pause.max(limits::LEAST_PAUSE);
                let _ = tokio::time::timeout(pause, rescheduled.notified()).await;
            }
            Course::Absent => {}
        }
    }
}

/// Returns a random number from 0 to 1.
fn random_share() -> f64 {
    let mut bytes = [0; 4];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}
