use std::{
    fmt,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    time::Duration,
};

use tokio::{runtime::Handle, sync::watch, task::AbortHandle};

use super::{RemoteError, discovery::Errand};
use crate::{
    clock::Clock,
    error::Unavailable,
    key_source::{Ask, FetchKeys, KeySource, Shelf, Stock},
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
    background: OnceLock<AbortHandle>,
}

/// Locked for a moment at a time, never across a wait, and never where the keys are at hand.
struct State {
    rotation: Rotation,
    flight: Option<watch::Receiver<Landed>>,
}

/// What a fetch came to; `None` while it is under way.
type Landed = Option<Result<(), RemoteError>>;

impl Keeper {
    /// Begins to keep the issuer's keys; the first fetch sets out at once.
    pub(crate) fn begin(
        issuer: String,
        errand: Errand,
        schedule: Schedule,
        clock: Arc<dyn Clock>,
        runtime: Handle,
    ) -> (Arc<Self>, KeySource) {
        let shelf = Arc::new(Shelf::default());
        let rotation = Rotation::new(schedule, clock.monotonic());
        let keeper = Arc::new(Self {
            issuer,
            errand,
            shelf: Arc::clone(&shelf),
            clock,
            runtime,
            state: Mutex::new(State { rotation, flight: None }),
            background: OnceLock::new(),
        });
        let task = keeper.runtime.spawn(refresh_when_due(Arc::downgrade(&keeper)));
        // The lock is empty: this is the only place that fills it.
        let _ = keeper.background.set(task.abort_handle());
        let fetcher = Arc::new(Asking(Arc::clone(&keeper)));
        (keeper, KeySource::Fetched { shelf, fetcher })
    }

    /// Fetches the keys, or joins the fetch that is under way.
    pub(crate) fn fetch(
        self: &Arc<Self>,
    ) -> impl Future<Output = Result<(), RemoteError>> + Send + use<> {
        let mut flight = self.board(&mut self.lock());
        async move {
            match flight.wait_for(Option::is_some).await {
                Ok(landed) => landed.clone().unwrap_or(Err(RemoteError::GivenUp)),
                Err(_) => Err(RemoteError::GivenUp),
            }
        }
    }

    /// Returns the fetch under way, or sets one out. It runs in a task of its own, so that a
    /// request that is given up leaves the others waiting for it.
    fn board(self: &Arc<Self>, state: &mut State) -> watch::Receiver<Landed> {
        if let Some(flight) = &state.flight {
            // A flight whose task is gone will never land.
            if flight.has_changed().is_ok() {
                return flight.clone();
            }
        }
        let (land, flight) = watch::channel(None);
        state.flight = Some(flight.clone());
        let keeper = Arc::clone(self);
        let runtime = Handle::try_current().unwrap_or_else(|_| self.runtime.clone());
        runtime.spawn(async move {
            let result = keeper.run_errand().await;
            land.send_replace(Some(result));
        });
        flight
    }

    async fn run_errand(&self) -> Result<(), RemoteError> {
        let fetched = self.errand.run().await;
        let now = self.clock.monotonic();
        let mut state = self.lock();
        state.flight = None;
        match fetched {
            Ok(fetched) => {
                state.rotation.fetched(now, fetched.max_age, random_share());
                let usable_until = state.rotation.usable_until().unwrap_or(now);
                self.shelf.put(Stock { jwks: fetched.jwks, usable_until });
                tracing::debug!(issuer = %self.issuer, "keys fetched");
                Ok(())
            }
            Err(error) => {
                state.rotation.failed(now, random_share());
                tracing::warn!(issuer = %self.issuer, %error, "keys could not be fetched");
                Err(error)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn no_keys(&self, retry_after: Duration) -> Unavailable {
        Unavailable::Keys { issuer: self.issuer.clone(), retry_after }
    }

    fn issuer_silent(&self, retry_after: Duration) -> Unavailable {
        Unavailable::Issuer { issuer: self.issuer.clone(), retry_after }
    }

    fn until_refresh(&self) -> Duration {
        self.lock().rotation.until_refresh(self.clock.monotonic())
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
    fn ask_for_any(&self) -> Ask {
        let now = self.0.clock.monotonic();
        let state = self.0.lock();
        let pausing = state.rotation.is_failing() && !state.rotation.is_due(now);
        let pause = state.rotation.until_refresh(now);
        if pausing && state.flight.is_none() {
            return Ask::Answer(Err(self.0.no_keys(pause)));
        }
        drop(state);
        let (keeper, fetched) = (Arc::clone(&self.0), self.0.fetch());
        Ask::Wait(Box::pin(async move {
            fetched.await.map_err(|_| keeper.no_keys(keeper.until_refresh()))
        }))
    }

    fn ask_for_unknown(&self) -> Ask {
        let now = self.0.clock.monotonic();
        let mut state = self.0.lock();
        if state.flight.is_none() {
            match state.rotation.unknown_key(now) {
                UnknownKey::Fetch => {}
                UnknownKey::Refuse => return Ask::Answer(Ok(())),
                UnknownKey::Unavailable(pause) => {
                    return Ask::Answer(Err(self.0.issuer_silent(pause)));
                }
            }
        }
        drop(state);
        let (keeper, fetched) = (Arc::clone(&self.0), self.0.fetch());
        Ask::Wait(Box::pin(async move {
            fetched.await.map_err(|_| keeper.issuer_silent(keeper.until_refresh()))
        }))
    }
}

/// Refreshes the keys whenever that is due, as long as somebody holds the keeper.
async fn refresh_when_due(keeper: Weak<Keeper>) {
    while let Some(held) = keeper.upgrade() {
        let now = held.clock.monotonic();
        let due = held.lock().rotation.is_due(now);
        if due {
            // What came of it is logged and counted where it landed.
            let _ = held.fetch().await;
            continue;
        }
        let pause = held.lock().rotation.until_refresh(now);
        drop(held);
        tokio::time::sleep(pause).await;
    }
}

/// Returns a random number from 0 to 1, so that many servers do not ask at the same moment.
fn random_share() -> f64 {
    let mut bytes = [0; 4];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}
