use super::*;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn rotation() -> Rotation {
    Rotation::new(Schedule::default())
}

fn name(text: &str) -> KeyId {
    KeyId::new(text).unwrap()
}

fn need_of(name: &KeyId) -> KeyNeed {
    KeyNeed::Key(Some(name.clone()))
}

const GOOD: FetchOutcome = FetchOutcome::Keys { max_age: None };

/// Decides about a need and ends the fetch with this result, all at once.
fn fetch(rotation: &mut Rotation, need: &KeyNeed, complete: FetchOutcome, now: Duration) {
    fetch_by_chance(rotation, need, complete, now, 0.5);
}

fn fetch_by_chance(
    rotation: &mut Rotation,
    need: &KeyNeed,
    complete: FetchOutcome,
    now: Duration,
    chance: f64,
) {
    match rotation.decide(need, now) {
        Decision::Fetch(number) => assert!(rotation.complete(number, complete, now, chance)),
        other => panic!("{other:?} at {now:?}"),
    }
}

/// With the first keys cached.
fn with_first_keys() -> Rotation {
    let mut rotation = rotation();
    fetch(&mut rotation, &KeyNeed::Refresh, GOOD, Duration::ZERO);
    rotation
}

#[test]
fn the_first_fetch_is_due_at_once() {
    assert_eq!(rotation().decide(&KeyNeed::Refresh, Duration::ZERO), Decision::Fetch(1));
    assert_eq!(rotation().decide(&KeyNeed::AnyKey, Duration::ZERO), Decision::Fetch(1));
    assert_eq!(rotation().decide(&KeyNeed::Key(None), Duration::ZERO), Decision::Fetch(1));
}

#[test]
fn keys_are_refreshed_at_80_percent_of_their_freshness_give_or_take_10() {
    for (chance, expected) in [(0.0, 432.0), (0.5, 480.0), (1.0, 528.0)] {
        let mut rotation = rotation();
        let complete = FetchOutcome::Keys { max_age: Some(10 * MINUTE) };
        fetch_by_chance(&mut rotation, &KeyNeed::Refresh, complete, Duration::ZERO, chance);
        let pause = rotation.until_refresh(Duration::ZERO);
        assert!((pause.as_secs_f64() - expected).abs() < 0.001, "{pause:?}");
        assert_eq!(rotation.decide(&KeyNeed::Refresh, Duration::ZERO), Decision::NotBefore(pause));
        assert_eq!(rotation.decide(&KeyNeed::Refresh, pause), Decision::Fetch(2));
    }
}

#[test]
fn freshness_is_clamped_and_assumed_when_the_issuer_says_nothing() {
    for (max_age, fresh) in [
        (Some(Duration::ZERO), 5 * MINUTE),
        (Some(HOUR), HOUR),
        (Some(365 * 24 * HOUR), 24 * HOUR),
        (Some(Duration::MAX), 24 * HOUR),
        (None, 10 * MINUTE),
    ] {
        let mut rotation = rotation();
        fetch(&mut rotation, &KeyNeed::Refresh, FetchOutcome::Keys { max_age }, Duration::ZERO);
        let pause = rotation.until_refresh(Duration::ZERO);
        assert!(pause.abs_diff(fresh.mul_f64(0.8)) < at(1), "{max_age:?}: {pause:?}");
        assert_eq!(rotation.fresh_until(), Some(fresh));
    }
}

#[test]
fn whoever_comes_while_a_fetch_is_under_way_joins_it() {
    let mut rotation = rotation();
    assert_eq!(rotation.decide(&KeyNeed::Refresh, at(1)), Decision::Fetch(1));
    for need in
        [KeyNeed::Refresh, KeyNeed::AnyKey, KeyNeed::Key(None), KeyNeed::Key(Some(name("k")))]
    {
        assert_eq!(rotation.decide(&need, at(6)), Decision::Join, "{need:?}");
    }
}

