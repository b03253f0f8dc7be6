use std::collections::VecDeque;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

/// Numbers that look random and are the same in each run (a linear congruential generator).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).checked_rem(bound).unwrap()
    }
}

/// What a story of events has shown so far.
#[derive(Default)]
struct Story {
    for_keys: VecDeque<Duration>,
    flying: Vec<(u64, Duration)>,
    good: Option<Duration>,
}

impl Story {
    /// One event, drawn by chance, and what must hold of it.
    fn go_on(&mut self, rotation: &mut Rotation, draw: &mut Draw, now: Duration) {
        let key = KeyId::new(draw.below(100_000).to_string());
        let need = match draw.below(5) {
            0 => KeyNeed::Refresh,
            1 => KeyNeed::AnyKey,
            2 => KeyNeed::Key(None),
            _ => KeyNeed::Key(key),
        };
        let longest = rotation.longest_fetch();
        let due = rotation.next_refresh;
        let may_land = |since: Duration| now.saturating_sub(since) <= longest;
        match rotation.decide(&need, now) {
            Decision::Fetch(number) => {
                assert!(!self.flying.last().is_some_and(|last| may_land(last.1)), "two at a time");
                self.flying.push((number, now));
                assert!(matches!(need, KeyNeed::Key(_)) || now >= due, "a refresh before its time");
                if matches!(need, KeyNeed::Key(_)) {
                    let last = self.for_keys.back().copied();
                    let cooldown = rotation.schedule.cooldown;
                    let rested = |last| now.saturating_sub(last) >= cooldown;
                    assert!(last.is_none_or(rested), "within the cooldown");
                    self.for_keys.push_back(now);
                }
            }
            Decision::Join => assert!(self.flying.last().is_some_and(|last| may_land(last.1))),
            Decision::NotBefore(pause) => assert!(!pause.is_zero()),
            Decision::Absent => assert!(self.good.is_some()),
        }
        if draw.below(3) == 0 && !self.flying.is_empty() {
            let (number, _) = self.flying.remove(
                usize::try_from(draw.below(u64::try_from(self.flying.len()).unwrap())).unwrap(),
            );
            let max_age = (draw.below(2) == 0).then(|| Duration::from_secs(draw.below(200_000)));
            let complete = if draw.below(3) == 0 {
                FetchOutcome::Keys { max_age }
            } else {
                FetchOutcome::Failed
            };
            let counts = rotation.complete(
                number,
                complete,
                now,
                f64::from(u32::try_from(draw.below(1001)).unwrap()) / 1000.0,
            );
            if counts && complete != FetchOutcome::Failed {
                self.good = Some(now);
            }
        }
    }
}

/// For any sequence of events: keys that came serve for a day, one fetch is under way at a time, no
/// refresh is before its time, one fetch in a cooldown is for unknown keys, and what is cached
/// stays bounded.
#[test]
fn whatever_happens_good_keys_serve_and_fetches_and_memory_stay_bounded() {
    for seed in 0..300 {
        let (mut draw, mut now) = (Draw(seed), Duration::ZERO);
        let (mut rotation, mut story) = (Rotation::new(Schedule::default()), Story::default());
        for _ in 0..2000 {
            now += Duration::from_millis(draw.below(4) * draw.below(3000));
            story.go_on(&mut rotation, &mut draw, now);
            assert!(rotation.usable_until() >= story.good.map(|good| good + 24 * HOUR), "{seed}");
            assert!(rotation.unknown.absent.len() <= limits::ABSENT_KEYS, "{seed}");
        }
    }
}
