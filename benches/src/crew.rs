//! Threads that stay alive and run the same contender, alone or at the same time.

use std::{
    fs, hint,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use crate::contender::Contender;

/// What one thread runs: the same contenders in the same order as the others.
pub type Contenders = Vec<Box<dyn Contender + Send>>;

/// How often a contender runs between two looks at the clock.
const BATCH: u32 = 16;
/// The part of a window that a thread may wait for a core that other work holds.
const MOST_WAITED: f64 = 0.01;

/// The threads.
#[derive(Debug)]
pub struct Crew(Vec<Member>);

#[derive(Debug)]
struct Member {
    orders: Sender<Order>,
    windows: Receiver<Window>,
}

struct Order {
    contender: usize,
    window: Duration,
    start: Arc<Start>,
}

/// What a thread has done in a window.
struct Window {
    per_second: f64,
    is_disturbed: bool,
}

/// How many runs a second all threads together have done.
#[derive(Clone, Copy, Debug)]
pub struct Throughput {
    /// Runs a second.
    pub per_second: f64,
    /// Whether other work held a core that a thread was waiting for.
    pub is_disturbed: bool,
}

/// Lets threads begin together.
struct Start {
    expected: usize,
    arrived: AtomicUsize,
}

impl Crew {
    /// Starts a thread for each.
    #[must_use]
    pub fn start(of_threads: Vec<Contenders>) -> Self {
        let member = |mut contenders: Contenders| {
            let (orders, received) = channel::<Order>();
            let (done, windows) = channel();
            thread::spawn(move || {
                for order in received {
                    let contender = contenders[order.contender].as_mut();
                    if done.send(run(contender, order.window, &order.start)).is_err() {
                        break;
                    }
                }
            });
            Member { orders, windows }
        };
        Self(of_threads.into_iter().map(member).collect())
    }

    /// Lets these threads run a contender at the same time, for so long.
    ///
    /// # Panics
    ///
    /// When a thread has.
    #[must_use]
    pub fn run(&self, contender: usize, threads: &[usize], window: Duration) -> Throughput {
        let start = Arc::new(Start { expected: threads.len(), arrived: AtomicUsize::new(0) });
        for thread in threads {
            let order = Order { contender, window, start: Arc::clone(&start) };
            self.0[*thread].orders.send(order).expect("a living thread");
        }
        let window = |thread: &usize| self.0[*thread].windows.recv().expect("a living thread");
        let windows: Vec<Window> = threads.iter().map(window).collect();
        Throughput {
            per_second: windows.iter().map(|window| window.per_second).sum(),
            is_disturbed: windows.iter().any(|window| window.is_disturbed),
        }
    }
}

fn run(contender: &mut dyn Contender, window: Duration, start: &Start) -> Window {
    let waited_before = waited_for_core();
    start.wait();
    let (begin, mut runs) = (Instant::now(), 0_u32);
    let elapsed = loop {
        for _ in 0..BATCH {
            contender.once();
        }
        runs += BATCH;
        let elapsed = begin.elapsed();
        if elapsed >= window {
            break elapsed;
        }
    };
    let waited = waited_for_core().saturating_sub(waited_before);
    Window {
        per_second: f64::from(runs) / elapsed.as_secs_f64(),
        is_disturbed: waited.as_secs_f64() > elapsed.as_secs_f64() * MOST_WAITED,
    }
}

impl Start {
    /// Spins, because a thread that sleeps is woken too late.
    fn wait(&self) {
        self.arrived.fetch_add(1, Ordering::AcqRel);
        while self.arrived.load(Ordering::Acquire) < self.expected {
            hint::spin_loop();
        }
    }
}

/// Returns how long this thread has waited for a core since it began.
fn waited_for_core() -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split_whitespace().nth(1).and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}
