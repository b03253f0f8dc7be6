use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    time::Duration,
};

use tokio::{sync::Notify, task::AbortHandle};

use super::{
    FetchTicket, Fetched, Fetching, KeyEvent, KeyEventHook, KeySetCell, KeySetSnapshot,
    KeySetSource, RefreshKeys, RefreshStatus, RemoteError,
    rotation::{Decision, FetchOutcome, KeyNeed, Rotation, Schedule},
    shared_fetch::{FetchEnd, FetchGuard, SharedFetch},
    spawn::{Spawn, Tokio},
};
use crate::{
    clock::Clock, error::Unavailable, key::Changes, limits, terms::error_chain::ErrorChain,
};

/// Refreshes the key set of one issuer: on request, and in the background until it is dropped.
pub(crate) struct KeySetRefresher {
    issuer: String,
    source: Box<dyn KeySetSource>,
    /// How long a key stays usable that the issuer no longer publishes.
    keep_removed: Duration,
    cell: Arc<KeySetCell>,
    clock: Arc<dyn Clock>,
    runtime: Arc<dyn Spawn>,
    hook: KeyEventHook,
    state: Mutex<State>,
    /// Notified whenever the time of the next refresh has changed.
    rescheduled: Arc<Notify>,
    background: OnceLock<AbortHandle>,
}

/// The settings of a refresher.
pub(crate) struct RefresherConfig {
    pub(crate) issuer: String,
    pub(crate) source: Box<dyn KeySetSource>,
    pub(crate) keep_removed: Duration,
    pub(crate) schedule: Schedule,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hook: KeyEventHook,
}

/// Locked for a moment at a time, never across a wait, and never while the keys are fresh.
struct State {
    rotation: Rotation,
    /// The latest fetch.
    shared: Option<SharedFetch>,
    /// Why the latest fetch failed, or had to do without metadata.
    last_error: Option<RemoteError>,
}

impl KeySetRefresher {
    /// Creates a refresher and starts its background task; the first fetch begins at once.
    pub(crate) fn start(config: RefresherConfig, runtime: Tokio) -> Arc<Self> {
        let handle = runtime.handle().clone();
        let refresher = Self::new(config, Arc::new(runtime));
        let rescheduled = Arc::clone(&refresher.rescheduled);
        let task = handle.spawn(refresh_when_due(Arc::downgrade(&refresher), rescheduled));
        // The lock is empty: this is the only place that fills it.
        let _ = refresher.background.set(task.abort_handle());
        refresher
    }

    /// Creates a refresher that fetches on request only.
    pub(super) fn new(config: RefresherConfig, runtime: Arc<dyn Spawn>) -> Arc<Self> {
        let RefresherConfig { issuer, source, keep_removed, schedule, clock, hook } = config;
        let rotation = Rotation::new(schedule);
        Arc::new(Self {
            issuer,
            source,
            keep_removed,
            cell: Arc::new(KeySetCell::empty()),
            clock,
            runtime,
            hook,
            state: Mutex::new(State { rotation, shared: None, last_error: None }),
            rescheduled: Arc::default(),
            background: OnceLock::new(),
        })
    }

    pub(crate) fn cell(&self) -> Arc<KeySetCell> {
        Arc::clone(&self.cell)
    }

    fn fetch_timeout(&self) -> Duration {
        self.lock().rotation.fetch_timeout()
    }

    /// Decides about a need, and starts the fetch if one is decided on.
    fn ticket(self: &Arc<Self>, need: &KeyNeed) -> FetchTicket<SharedFetch> {
        let now = self.clock.monotonic();
        let (guard, fetch) = {
            let mut state = self.lock();
            match (state.rotation.decide(need, now), &state.shared) {
                (Decision::Join, Some(shared)) => {
                    return FetchTicket::Wait { fetch: shared.clone(), joined: true };
                }
                // Unreachable: a fetch that can be joined has been started.
                (Decision::Join, None) => return FetchTicket::NotBefore(limits::LEAST_PAUSE),
                (Decision::NotBefore(pause), _) => return FetchTicket::NotBefore(pause),
                (Decision::Absent, _) => return FetchTicket::Absent,
                (Decision::Fetch(number), _) => {
                    let (guard, shared) =
                        FetchGuard::new(NumberedFetch { refresher: Arc::clone(self), number });
                    state.shared = Some(shared.clone());
                    self.cell.expect_refresh_by(state.rotation.overdue_at());
                    (guard, shared)
                }
            }
        };
        self.spawn_fetch(guard);
        FetchTicket::Wait { fetch, joined: false }
    }

    /// Fetches in a task of its own, so that the fetch goes on when a request is given up. Must not be
    /// called with the state locked: on a runtime that is shut down the task ends at once, which locks
    /// the state.
    fn spawn_fetch(self: &Arc<Self>, guard: FetchGuard<NumberedFetch>) {
        let (refresher, timeout) = (Arc::clone(self), self.fetch_timeout());
        self.runtime.spawn(Box::pin(async move {
            guard.end(refresher.source.fetch(timeout).await);
        }));
    }

