//! Every order in which requests and the fetch that they share can take their steps, one after the
//! other: a step is what runs between two points of waiting. In each, nobody is left waiting and no
//! two fetches are under way at once, also when requests are given up, and when the fetch fails,
//! panics or is dropped with its runtime.

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use super::{
    FetchTicket, Fetched, IssuerKeys, KeyEventHook, KeySetRefresher, KeySetSource, RefresherConfig,
    RemoteError,
    rotation::{KeyNeed, Schedule},
    spawn::Spawn,
};
use crate::{
    clock::Clock,
    error::Unavailable,
    key::{Jwks, KeyRules},
    terms::{key_id::KeyId, time::UnixTime},
};

const REQUESTS: usize = 3;

/// What becomes of the fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Succeeds,
    Fails,
    Panics,
}

/// What else may happen, at any point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    Nothing,
    /// One of the requests is given up.
    RequestGivenUp,
    /// The runtime drops the fetch.
    FetchDropped,
}

/// Goes through all paths of a tree of choices, one in each run.
#[derive(Debug, Default)]
struct Choices {
    path: Vec<(usize, usize)>,
    at: usize,
}

impl Choices {
    fn choose(&mut self, of: usize) -> usize {
        if self.at == self.path.len() {
            self.path.push((0, of));
        }
        let (choice, _) = *self.path.get(self.at).unwrap();
        self.at = self.at.saturating_add(1);
        choice
    }

    /// Turns to the next path; `false` when there is none.
    fn turn(&mut self) -> bool {
        self.at = 0;
        while let Some((choice, of)) = self.path.pop() {
            if choice.saturating_add(1) < of {
                self.path.push((choice.saturating_add(1), of));
                return true;
            }
        }
        false
    }
}

/// A task that takes a step whenever it is chosen, if it has been woken.
struct Actor {
    future: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    woken: Arc<Woken>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

impl Actor {
    fn new(future: Pin<Box<dyn Future<Output = ()> + Send>>) -> Self {
        Self { future: Some(future), woken: Arc::new(Woken(AtomicBool::new(true))) }
    }

    fn is_ready(&self) -> bool {
        self.future.is_some() && self.woken.0.load(SeqCst)
    }

    fn step(&mut self) {
        self.woken.0.store(false, SeqCst);
        let waker = Waker::from(Arc::clone(&self.woken));
        let Some(future) = &mut self.future else { return };
        let mut step = || future.as_mut().poll(&mut Context::from_waker(&waker));
        // A task that panics is dropped, as tokio does it.
        if !matches!(catch_unwind(AssertUnwindSafe(&mut step)), Ok(Poll::Pending)) {
            self.future = None;
        }
    }
}

/// Takes the tasks that are spawned.
#[derive(Clone, Default)]
struct Spawned(Arc<Mutex<Vec<Actor>>>);

impl Spawn for Spawned {
    fn spawn(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.0.lock().unwrap().push(Actor::new(task));
    }
}

/// An issuer that answers at the third step.
#[derive(Debug)]
struct Host {
    fate: Fate,
    fetches: Arc<AtomicUsize>,
    under_way: Arc<AtomicUsize>,
}

struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl KeySetSource for Host {
    fn fetch(
        &self,
        _: Duration,
    ) -> Pin<Box<dyn Future<Output = Result<Fetched, RemoteError>> + Send + '_>> {
        Box::pin(async {
            self.fetches.fetch_add(1, SeqCst);
            assert_eq!(self.under_way.fetch_add(1, SeqCst), 0, "two fetches at once");
            let _under_way = UnderWay(Arc::clone(&self.under_way));
            yield_once().await;
            yield_once().await;
            match self.fate {
                Fate::Succeeds => {
                    let document = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"new",
                        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
                    let jwks = Jwks::parse(document, &KeyRules::default()).unwrap();
                    Ok(Fetched { jwks, max_age: None, fault: None })
                }
                Fate::Fails => Err(RemoteError::Timeout),
                Fate::Panics => std::panic::resume_unwind(Box::new("on purpose")),
            }
        })
    }
}

