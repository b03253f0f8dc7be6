use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    time::Duration,
};

use tokio::{sync::Notify, task::AbortHandle};

use super::{
    RemoteError,
    discovery::{Errand, Fetched},
    event::{Hook, KeyEvent},
    flight::{Flight, Landing},
    spawn::{Spawn, Tokio},
};
use crate::{
    clock::Clock,
    error::Unavailable,
    health::Upkeep,
    key::Changes,
    key_source::{Ask, FetchKeys, KeySource, Shelf, Stock, Want},
    limits,
    rotation::{Decision, Landed, Need, Rotation, Schedule},
};

/// Keeps the keys of one issuer: fetches them, puts them on the shelf, refreshes them in the
/// background until it is dropped.
pub(crate) struct Keeper {
    issuer: String,
    errand: Errand,
    /// How long a key serves that the issuer no longer publishes.
    keep_removed: Duration,
    shelf: Arc<Shelf>,
    clock: Arc<dyn Clock>,
    runtime: Arc<dyn Spawn>,
    hook: Hook,
    state: Mutex<State>,
    /// Told whenever the next refresh has been set anew.
    rescheduled: Arc<Notify>,
    background: OnceLock<AbortHandle>,
}

/// What a keeper is begun with.
pub(crate) struct Beginning {
    pub(crate) issuer: String,
    pub(crate) errand: Errand,
    pub(crate) keep_removed: Duration,
    pub(crate) schedule: Schedule,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hook: Hook,
}

/// Locked for a moment at a time, never across a wait, and never where fresh keys are at hand.
struct State {
    rotation: Rotation,
    /// The latest fetch.
    flight: Option<Flight>,
    /// Why it failed.
    last_error: Option<RemoteError>,
}

/// What there is to do about a need.
enum Course {
    Wait {
        flight: Flight,
        /// Whether it had set out before.
        joined: bool,
    },
    NotBefore(Duration),
    Absent,
}

impl Keeper {
    /// Begins to keep the issuer's keys; the first fetch sets out at once.
    pub(crate) fn begin(begin: Beginning, runtime: Tokio) -> (Arc<Self>, KeySource) {
        let handle = runtime.handle().clone();
        let (keeper, source) = Self::new(begin, Arc::new(runtime));
        let rescheduled = Arc::clone(&keeper.rescheduled);
        let task = handle.spawn(refresh_when_due(Arc::downgrade(&keeper), rescheduled));
        // The lock is empty: this is the only place that fills it.
        let _ = keeper.background.set(task.abort_handle());
        (keeper, source)
    }

    /// Makes a keeper that fetches when it is asked.
    pub(super) fn new(begin: Beginning, runtime: Arc<dyn Spawn>) -> (Arc<Self>, KeySource) {
        let Beginning { issuer, errand, keep_removed, schedule, clock, hook } = begin;
        let shelf = Arc::new(Shelf::empty());
        let rotation = Rotation::new(schedule);
        let keeper = Arc::new(Self {
            issuer,
            errand,
            keep_removed,
            shelf: Arc::clone(&shelf),
            clock,
            runtime,
            hook,
            state: Mutex::new(State { rotation, flight: None, last_error: None }),
            rescheduled: Arc::default(),
            background: OnceLock::new(),
        });
        let source = KeySource::fetched(shelf, Arc::new(Asking(Arc::clone(&keeper))));
        (keeper, source)
    }