    /// Returns the freshness lifetime of a set. Where removed keys are kept, the set is fetched more
    /// often than issuers ask for, because removed keys may return.
    fn freshness(&self, max_age: Option<Duration>) -> Option<Duration> {
        if self.keep_removed.is_zero() {
            max_age
        } else {
            max_age.map(|max_age| max_age.min(limits::FRESH_WHILE_KEEPING))
        }
    }

    /// Stores the result of a fetch, and returns what there is to report; `None` if a later fetch has
    /// begun since.
    fn complete(&self, number: u64, fetched: Result<Fetched, RemoteError>) -> Option<KeyEvent> {
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

    async fn wait_for_first_keys(self: Arc<Self>) -> Result<(), RemoteError> {
        let (ticket, timeout) = (self.ticket(&KeyNeed::AnyKey), self.fetch_timeout());
        match ticket {
            FetchTicket::Wait { fetch, .. } => fetch.wait(timeout).await,
            // The first fetch has ended already.
            FetchTicket::NotBefore(_) | FetchTicket::Absent => {
                self.lock().last_error.clone().map_or(Ok(()), Err)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RefreshKeys for KeySetRefresher {
    fn request(self: Arc<Self>, need: &KeyNeed, since: Duration) -> FetchTicket<Fetching> {
        match self.ticket(need) {
            FetchTicket::Wait { fetch, joined } => {
                let waited = self.clock.monotonic().saturating_sub(since);
                let timeout = self.fetch_timeout().saturating_sub(waited);
                let need = need.clone();
                let fetching = Box::pin(async move {
                    fetch.wait(timeout).await.map_err(|_| self.unavailable(&need))
                });
                FetchTicket::Wait { fetch: fetching, joined }
            }
            FetchTicket::NotBefore(pause) => FetchTicket::NotBefore(pause),
            FetchTicket::Absent => FetchTicket::Absent,
        }
    }

    fn unavailable(&self, need: &KeyNeed) -> Unavailable {
        let issuer = self.issuer.clone();
        let (state, now) = (self.lock(), self.clock.monotonic());
        match need {
            KeyNeed::Refresh | KeyNeed::AnyKey => {
                Unavailable::Keys { issuer, retry_after: state.rotation.until_refresh(now) }
            }
            KeyNeed::Key(_) => {
                let retry_after = state.rotation.until_key_may_be_asked_for(now);
                Unavailable::Issuer { issuer, retry_after }
            }
        }
    }

    fn refresh_overdue(self: Arc<Self>) {
        // Nobody waits for it: the fetch stores its result itself.
        drop(self.ticket(&KeyNeed::Refresh));
    }

    fn first_keys(
        self: Arc<Self>,
    ) -> Pin<Box<dyn Future<Output = Result<(), RemoteError>> + Send>> {
        Box::pin(self.wait_for_first_keys())
    }

    fn status(&self) -> RefreshStatus {
        let (state, now) = (self.lock(), self.clock.monotonic());
        RefreshStatus {
            last_success: state.rotation.last_success(),
            fresh_until: state.rotation.fresh_until(),
            until_refresh: state.rotation.until_refresh(now),
            failures: state.rotation.failures(),
            last_error: state.last_error.as_ref().map(|error| ErrorChain(error).to_string()),
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

/// One fetch of a refresher.
struct NumberedFetch {
    refresher: Arc<KeySetRefresher>,
    number: u64,
}

impl FetchEnd for NumberedFetch {
    fn store(&self, fetched: Result<Fetched, RemoteError>) -> Option<KeyEvent> {
        self.refresher.complete(self.number, fetched)
    }

    fn report(&self, event: &KeyEvent) {
        self.refresher.hook.report(event);
    }
}

/// Refreshes the keys whenever that is due, as long as the refresher exists.
async fn refresh_when_due(refresher: Weak<KeySetRefresher>, rescheduled: Arc<Notify>) {
    while let Some(held) = refresher.upgrade() {
        let (ticket, timeout) = (held.ticket(&KeyNeed::Refresh), held.fetch_timeout());
        drop(held);
        match ticket {
            // The result is stored and reported by the fetch itself.
            FetchTicket::Wait { fetch, .. } => drop(fetch.wait(timeout).await),
            FetchTicket::NotBefore(pause) => {
                // Ends early when a fetch for a request has changed the time, and looks at the clock now
                // and then: it jumps ahead when the machine has slept, and tokio's timer does not.
                let pause = pause.clamp(limits::LEAST_PAUSE, limits::CLOCK_CHECK);
                let _ = tokio::time::timeout(pause, rescheduled.notified()).await;
            }
            FetchTicket::Absent => {}
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
