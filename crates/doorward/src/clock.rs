//! The time: read in this module and nowhere else, so that tests can replace it.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

pub use crate::terms::time::UnixTime;

/// Reads the time for a server.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Returns the time of day, or `None` when it is unknown. Requests are then answered 503.
    fn now(&self) -> Option<UnixTime>;

    /// Returns the time since some fixed moment. It never goes backwards. The age of keys is measured
    /// with it, so it should count the time that the machine has slept.
    fn monotonic(&self) -> Duration;
}

/// The clock of the operating system.
///
/// Its monotonic time counts the time that the machine has slept or its VM was paused, when the
/// system's own monotonic clock may stand still: it follows jumps ahead of the wall clock.
#[derive(Clone, Debug)]
pub struct SystemClock {
    origin: Instant,
    elapsed: Arc<Elapsed>,
}

impl SystemClock {
    /// Creates a clock whose monotonic time starts at zero.
    #[must_use]
    pub fn new() -> Self {
        let clock = Self { origin: Instant::now(), elapsed: Arc::new(Elapsed::default()) };
        clock.monotonic();
        clock
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    /// Returns `None` when the system's clock is set to a time before 1970.
    fn now(&self) -> Option<UnixTime> {
        SystemTime::now().duration_since(UNIX_EPOCH).ok().map(UnixTime::since_epoch)
    }

    fn monotonic(&self) -> Duration {
        self.elapsed.measure(|| {
            let wall = SystemTime::now().duration_since(UNIX_EPOCH).ok();
            (self.origin.elapsed(), wall)
        })
    }
}

/// The elapsed time by a monotonic and a wall clock: the monotonic time, and all that the wall clock
/// has jumped ahead of it. A wall clock that is set back takes nothing away.
#[derive(Debug)]
struct Elapsed {
    /// By how many milliseconds the wall clock was ahead of the monotonic one when it last jumped.
    ahead: AtomicI64,
    /// The milliseconds of all jumps ahead.
    jumped: AtomicU64,
    /// Held while a jump is added.
    adding: Mutex<()>,
}

/// Smaller differences are no jump: the two clocks are read one after the other, and are slewed.
const JUMP: u64 = 1000;

/// The value before the first measurement.
const UNKNOWN: i64 = i64::MAX;

impl Default for Elapsed {
    fn default() -> Self {
        let (ahead, jumped) = (AtomicI64::new(UNKNOWN), AtomicU64::new(0));
        Self { ahead, jumped, adding: Mutex::new(()) }
    }
}

impl Elapsed {
    /// Returns the elapsed time by the readings of both clocks, monotonic and wall.
    fn measure(&self, read: impl Fn() -> (Duration, Option<Duration>)) -> Duration {
        let (monotonic, wall) = read();
        if let Some(wall) = wall {
            let ahead = millis(wall).saturating_sub(millis(monotonic));
            if ahead.abs_diff(self.ahead.load(Ordering::Acquire)) >= JUMP {
                self.follow(read);
            }
        }
        monotonic.saturating_add(Duration::from_millis(self.jumped.load(Ordering::Acquire)))
    }

    /// Records that the difference of the clocks has changed, and adds what the wall clock has gained.
    /// Reads the clocks again: the first readings may be older than those of another thread.
    #[cold]
    fn follow(&self, read: impl Fn() -> (Duration, Option<Duration>)) {
        let _held = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let (monotonic, Some(wall)) = read() else { return };
        let ahead = millis(wall).saturating_sub(millis(monotonic));
        let before = self.ahead.load(Ordering::Acquire);
        let gained = ahead.saturating_sub(before);
        if before != UNKNOWN && gained > 0 && gained.unsigned_abs() >= JUMP {
            let jumped = self.jumped.load(Ordering::Acquire).saturating_add(gained.unsigned_abs());
            // Before the difference, by which others see that it is added.
            self.jumped.store(jumped, Ordering::Release);
        }
        if gained.unsigned_abs() >= JUMP {
            self.ahead.store(ahead, Ordering::Release);
        }
    }
}

fn millis(time: Duration) -> i64 {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    seconds.saturating_mul(1000).saturating_add(i64::from(time.subsec_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: u64 = 7 * 24 * 3600;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Measures at pairs of readings in seconds: monotonic, and wall since 1970.
    fn measured(readings: &[(u64, u64)]) -> Vec<u64> {
        let elapsed = Elapsed::default();
        let measure = |&(monotonic, wall): &(u64, u64)| {
            elapsed.measure(|| (secs(monotonic), Some(secs(wall)))).as_secs()
        };
        readings.iter().map(measure).collect()
    }

    #[test]
    fn the_time_that_a_machine_sleeps_counts() {
        let readings = [(0, 1000), (5, 1005), (6, 1006 + WEEK), (10, 1010 + WEEK)];
        assert_eq!(measured(&readings), [0, 5, 6 + WEEK, 10 + WEEK]);
    }

    #[test]
    fn a_wall_clock_that_is_set_back_takes_nothing_away() {
        let readings = [(0, WEEK), (5, 5), (6, 6), (7, 0)];
        assert_eq!(measured(&readings), [0, 5, 6, 7]);
    }

    #[test]
    fn a_sleep_after_a_wrong_wall_clock_was_corrected_counts_too() {
        let readings = [(0, 1000), (1, 5001), (2, 1002), (3, 1003), (4, 4004)];
        assert_eq!(measured(&readings), [0, 4001, 4002, 4003, 7004]);
    }

    #[test]
    fn clocks_that_differ_by_less_than_a_second_add_nothing() {
        let elapsed = Elapsed::default();
        for round in 0..10_000_u64 {
            let monotonic = Duration::from_millis(round);
            let wall = secs(1000) + monotonic + Duration::from_micros(round % 7 * 100_000);
            assert_eq!(elapsed.measure(|| (monotonic, Some(wall))), monotonic);
        }
    }

    #[test]
    fn a_wall_clock_before_1970_leaves_the_monotonic_one() {
        let elapsed = Elapsed::default();
        assert_eq!(elapsed.measure(|| (secs(1), None)), secs(1));
        assert_eq!(
            elapsed.measure(|| (secs(2), Some(secs(9)))),
            secs(2),
            "the first reading is no jump"
        );
        assert_eq!(elapsed.measure(|| (secs(3), None)), secs(3));
        assert_eq!(elapsed.measure(|| (secs(4), Some(secs(11 + WEEK)))), secs(4 + WEEK));
    }

    #[test]
    fn threads_that_see_one_jump_add_it_once() {
        let elapsed = Elapsed::default();
        elapsed.measure(|| (secs(0), Some(secs(1000))));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let mut last = Duration::ZERO;
                    for at in 1..1000 {
                        let now = elapsed.measure(|| (secs(at), Some(secs(1000 + at + WEEK))));
                        assert!(now >= last && now == secs(at + WEEK));
                        last = now;
                    }
                });
            }
        });
    }
}