#[test]
fn a_fetch_that_should_have_landed_long_ago_is_given_up_and_counts_no_more() {
    let mut rotation = rotation();
    assert_eq!(rotation.decide(&KeyNeed::Refresh, at(1)), Decision::Fetch(1));
    assert_eq!(rotation.decide(&KeyNeed::Refresh, at(7)), Decision::Join, "it may be guard");
    let late = at(7) + Duration::from_millis(1);
    assert_eq!(rotation.decide(&KeyNeed::Refresh, late), Decision::Fetch(2));
    assert!(!rotation.complete(1, GOOD, late, 0.5), "what it brings may be old");
    assert_eq!(rotation.last_success(), None);
    assert!(rotation.complete(2, GOOD, late, 0.5));
    assert!(!rotation.complete(2, FetchOutcome::Failed, late, 0.5), "a fetch lands once");
    assert_eq!((rotation.last_success(), rotation.failures()), (Some(late), 0));
}

#[test]
fn failed_fetches_are_repeated_within_times_that_double_up_to_a_minute() {
    for (chance, expected) in [(1.0, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]), (0.0, [0.1; 8])]
    {
        let (mut rotation, mut now) = (rotation(), Duration::ZERO);
        let pauses = expected.map(|_| {
            fetch_by_chance(&mut rotation, &KeyNeed::Refresh, FetchOutcome::Failed, now, chance);
            let pause = rotation.until_refresh(now);
            now += pause;
            pause.as_secs_f64()
        });
        assert_eq!(pauses, expected);
        assert_eq!(rotation.failures(), 8);
    }
}

#[test]
fn a_success_ends_the_doubling() {
    let mut rotation = rotation();
    fetch_by_chance(&mut rotation, &KeyNeed::Refresh, FetchOutcome::Failed, at(0), 1.0);
    fetch_by_chance(&mut rotation, &KeyNeed::Refresh, FetchOutcome::Failed, at(1), 1.0);
    fetch_by_chance(&mut rotation, &KeyNeed::Refresh, GOOD, at(3), 1.0);
    assert_eq!(rotation.failures(), 0);
    fetch_by_chance(&mut rotation, &KeyNeed::Refresh, FetchOutcome::Failed, HOUR, 1.0);
    assert_eq!(rotation.until_refresh(HOUR), at(1));
}

#[test]
fn without_keys_nobody_waits_for_a_pause_to_end() {
    let mut rotation = rotation();
    fetch_by_chance(&mut rotation, &KeyNeed::AnyKey, FetchOutcome::Failed, at(0), 1.0);
    assert_eq!(
        rotation.decide(&KeyNeed::AnyKey, Duration::from_millis(200)),
        Decision::NotBefore(Duration::from_millis(800))
    );
    assert_eq!(rotation.decide(&KeyNeed::AnyKey, at(1)), Decision::Fetch(2));
}

#[test]
fn an_unknown_key_earns_one_fetch_in_a_cooldown() {
    let (mut rotation, key) = (with_first_keys(), name("k"));
    fetch(&mut rotation, &need_of(&key), GOOD, at(1));
    for (second, other) in [(1, "k"), (2, "l"), (10, "m")] {
        let other = name(other);
        assert_eq!(rotation.decide(&need_of(&other), at(second)), Decision::Absent);
    }
    assert_eq!(rotation.decide(&KeyNeed::Key(Some(name("n"))), at(11)), Decision::Fetch(3));
}

#[test]
fn a_key_found_absent_leaves_the_next_fetch_to_others() {
    let (mut rotation, absent) = (with_first_keys(), name("absent"));
    let Decision::Fetch(number) = rotation.decide(&need_of(&absent), at(1)) else {
        panic!("no fetch")
    };
    // The issuer takes its time.
    assert!(rotation.complete(number, GOOD, at(5), 0.5));
    assert_eq!(rotation.decide(&need_of(&absent), at(5)), Decision::Absent);
    // The cooldown is over, and the answer that lacked it is not that old.
    assert_eq!(rotation.decide(&need_of(&absent), at(12)), Decision::Absent);
    let mut other = rotation.clone();
    assert_eq!(other.decide(&KeyNeed::Key(Some(name("new"))), at(12)), Decision::Fetch(3));
    assert_eq!(rotation.decide(&need_of(&absent), at(15)), Decision::Fetch(3));
}

