//! A machine that sleeps, or a virtual machine that is paused: the keys age meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use doorward::clock::{Clock, UnixTime};
use doorward_issuer::Algorithm;

use super::host::{HOUR, MINUTE, Scripted, VirtualClock, key, pass, token, trusting};
use crate::support::{code, good_token};

const ES: Algorithm = Algorithm::Es256;
const ED: Algorithm = Algorithm::EdDsa;

/// A clock that jumps ahead, as when a machine wakes up; tokio's timer does not.
#[derive(Clone, Debug)]
struct JumpingClock(Arc<(VirtualClock, AtomicU64)>);

impl JumpingClock {
    fn new() -> Self {
        Self(Arc::new((VirtualClock::new(), 0.into())))
    }

    fn jump(&self, ahead: Duration) {
        self.0.1.fetch_add(ahead.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> Option<UnixTime> {
        self.0.0.now()
    }

    fn monotonic(&self) -> Duration {
        let jumped = self.0.1.load(Ordering::SeqCst);
        self.0.0.monotonic() + Duration::from_secs(jumped)
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_sleep_of_the_machine_keys_are_refreshed_within_a_minute() {
    let (fetch, clock) = (Scripted::new().await, JumpingClock::new());
    fetch.keys_are_fresh_for(24 * HOUR);
    let server = trusting(&fetch).await.clock(clock.clone()).build().await.unwrap();
    pass(10 * MINUTE).await;
    assert_eq!(fetch.asked(), 1);
    clock.jump(24 * HOUR);
    pass(61 * Duration::from_secs(1)).await;
    assert_eq!(fetch.asked(), 2);
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn after_a_sleep_of_a_week_the_first_request_uses_no_old_key() {
    let (fetch, clock) = (Scripted::publishing(""), JumpingClock::new());
    fetch.publish(&[&key(ES, "a").await, &key(ED, "b").await]);
    let server = trusting(&fetch).await.clock(clock.clone()).build().await.unwrap();
    let (a, b) = (token(ES, "a").await, token(ED, "b").await);
    assert_eq!(code(&server, &a).await, "accepted");
    fetch.publish(&[&key(ED, "b").await]);
    clock.jump(7 * 24 * HOUR);
    assert_eq!(code(&server, &a).await, "key.unknown", "cached before, and withdrawn since");
    assert_eq!(code(&server, &b).await, "accepted");
    assert_eq!(fetch.asked(), 3, "the refresh, and one for the unknown key");
}

#[tokio::test(start_paused = true)]
async fn a_request_after_a_sleep_of_an_hour_starts_the_refresh() {
    let (fetch, clock) = (Scripted::new().await, JumpingClock::new());
    let server = trusting(&fetch).await.clock(clock.clone()).build().await.unwrap();
    clock.jump(HOUR);
    assert_eq!(
        code(&server, &good_token().await.sign().unwrap()).await,
        "accepted",
        "without waiting"
    );
    pass(Duration::from_secs(1)).await;
    assert_eq!(fetch.asked(), 2);
}
