//! How keys age, in virtual time: an issuer that answers at once, or not, and a clock that jumps.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use doorward::{
    Issuer, ResourceServer,
    errors::FetchError,
    remote::{Document, Fetch, FetchRequest},
};
use tokio::time::Instant;

use super::host::{
    HOUR, MINUTE, Mood, OUTDATED, Scripted, VirtualClock, lazy_server, pass, server, server_by,
};
use crate::support::{AUDIENCE, TestClock, code, good_token, issuer};

#[tokio::test(start_paused = true)]
async fn keys_are_refreshed_in_the_background_at_about_80_percent_of_their_freshness() {
    let fetch = Scripted::new().await;
    let server = server(&fetch).await;
    pass(7 * MINUTE).await;
    assert_eq!(fetch.asked(), 1, "fresh for ten minutes");
    pass(2 * MINUTE).await;
    assert_eq!(fetch.asked(), 2, "due between 7.2 and 8.8 minutes");
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn the_background_ends_with_the_last_handle() {
    let fetch = Scripted::new().await;
    let server = server(&fetch).await;
    let clone = server.clone();
    drop(server);
    pass(20 * MINUTE).await;
    let while_held = fetch.asked();
    assert!(while_held >= 2, "a clone keeps it going");
    drop(clone);
    pass(24 * HOUR).await;
    assert_eq!(fetch.asked(), while_held);
}

#[tokio::test(start_paused = true)]
async fn stale_keys_serve_for_a_day_of_outage_and_then_no_longer() {
    let fetch = Scripted::new().await;
    let server = server(&fetch).await;
    let token = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
    fetch.set(Mood::Down);
    pass(23 * HOUR).await;
    assert_eq!(code(&server, &token).await, "accepted");
    pass(2 * HOUR).await;
    assert_eq!(code(&server, &token).await, "unavailable.keys");
    fetch.set(Mood::Well);
    pass(MINUTE).await;
    assert_eq!(code(&server, &token).await, "accepted", "back within one step of the backoff");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_has_moved_nearer_is_not_slept_over() {
    let fetch = Scripted::new().await;
    fetch.keys_are_fresh_for(24 * HOUR);
    let server = server(&fetch).await;
    pass(MINUTE).await;
    fetch.keys_are_fresh_for(5 * MINUTE);
    let unknown = good_token().await.header("kid", "unknown").sign().unwrap();
    assert_eq!(code(&server, &unknown).await, "key.unknown");
    assert_eq!(fetch.asked(), 2);
    pass(10 * MINUTE).await;
    assert_eq!(fetch.asked(), 4, "again after about 4 and 8 minutes, and nobody asked for it");
}

#[tokio::test(start_paused = true)]
async fn while_an_issuer_is_down_it_is_asked_every_30_seconds_in_the_mean() {
    let fetch = Scripted::new().await;
    let server = server(&fetch).await;
    pass(MINUTE).await;
    fetch.set(Mood::Down);
    pass(HOUR).await;
    let before = fetch.asked();
    let well = good_token().await.sign().unwrap();
    for _ in 0..60 {
        assert_eq!(code(&server, &well).await, "accepted");
        pass(MINUTE).await;
    }
    let in_an_hour = fetch.asked() - before;
    // By chance between one after the other and one in a minute: 30 s in the mean.
    assert!((80..=180).contains(&in_an_hour), "{in_an_hour} fetches in an hour");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_unknown_keys_while_an_issuer_is_down_costs_a_fetch_per_cooldown() {
    let fetch = Scripted::new().await;
    let server = server(&fetch).await;
    pass(MINUTE).await;
    fetch.set(Mood::Down);
    let unknown = good_token().await.header("kid", "unknown").sign().unwrap();
    let before = fetch.asked();
    for _ in 0..600 {
        assert_eq!(code(&server, &unknown).await, "unavailable.issuer");
        pass(Duration::from_millis(100)).await;
    }
    // One in each of six cooldowns: the keys at hand are fresh, so the background asks for nothing.
    assert_eq!(fetch.asked() - before, 6);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_issuer_holds_a_request_no_longer_than_a_fetch_may_take() {
    let fetch = Scripted::new().await;
    fetch.set(Mood::Hanging);
    let server = server(&fetch).await;
    let token = good_token().await.sign().unwrap();
    let begin = Instant::now();
    assert_eq!(code(&server, &token).await, "unavailable.keys");
    assert!(begin.elapsed() <= Duration::from_secs(5), "{:?}", begin.elapsed());
    assert_eq!(code(&server, &token).await, "unavailable.keys");
    assert!(begin.elapsed() <= Duration::from_secs(5), "the second did not wait at all");
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_panics_counts_as_a_failed_one() {
    let fetch = Scripted::new().await;
    fetch.set(Mood::Panicking);
    let server = server(&fetch).await;
    let token = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &token).await, "unavailable.keys");
    pass(MINUTE).await;
    assert!(fetch.asked() <= 12, "{} fetches in a minute", fetch.asked());
    fetch.set(Mood::Well);
    pass(MINUTE).await;
    assert_eq!(code(&server, &token).await, "accepted");
}

#[tokio::test(start_paused = true)]
async fn a_fetch_on_a_runtime_that_stands_still_holds_nobody_and_undoes_nothing() {
    let fetch = Scripted::new().await;
    let server = server(&fetch).await;
    // Keys are there and age; nothing runs in the background from now on.
    pass(Duration::from_secs(1)).await;
    fetch.set(Mood::Down);
    let field = format!("Bearer {}", good_token().await.sign().unwrap());
    let unknown = good_token().await.header("kid", "unknown").sign().unwrap();
    let unknown_field = format!("Bearer {unknown}");
    let still = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stuck = {
        let _inside = still.enter();
        server.authenticate([unknown_field.as_bytes()])
    };
    assert!(stuck.into_ready().is_err(), "it waits for a fetch on the runtime");
    assert_eq!(fetch.asked(), 1, "which stands still");

    // Another request for an unknown key joins the fetch, and gives up when it should have landed.
    fetch.set(Mood::Well);
    let begin = Instant::now();
    assert_eq!(code(&server, &unknown).await, "unavailable.issuer");
    assert_eq!(begin.elapsed().as_secs(), 5);
    // The next one sets a fetch out itself, once the cooldown is over.
    pass(Duration::from_secs(10)).await;
    assert_eq!(code(&server, &unknown).await, "key.unknown");
    assert_eq!(fetch.asked(), 2);

    // The runtime runs at last, and what its fetch brings is older than what is at hand.
    fetch.set(Mood::Outdated);
    let run =
        move || still.block_on(async { tokio::time::sleep(Duration::from_millis(100)).await });
    std::thread::spawn(run).join().unwrap();
    assert_eq!(fetch.asked(), 3, "it did fetch");
    assert!(server.authenticate([field.as_bytes()]).await.is_ok(), "the newer keys stay");
}

#[tokio::test(start_paused = true)]
async fn a_request_sees_to_the_refresh_that_the_background_has_not_done() {
    let fetch = Scripted::new().await;
    let still = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = {
        let _inside = still.enter();
        let mut build = std::pin::pin!(server(&fetch));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        match build.as_mut().poll(&mut cx) {
            std::task::Poll::Ready(server) => server,
            std::task::Poll::Pending => panic!("it waits"),
        }
    };
    let token = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted", "the first keys too");
    pass(20 * MINUTE).await;
    for _ in 0..3 {
        assert_eq!(code(&server, &token).await, "accepted");
        pass(MINUTE).await;
    }
    assert_eq!(fetch.asked(), 2, "once, for it is fresh again");
    still.shutdown_background();
}

#[test]
fn a_runtime_without_a_timer_fails_fetches_and_nothing_else() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let answer = runtime.block_on(async {
        let fetch = Scripted::publishing(OUTDATED);
        let server = lazy_server("https://a.example", &fetch, TestClock::at(crate::support::NOW));
        let server = server.await;
        let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2EuZXhhbXBsZSIsImF1ZCI6ImFwaTov\
                     L29yZGVycyIsInN1YiI6InUiLCJleHAiOjE3MDAwMDAwMDB9.AAAA";
        code(&server, token).await
    });
    assert_eq!(answer, "unavailable.keys");
}

/// The server is built on one runtime, which is shut down, and asked from none: the fetch ends at
/// once, and the answer is 503 and not a deadlock or a panic.
#[test]
fn a_runtime_that_is_shut_down_fails_fetches_and_nothing_else() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let clock = TestClock::at(crate::support::NOW);
    let (server, token) = runtime.block_on(async {
        let fetch = Scripted::new().await;
        fetch.set(Mood::Down);
        let server = server_by(&fetch, clock.clone()).await;
        (server, good_token().await.lifetime(HOUR).sign().unwrap())
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    let field = format!("Bearer {token}");
    for _ in 0..3 {
        let mut asked = std::pin::pin!(server.authenticate([field.as_bytes()]));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        match asked.as_mut().poll(&mut cx) {
            std::task::Poll::Ready(Err(error)) => assert_eq!(error.code(), "unavailable.keys"),
            other => panic!("{other:?}"),
        }
        clock.advance(MINUTE); // past any pause of the backoff
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_published_during_a_fetch_works_at_its_first_request() {
    let fetch = Scripted::new().await;
    // The fetch that is under way brings the old keys; the next one brings the new.
    let slow = Slow { first: OUTDATED.to_owned(), next: fetch.jwks(), asked: Arc::default() };
    let server = ResourceServer::builder()
        .trust(Issuer::jwks(issuer().await.issuer(), AUDIENCE, "https://a.example/jwks"))
        .fetcher(slow)
        .clock(VirtualClock(Instant::now()))
        .lazy()
        .build()
        .await
        .unwrap();
    pass(Duration::from_millis(500)).await;
    let token = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
}

/// The documents of an issuer that has lost its mind, one after the other.
#[derive(Debug)]
struct Losing {
    good: String,
    bad: Vec<&'static str>,
    asked: Arc<AtomicUsize>,
}

impl Fetch for Losing {
    fn fetch<'f>(
        &'f self,
        _: FetchRequest<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let text = match asked.checked_sub(1) {
            None => self.good.as_str(),
            Some(at) => self.bad[at % self.bad.len()],
        };
        Box::pin(std::future::ready(Ok(Document::new(text))))
    }
}

#[tokio::test(start_paused = true)]
async fn a_bad_document_never_replaces_good_keys() {
    let bad = vec![
        "",
        "null",
        "{}",
        r#"{"keys":null}"#,
        r#"{"keys":[]}"#,
        r#"{"keys":[{}]}"#,
        r#"{"keys":[],"keys":[]}"#,
        "<html>Service unavailable</html>",
        r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#,
    ];
    let (rounds, asked) = (bad.len(), Arc::new(AtomicUsize::new(0)));
    let good = issuer().await.jwks().to_string();
    let losing = Losing { good, bad, asked: Arc::clone(&asked) };
    let server = ResourceServer::builder()
        .trust(Issuer::jwks(issuer().await.issuer(), AUDIENCE, "https://a.example/jwks"))
        .fetcher(losing)
        .clock(VirtualClock(Instant::now()))
        .build()
        .await
        .unwrap();
    let token = good_token().await.sign().unwrap();
    while asked.load(Ordering::SeqCst) <= rounds {
        pass(MINUTE).await;
        assert_eq!(code(&server, &token).await, "accepted");
    }
}

/// Takes a second for each document; the first is an old one.
#[derive(Debug)]
struct Slow {
    first: String,
    next: String,
    asked: Arc<AtomicUsize>,
}

impl Fetch for Slow {
    fn fetch<'f>(
        &'f self,
        _: FetchRequest<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        let first = self.asked.fetch_add(1, Ordering::SeqCst) == 0;
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(Document::new(if first { self.first.as_str() } else { self.next.as_str() }))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn junk_never_waits_for_keys() {
    let fetch = Scripted::new().await;
    fetch.set(Mood::Hanging);
    let server = server(&fetch).await;
    let begin = Instant::now();
    let junk = good_token().await.audience("api://x").sign().unwrap();
    assert_eq!(code(&server, &junk).await, "unavailable.keys");
    assert_eq!(begin.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_given_up_leaves_the_others_waiting_for_the_same_fetch() {
    let fetch = Scripted::new().await;
    fetch.set(Mood::Hanging);
    let server = server(&fetch).await;
    let token = good_token().await.sign().unwrap();
    let impatient = tokio::time::timeout(Duration::from_secs(1), code(&server, &token)).await;
    assert!(impatient.is_err());
    assert_eq!(code(&server, &token).await, "unavailable.keys");
    assert_eq!(fetch.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waits_for_keys_spawns_no_task() {
    let fetch = Scripted::new().await;
    fetch.set(Mood::Hanging);
    let server = server(&fetch).await;
    pass(Duration::from_millis(1)).await;
    let field = format!("Bearer {}", good_token().await.sign().unwrap());
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let mut waiting: Vec<_> =
        (0..100).map(|_| Box::pin(server.authenticate([field.as_bytes()]))).collect();
    for request in &mut waiting {
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(request.as_mut().poll(&mut cx).is_pending());
    }
    assert_eq!(tasks(), before);
}