#[test]
fn newer_keys_make_a_key_no_longer_absent() {
    let (mut rotation, key) = (with_first_keys(), name("k"));
    fetch(&mut rotation, &need_of(&key), GOOD, at(1));
    assert_eq!(rotation.decide(&need_of(&key), at(1)), Decision::Absent);
    assert!(rotation.unknown.absent.contains(&key));
    fetch(&mut rotation, &KeyNeed::Refresh, GOOD, HOUR);
    assert!(rotation.unknown.absent.is_empty());
    assert_eq!(rotation.decide(&need_of(&key), HOUR), Decision::Fetch(4));
}

#[test]
fn an_unknown_key_is_nobodys_fault_while_the_issuer_cannot_be_asked() {
    let mut rotation = with_first_keys();
    fetch(&mut rotation, &KeyNeed::Key(None), FetchOutcome::Failed, at(1));
    assert_eq!(rotation.decide(&KeyNeed::Key(None), at(4)), Decision::NotBefore(at(7)));
}

#[test]
fn keys_that_came_before_the_question_are_no_answer_to_it() {
    let mut rotation = with_first_keys();
    fetch(&mut rotation, &KeyNeed::Key(None), FetchOutcome::Failed, Duration::ZERO);
    assert_eq!(rotation.decide(&KeyNeed::Key(None), at(1)), Decision::NotBefore(at(9)));
}

#[test]
fn a_later_failure_does_not_unsay_that_the_issuer_lacks_the_key() {
    let mut rotation = with_first_keys();
    let due = rotation.until_refresh(Duration::ZERO);
    fetch(&mut rotation, &KeyNeed::Key(None), GOOD, due);
    fetch(&mut rotation, &KeyNeed::Refresh, FetchOutcome::Failed, due + HOUR);
    fetch(&mut rotation, &KeyNeed::Key(None), GOOD, due + HOUR);
    fetch(&mut rotation, &KeyNeed::Refresh, FetchOutcome::Failed, due + HOUR + 9 * MINUTE);
    fetch(&mut rotation, &KeyNeed::Key(None), GOOD, due + 2 * HOUR);
    assert_eq!(rotation.decide(&KeyNeed::Key(None), due + 2 * HOUR + at(5)), Decision::Absent);
}

#[test]
fn what_the_last_fetch_could_not_tell_is_not_told_from_memory() {
    let (mut rotation, key) = (with_first_keys(), name("k"));
    let Decision::Fetch(number) = rotation.decide(&need_of(&key), at(1)) else {
        panic!("no fetch")
    };
    assert!(rotation.complete(number, GOOD, at(5), 0.5));
    assert_eq!(rotation.decide(&need_of(&key), at(5)), Decision::Absent);
    fetch(&mut rotation, &KeyNeed::Key(None), FetchOutcome::Failed, at(11));
    assert_eq!(rotation.decide(&need_of(&key), at(12)), Decision::NotBefore(at(9)));
}

#[test]
fn the_memory_of_absent_keys_is_bounded() {
    let mut rotation = with_first_keys();
    fetch(&mut rotation, &KeyNeed::Key(None), GOOD, at(1));
    for key in 0..10 * limits::ABSENT_KEYS {
        let key = name(&key.to_string());
        assert_eq!(rotation.decide(&need_of(&key), at(2)), Decision::Absent);
    }
    assert_eq!(rotation.unknown.absent.len(), limits::ABSENT_KEYS);
}

#[test]
fn a_failed_fetch_for_an_unknown_key_does_not_put_the_scheduled_refresh_off() {
    let mut rotation = with_first_keys();
    let due = rotation.until_refresh(Duration::ZERO);
    for second in (10..due.as_secs()).step_by(10) {
        fetch(&mut rotation, &KeyNeed::Key(None), FetchOutcome::Failed, at(second));
        assert_eq!(rotation.failures(), 0);
    }
    assert!(matches!(rotation.decide(&KeyNeed::Refresh, due), Decision::Fetch(_)));
}

