use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    time::Duration,
};

use tokio::{runtime::Handle, sync::Notify, task::AbortHandle};

use super::{
    RemoteError,
    discovery::{Errand, Fetched},
    flight::{Flight, Landing},
};
use crate::{
    clock::Clock,
    error::Unavailable,
    key_source::{Ask, FetchKeys, KeySource, Shelf, Stock},
    limits,
    rotation::{Rotation, Schedule, UnknownKey},
};

/// Keeps the keys of one issuer: fetches them, puts them on the shelf, refreshes them in the
/// background until it is dropped.
pub(crate) struct Keeper {
    issuer: String,
    errand: Errand,
    shelf: Arc<Shelf>,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    state: Mutex<State>,
    /// Told whenever the next refresh has been set anew.
    rescheduled: Arc<Notify>,
    background: OnceLock<AbortHandle>,
}

/// Locked for a moment at a time, never across a wait, and never where fresh keys are at hand.
struct State {
    rotation: Rotation,
    /// The latest fetch and when it set out.
    flight: Option<(Duration, Flight)>,
    /// How many have set out.
    flights: u64,
}

/// A fetch to wait for, and the duty to set it out if nobody has.
struct Boarded {
    flight: Flight,
    landing: Option<Landing>,
}

impl Keeper {
    /// Begins to keep the issuer's keys; the first fetch sets out at once.
    pub(crate) fn begin(
        issuer: String,
        errand: Errand,
        schedule: Schedule,
        clock: Arc<dyn Clock>,
        runtime: Handle,
    ) -> (Arc<Self>, KeySource) {
        let shelf = Arc::new(Shelf::empty());
        let rotation = Rotation::new(schedule, clock.monotonic());
        let keeper = Arc::new(Self {
            issuer,
            errand,
            shelf: Arc::clone(&shelf),
            clock,
            runtime,
            state: Mutex::new(State { rotation, flight: None, flights: 0 }),
            rescheduled: Arc::default(),
            background: OnceLock::new(),
        });
        let rescheduled = Arc::clone(&keeper.rescheduled);
        let task = keeper.runtime.spawn(refresh_when_due(Arc::downgrade(&keeper), rescheduled));
        // The lock is empty: this is the only place that fills it.
        let _ = keeper.background.set(task.abort_handle());
        let fetcher = Arc::new(Asking(Arc::clone(&keeper)));
        (keeper, KeySource::Fetched { shelf, fetcher })
    }

    /// Fetches the keys, or joins the fetch that is under way.
    pub(crate) fn fetch(self: &Arc<Self>) -> Flight {
        let boarded = self.board(&mut self.lock());
        self.depart(boarded)
    }

    /// Returns the fetch under way, or prepares one.
    fn board(self: &Arc<Self>, state: &mut State) -> Boarded {
        let now = self.clock.monotonic();
        if let Some(flight) = under_way(state, now) {
            return Boarded { flight, landing: None };
        }
        state.flights = state.flights.wrapping_add(1);
        let (landing, flight) = Flight::prepare(Arc::clone(self), state.flights);
        state.flight = Some((now, flight.clone()));
        Boarded { flight, landing: Some(landing) }
    }

    /// Sets the fetch out, in a task of its own, so that a request that is given up leaves the
    /// others waiting for it. Not to be called with the state locked: on a runtime that is shut
    /// down the task ends at once, and that is taken in like any other end.
    fn depart(&self, boarded: Boarded) -> Flight {
        if let Some(landing) = boarded.landing {
            let runtime = Handle::try_current().unwrap_or_else(|_| self.runtime.clone());
            runtime.spawn(async move { landing.land(landing.keeper().errand.run().await) });
        }
        boarded.flight
    }

    /// Takes in what a fetch came to, unless a later one has set out since: what an old fetch brings
    /// may be older than what is on the shelf.
    pub(super) fn settle(
        &self,
        flight: u64,
        fetched: Result<Fetched, RemoteError>,
    ) -> Result<(), RemoteError> {
        let now = self.clock.monotonic();
        let settled = {
            let mut state = self.lock();
            if state.flights != flight {
                return fetched.map(drop);
            }
            state.flight = None;
            let settled = self.take_in(&mut state.rotation, now, fetched);
            self.shelf.expect_refresh_by(state.rotation.overdue_at());
            settled
        };
        self.rescheduled.notify_one();
        match &settled {
            Ok(()) => tracing::debug!(issuer = %self.issuer, "keys fetched"),
            Err(error) => {
                tracing::warn!(issuer = %self.issuer, %error, "keys could not be fetched");
            }
        }
        settled
    }