async fn yield_once() {
    let mut yielded = false;
    poll_fn(|cx| {
        cx.waker().wake_by_ref();
        if std::mem::replace(&mut yielded, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Option<UnixTime> {
        None
    }

    fn monotonic(&self) -> Duration {
        // Before a request would see to a refresh that nobody else does.
        Duration::from_secs(1)
    }
}

type Answers = Arc<Mutex<Vec<(Result<(), Unavailable>, bool)>>>;

/// Asks as a request does, and notes the answer and whether the key is there then.
async fn request(keys: Arc<IssuerKeys>, any: bool, answers: Answers) {
    let need = if any { KeyNeed::AnyKey } else { KeyNeed::Key(KeyId::new("new")) };
    let refresher = keys.refresher().unwrap();
    let answer = match Arc::clone(refresher).request(&need, Still.monotonic()) {
        FetchTicket::Wait { fetch, .. } => fetch.await,
        FetchTicket::NotBefore(_) => Err(refresher.unavailable(&need)),
        FetchTicket::Absent => Ok(()),
    };
    let is_there = keys.current(|| Still.monotonic()).is_some();
    answers.lock().unwrap().push((answer, is_there));
}

/// Runs one schedule; returns how many requests were answered, how many fetches there were.
fn run(choices: &mut Choices, (fate, mishap, any): (Fate, Mishap, bool)) -> (usize, usize) {
    let (fetches, under_way) = (Arc::default(), Arc::default());
    let host = Host { fate, fetches: Arc::clone(&fetches), under_way };
    let spawned = Spawned::default();
    let config = RefresherConfig {
        issuer: "https://a.example".to_owned(),
        source: Box::new(host),
        keep_removed: Duration::ZERO,
        schedule: Schedule::default(),
        clock: Arc::new(Still),
        hook: KeyEventHook::default(),
    };
    let refresher = KeySetRefresher::new(config, Arc::new(spawned.clone()));
    let keys = Arc::new(IssuerKeys::fetched(refresher.cell(), refresher));
    let answers = Answers::default();
    let mut requests: Vec<Actor> = (0..REQUESTS)
        .map(|_| Actor::new(Box::pin(request(Arc::clone(&keys), any, Arc::clone(&answers)))))
        .collect();
    let (mut fetching, mut mishap_left) = (Vec::new(), mishap != Mishap::Nothing);
    loop {
        fetching.append(&mut spawned.0.lock().unwrap());
        let ready: Vec<(bool, usize)> = [(false, &requests), (true, &fetching)]
            .into_iter()
            .flat_map(|(of_fetch, actors)| {
                let ready = actors.iter().enumerate().filter(|(_, actor)| actor.is_ready());
                ready.map(move |(index, _)| (of_fetch, index))
            })
            .collect();
        let victims: Vec<usize> = match mishap {
            Mishap::RequestGivenUp => alive(&requests),
            Mishap::FetchDropped => alive(&fetching),
            Mishap::Nothing => Vec::new(),
        };
        let victims = if mishap_left { victims } else { Vec::new() };
        if ready.is_empty() {
            break;
        }
        let choice = choices.choose(ready.len().saturating_add(victims.len()));
        if let Some(&(of_fetch, index)) = ready.get(choice) {
            let actors = if of_fetch { &mut fetching } else { &mut requests };
            actors.get_mut(index).unwrap().step();
        } else {
            let victim = *victims.get(choice.saturating_sub(ready.len())).unwrap();
            let of_requests = mishap == Mishap::RequestGivenUp;
            let actors = if of_requests { &mut requests } else { &mut fetching };
            actors.get_mut(victim).unwrap().future = None;
            mishap_left = false;
        }
    }
    assert!(requests.iter().all(|actor| actor.future.is_none()), "somebody waits for ever");
    let lost = fate != Fate::Succeeds || (mishap == Mishap::FetchDropped && !mishap_left);
    for (answer, is_there) in answers.lock().unwrap().iter() {
        assert!(*is_there || lost, "refused although the fetch succeeded: {answer:?}");
        assert!(*is_there || answer.is_err(), "success without keys");
    }
    (answers.lock().unwrap().len(), fetches.load(SeqCst))
}

fn alive(actors: &[Actor]) -> Vec<usize> {
    let alive = actors.iter().enumerate().filter(|(_, actor)| actor.future.is_some());
    alive.map(|(index, _)| index).collect()
}

/// Runs every schedule; returns how many there are.
fn explore(fate: Fate, mishap: Mishap, any: bool) -> usize {
    let (mut choices, mut schedules) = (Choices::default(), 0_usize);
    loop {
        let (answered, fetches) = run(&mut choices, (fate, mishap, any));
        let given_up = usize::from(mishap == Mishap::RequestGivenUp);
        assert!(answered >= REQUESTS.saturating_sub(given_up), "{answered} answers");
        assert!(fetches <= 1, "{fetches} fetches: {fate:?} {mishap:?} {any} {choices:?}");
        schedules = schedules.saturating_add(1);
        if !choices.turn() {
            return schedules;
        }
    }
}

#[test]
fn in_every_order_of_events_one_fetch_answers_all_requests() {
    for any in [false, true] {
        let schedules = explore(Fate::Succeeds, Mishap::Nothing, any);
        assert!(schedules > 100, "{schedules}");
    }
}

#[test]
fn in_every_order_of_events_a_leader_that_is_given_up_leaves_nobody_waiting() {
    for any in [false, true] {
        let schedules = explore(Fate::Succeeds, Mishap::RequestGivenUp, any);
        assert!(schedules > 1000, "{schedules}");
    }
}

#[test]
fn in_every_order_of_events_a_fetch_that_fails_panics_or_is_dropped_leaves_nobody_waiting() {
    for any in [false, true] {
        for fate in [Fate::Fails, Fate::Panics] {
            assert!(explore(fate, Mishap::Nothing, any) > 100);
        }
        assert!(explore(Fate::Succeeds, Mishap::FetchDropped, any) > 500);
        assert!(explore(Fate::Panics, Mishap::RequestGivenUp, any) > 1000);
    }
}