#[test]
fn a_fetch_that_serves_both_ends_counts_as_the_scheduled_one() {
    let mut rotation = with_first_keys();
    let Decision::Fetch(number) = rotation.decide(&KeyNeed::Key(None), HOUR) else {
        panic!("no fetch")
    };
    assert_eq!(rotation.decide(&KeyNeed::Refresh, HOUR), Decision::Join);
    assert!(rotation.complete(number, FetchOutcome::Failed, HOUR + at(1), 1.0));
    assert_eq!((rotation.failures(), rotation.until_refresh(HOUR + at(1))), (1, at(1)));
}

/// The background looks at the clock now and then; that alone makes no fetch a scheduled one.
#[test]
fn a_refresh_that_is_not_due_makes_no_fetch_a_scheduled_one() {
    let mut rotation = with_first_keys();
    let Decision::Fetch(number) = rotation.decide(&KeyNeed::Key(None), MINUTE) else {
        panic!("no fetch")
    };
    let until_refresh = rotation.until_refresh(MINUTE);
    assert_eq!(rotation.decide(&KeyNeed::Refresh, MINUTE), Decision::Join);
    assert!(rotation.complete(number, FetchOutcome::Failed, MINUTE, 1.0));
    assert_eq!((rotation.failures(), rotation.until_refresh(MINUTE)), (0, until_refresh));
}

#[test]
fn a_good_fetch_for_an_unknown_key_saves_the_scheduled_one() {
    let mut rotation = with_first_keys();
    fetch(&mut rotation, &KeyNeed::Key(None), GOOD, 7 * MINUTE);
    assert_eq!(rotation.until_refresh(7 * MINUTE), 8 * MINUTE);
}

#[test]
fn keys_serve_until_a_day_after_the_last_good_fetch() {
    assert_eq!(rotation().usable_until(), None);
    let mut rotation = with_first_keys();
    fetch(&mut rotation, &KeyNeed::Refresh, FetchOutcome::Failed, HOUR);
    assert_eq!(rotation.usable_until(), Some(24 * HOUR));
}

#[test]
fn without_grace_keys_serve_as_long_as_they_are_fresh() {
    let schedule = Schedule { stale: Duration::ZERO, ..Schedule::default() };
    let mut rotation = Rotation::new(schedule);
    fetch(
        &mut rotation,
        &KeyNeed::Refresh,
        FetchOutcome::Keys { max_age: Some(HOUR) },
        Duration::ZERO,
    );
    assert_eq!(rotation.usable_until(), Some(HOUR));
}

#[test]
fn a_refresh_is_overdue_some_time_after_it_was_due_or_should_have_landed() {
    let mut rotation = with_first_keys();
    let due = rotation.until_refresh(Duration::ZERO);
    assert_eq!(rotation.overdue_at(), due + at(15));
    assert!(matches!(rotation.decide(&KeyNeed::Refresh, HOUR), Decision::Fetch(_)));
    assert_eq!(rotation.overdue_at(), HOUR + at(6));
}

#[test]
fn times_that_make_no_sense_are_named() {
    let schedule = Schedule::default;
    let (none, one) = (Duration::ZERO, at(1));
    for (faulty, setting) in [
        (schedule(), None),
        (Schedule { fresh: none..=one, ..schedule() }, Some("key_freshness")),
        (Schedule { fresh: 2 * one..=one, ..schedule() }, Some("key_freshness")),
        (Schedule { backoff: (none, one), ..schedule() }, Some("retry_backoff")),
        (Schedule { backoff: (2 * one, one), ..schedule() }, Some("retry_backoff")),
        (Schedule { cooldown: none, ..schedule() }, Some("unknown_key_cooldown")),
        (Schedule { fetch_timeout: none, ..schedule() }, Some("fetch_timeout")),
    ] {
        assert_eq!(faulty.fault(), setting);
    }
}