    fn take_in(
        &self,
        rotation: &mut Rotation,
        now: Duration,
        fetched: Result<Fetched, RemoteError>,
    ) -> Result<(), RemoteError> {
        match fetched {
            Ok(Fetched { jwks, max_age }) => {
                rotation.fetched(now, max_age, random_share());
                let usable_until = rotation.usable_until().unwrap_or(now);
                self.shelf.put(Stock { jwks, usable_until });
                Ok(())
            }
            Err(error) => {
                rotation.failed(now, random_share());
                Err(error)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn no_keys(&self) -> Unavailable {
        let retry_after = self.lock().rotation.until_refresh(self.clock.monotonic());
        Unavailable::Keys { issuer: self.issuer.clone(), retry_after }
    }

    fn silent(&self) -> Unavailable {
        let now = self.clock.monotonic();
        let retry_after = self.lock().rotation.until_key_may_be_asked_for(now);
        Unavailable::Issuer { issuer: self.issuer.clone(), retry_after }
    }
}

/// Returns the fetch that can still land: it is neither over nor older than a fetch may get. One
/// that is older hangs with the runtime on which it was set out.
fn under_way(state: &State, now: Duration) -> Option<Flight> {
    let (begun, flight) = state.flight.as_ref()?;
    let may_land = now.saturating_sub(*begun) <= limits::FETCH_TIMEOUT && flight.is_in_the_air();
    may_land.then(|| flight.clone())
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

impl Asking {
    fn wait(&self, flight: Flight, otherwise: fn(&Keeper) -> Unavailable) -> Ask {
        let keeper = Arc::clone(&self.0);
        Ask::Wait(Box::pin(async move { flight.landed().await.map_err(|_| otherwise(&keeper)) }))
    }
}

impl FetchKeys for Asking {
    fn ask_for_any(&self) -> Ask {
        let now = self.0.clock.monotonic();
        let mut state = self.0.lock();
        let pausing = state.rotation.is_failing() && !state.rotation.is_due(now);
        if pausing && under_way(&state, now).is_none() {
            drop(state);
            return Ask::Answer(Err(self.0.no_keys()));
        }
        let boarded = self.0.board(&mut state);
        drop(state);
        self.wait(self.0.depart(boarded), Keeper::no_keys)
    }

    fn ask_for_unknown(&self) -> Ask {
        let now = self.0.clock.monotonic();
        let mut state = self.0.lock();
        if under_way(&state, now).is_none() {
            match state.rotation.unknown_key(now) {
                UnknownKey::Fetch => {}
                UnknownKey::Refuse => return Ask::Answer(Ok(())),
                UnknownKey::Unavailable(_) => {
                    drop(state);
                    return Ask::Answer(Err(self.0.silent()));
                }
            }
        }
        let boarded = self.0.board(&mut state);
        drop(state);
        self.wait(self.0.depart(boarded), Keeper::silent)
    }

    fn refresh_overdue(&self) {
        let now = self.0.clock.monotonic();
        let mut state = self.0.lock();
        // The next request that sees to it is one after this fetch should have landed.
        let overdue_at = state.rotation.overdue_at().max(now.saturating_add(limits::FETCH_TIMEOUT));
        self.0.shelf.expect_refresh_by(overdue_at);
        if state.rotation.is_due(now) {
            let boarded = self.0.board(&mut state);
            drop(state);
            // Nobody waits for it; it lands by itself.
            drop(self.0.depart(boarded));
        }
    }
}

/// Refreshes the keys whenever that is due, as long as somebody holds the keeper.
async fn refresh_when_due(keeper: Weak<Keeper>, rescheduled: Arc<Notify>) {
    while let Some(held) = keeper.upgrade() {
        let now = held.clock.monotonic();
        let due = held.lock().rotation.is_due(now);
        if due {
            // What came of it is logged and counted where it landed.
            let _ = held.fetch().landed().await;
        }
        let pause = held.lock().rotation.until_refresh(held.clock.monotonic());
        drop(held);
        // Sooner, when a fetch for the sake of a request has set the time anew.
        let _ = tokio::time::timeout(pause.max(LEAST_PAUSE), rescheduled.notified()).await;
    }
}

/// However wrong the times are, the background does not spin.
const LEAST_PAUSE: Duration = Duration::from_millis(100);

/// Returns a random number from 0 to 1, so that many servers do not ask at the same moment.
fn random_share() -> f64 {
    let mut bytes = [0; 4];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}