    /// Waits for the first keys: for the fetch under way, or for one that sets out now.
    pub(crate) async fn first_keys(self: &Arc<Self>) -> Result<(), RemoteError> {
        let (course, patience) = (self.take_course(Need::AnyKey), self.patience());
        match course {
            Course::Wait { flight, .. } => flight.landed(patience).await,
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
    fn take_course(self: &Arc<Self>, need: Need<'_>) -> Course {
        let now = self.clock.monotonic();
        let landing = {
            let mut state = self.lock();
            match (state.rotation.decide(need, now), &state.flight) {
                (Decision::Join, Some(flight)) => {
                    return Course::Wait { flight: flight.clone(), joined: true };
                }
                // Never: a flight that can be joined has set out.
                (Decision::Join, None) => return Course::NotBefore(limits::LEAST_PAUSE),
                (Decision::NotBefore(pause), _) => return Course::NotBefore(pause),
                (Decision::Absent, _) => return Course::Absent,
                (Decision::Fetch(number), _) => {
                    let landing = Landing::new(Arc::clone(self), number);
                    state.flight = Some(landing.flight());
                    self.shelf.expect_refresh_by(state.rotation.overdue_at());
                    landing
                }
            }
        };
        let flight = landing.flight();
        self.depart(landing);
        Course::Wait { flight, joined: false }
    }

    /// Sets the fetch out, in a task of its own, so that a request that is given up leaves the
    /// others waiting for it. Not to be called with the state locked: on a runtime that is shut
    /// down the task ends at once, and that is taken in like any other end.
    fn depart(&self, landing: Landing) {
        let longest = self.patience();
        self.runtime.spawn(Box::pin(async move {
            landing.land(landing.keeper().errand.run(longest).await);
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
        flight: u64,
        fetched: Result<Fetched, RemoteError>,
    ) -> Option<KeyEvent> {
        let now = self.clock.monotonic();
        let landed = match &fetched {
            Ok(fetched) => Landed::Keys { max_age: self.freshness(fetched.max_age) },
            Err(_) => Landed::Failed,
        };
        let event = {
            let mut state = self.lock();
            if !state.rotation.landed(flight, landed, now, random_share()) {
                return None;
            }
            state.flight = None;
            self.shelf.expect_refresh_by(state.rotation.overdue_at());
            self.put_on_shelf(&mut state, fetched, now)
        };
        self.rescheduled.notify_one();
        Some(event)
    }

    fn put_on_shelf(
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
                if let Some(error) = &fault {
                    tracing::warn!(%issuer, %error, "keys were fetched from where they were");
                }
                state.last_error = fault;
                let Changes { added, withdrawn } = self.shelf.restock(|stock| {
                    let (ring, changes) = stock.ring.succeed(jwks, now, self.keep_removed);
                    (Stock { ring, usable_until }, changes)
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
impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(task) = self.background.get() {
            task.abort();
        }
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// A handle of the server on the keeper.
#[derive(Debug)]
struct Asking(Arc<Keeper>);

impl FetchKeys for Asking {
    fn ask(&self, want: Want<'_>, since: Duration) -> Ask {
        let (need, lacks_all) = match want {
            Want::AnyKey => (Need::AnyKey, true),
            Want::Key(name) => (Need::Key(name), false),
        };
        match self.0.take_course(need) {
            Course::Wait { flight, joined } => {
                let keeper = Arc::clone(&self.0);
                let waited = keeper.clock.monotonic().saturating_sub(since);
                let patience = keeper.patience().saturating_sub(waited);
                let fetching = Box::pin(async move {
                    flight.landed(patience).await.map_err(|_| keeper.unavailable(lacks_all))
                });
                Ask::Wait { fetching, joined }
            }
            Course::Absent => Ask::Answer(Ok(())),
            Course::NotBefore(_) => Ask::Answer(Err(self.0.unavailable(lacks_all))),
        }
    }

    fn refresh_overdue(&self) {
        // Nobody waits for it; it lands by itself.
        drop(self.0.take_course(Need::Refresh));
    }

    fn upkeep(&self) -> Upkeep {
        let (state, now) = (self.0.lock(), self.0.clock.monotonic());
        Upkeep {
            last_good: state.rotation.last_good(),
            fresh_until: state.rotation.fresh_until(),
            until_refresh: state.rotation.until_refresh(now),
            failures: state.rotation.failures(),
            last_error: state.last_error.as_ref().map(ToString::to_string),
        }
    }
}

/// Refreshes the keys whenever that is due, as long as somebody holds the keeper.
async fn refresh_when_due(keeper: Weak<Keeper>, rescheduled: Arc<Notify>) {
    while let Some(held) = keeper.upgrade() {
        let (course, patience) = (held.take_course(Need::Refresh), held.patience());
        drop(held);
        match course {
            // What came of it is logged and counted where it landed.
            Course::Wait { flight, .. } => drop(flight.landed(patience).await),
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
