//! Runs contenders by turns and keeps the times.

use std::time::Duration;

use crate::contender::Contender;

/// How long one run of each contender took, for each round.
#[derive(Debug)]
pub struct Times {
    /// The times of each contender, in the order of the contenders; one for each round.
    of: Vec<Vec<Duration>>,
}

/// Runs every contender `batch` times in each round. The contender that begins changes from round
/// to round.
pub fn run(contenders: &mut [Box<dyn Contender>], rounds: usize, batch: u32) -> Times {
    let mut of = vec![Vec::with_capacity(rounds); contenders.len()];
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let index = (round + turn) % contenders.len();
            of[index].push(contenders[index].time(batch) / batch);
        }
    }
    Times { of }
}

impl Times {
    /// Returns the time of the contender's quickest round, in microseconds.
    #[must_use]
    pub fn min(&self, contender: usize) -> f64 {
        self.of[contender].iter().copied().map(micros).fold(f64::INFINITY, f64::min)
    }

    /// Returns the median time of the contender, in microseconds.
    #[must_use]
    pub fn median(&self, contender: usize) -> f64 {
        median(self.of[contender].iter().copied().map(micros).collect())
    }

    /// Returns the median over the rounds of one contender's time divided by the sum of others' in
    /// the same round, which the drift of the machine hardly moves.
    #[must_use]
    pub fn ratio(&self, contender: usize, to: &[usize]) -> f64 {
        let ratio = |round: usize| {
            let whole: f64 = to.iter().map(|other| micros(self.of[*other][round])).sum();
            micros(self.of[contender][round]) / whole
        };
        median((0..self.of[contender].len()).map(ratio).collect())
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Returns the median.
///
/// # Panics
///
/// When there is no value.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
