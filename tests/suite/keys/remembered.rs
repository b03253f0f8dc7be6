//! Tokens that were verified before: no signature is checked again, and each dies when it would have
//! to be refused. Whether one was remembered shows in its claims, which then are not read again.

use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use doorward::{
    AccessToken, Issuer, Keys, ResourceServer, ResourceServerBuilder,
    clock::{Clock, UnixTime},
};
use doorward_issuer::Algorithm;

use super::host::{HOUR, MINUTE, Mood, Scripted, VirtualClock, key, pass, token};
use crate::support::{AUDIENCE, NOW, TestClock, code, good_token, issuer, shared_keys};

const ES: Algorithm = Algorithm::Es256;
const ED: Algorithm = Algorithm::EdDsa;

async fn fetching(fetch: &Scripted, describe: impl FnOnce(Issuer) -> Issuer) -> ResourceServer {
    let issuer =
        Issuer::jwks_url(issuer().await.issuer(), AUDIENCE, "https://login.example.com/jwks");
    ResourceServer::builder()
        .trust(describe(issuer))
        .fetcher(fetch.clone())
        .clock(VirtualClock::new())
        .build()
        .await
        .unwrap()
}

async fn fixed(clock: &TestClock) -> ResourceServerBuilder {
    let issuer = Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, shared_keys().await);
    ResourceServer::builder().trust(issuer).clock(clock.clone())
}

/// Sends the token, and twice more: at the third time it is found near.
async fn verified(server: &ResourceServer, token: &str) -> AccessToken {
    let field = format!("Bearer {token}");
    let ask = async || server.authenticate([field.as_bytes()]).await.unwrap();
    let first = ask().await;
    drop((ask().await, ask().await));
    first
}

/// Whether the two were read from the signed text by one and the same look at it.
fn ptr_eq(one: &AccessToken, other: &AccessToken) -> bool {
    std::ptr::eq(one.json(), other.json())
}

/// Whether the server remembers the token, which is good.
async fn remembers(server: &ResourceServer, token: &str, before: &AccessToken) -> bool {
    ptr_eq(before, &verified(server, token).await)
}

#[tokio::test]
async fn a_token_is_verified_once_and_remembered() {
    let server = fixed(&TestClock::at(NOW)).await.build().await.unwrap();
    let (one, two) = (good_token().await.sign().unwrap(), good_token().await.sign().unwrap());
    let first = verified(&server, &one).await;
    assert!(remembers(&server, &one, &first).await);
    assert!(!ptr_eq(&first, &verified(&server, &two).await), "each token has its own claims");
    assert!(remembers(&server.clone(), &one, &first).await, "clones are one server");
    let other = fixed(&TestClock::at(NOW)).await.build().await.unwrap();
    assert!(!remembers(&other, &one, &first).await, "another server is another");
}

/// What is found near is looked for among all from time to time.
#[tokio::test]
async fn a_token_is_remembered_however_often_it_is_used() {
    let server = fixed(&TestClock::at(NOW)).await.build().await.unwrap();
    let token = good_token().await.sign().unwrap();
    let first = verified(&server, &token).await;
    for use_ in 0..1000 {
        assert!(remembers(&server, &token, &first).await, "{use_}");
    }
}

#[tokio::test]
async fn a_token_is_remembered_for_an_hour_however_long_it_is_good() {
    let clock = TestClock::at(NOW);
    let server = fixed(&clock).await.build().await.unwrap();
    let token = good_token().await.claim("exp", NOW + 7200).sign().unwrap();
    let first = verified(&server, &token).await;
    clock.advance(HOUR - Duration::from_secs(1));
    assert!(remembers(&server, &token, &first).await);
    clock.advance(Duration::from_secs(1));
    let again = verified(&server, &token).await;
    assert!(!ptr_eq(&first, &again));
    assert!(remembers(&server, &token, &again).await);
}

/// A thread that asks the server about the token whenever it is told to.
struct Thread {
    asks: mpsc::Sender<()>,
    answers: mpsc::Receiver<AccessToken>,
}

impl Thread {
    fn asking(server: &ResourceServer, token: &str) -> Self {
        let (server, field) = (server.clone(), format!("Bearer {token}"));
        let ((asks, asked), (answer, answers)) = (mpsc::channel(), mpsc::channel());
        thread::spawn(move || {
            while asked.recv().is_ok() {
                let token = server.authenticate([field.as_bytes()]).into_ready().unwrap();
                answer.send(token.unwrap()).unwrap();
            }
        });
        Self { asks, answers }
    }

    fn ask(&self) -> AccessToken {
        self.asks.send(()).unwrap();
        self.answers.recv().unwrap()
    }
}

#[tokio::test]
async fn a_token_that_one_thread_has_evicted_is_forgotten_by_all() {
    let server = fixed(&TestClock::at(NOW)).await.build().await.unwrap();
    let token = good_token().await.sign().unwrap();
    let first = verified(&server, &token).await;
    let threads = [Thread::asking(&server, &token), Thread::asking(&server, &token)];
    let all_remember = |seen: &AccessToken| {
        threads.iter().all(|thread| (0..3).all(|_| ptr_eq(seen, &thread.ask())))
    };
    assert!(all_remember(&first));
    server.evict(&token);
    let second = threads[0].ask();
    assert!(!ptr_eq(&first, &second));
    assert!(all_remember(&second));
    server.evict_all();
    let third = threads[1].ask();
    assert!(!ptr_eq(&second, &third));
    assert!(all_remember(&third));
}

#[tokio::test]
async fn no_token_is_remembered_where_that_was_set() {
    for builder in [
        fixed(&TestClock::at(NOW)).await.max_cached_tokens(0),
        fixed(&TestClock::at(NOW)).await.max_cached_token_bytes(0),
    ] {
        let server = builder.build().await.unwrap();
        let token = good_token().await.sign().unwrap();
        let first = verified(&server, &token).await;
        assert!(!remembers(&server, &token, &first).await);
    }
}

#[tokio::test]
async fn a_limit_that_is_as_good_as_none_leaves_the_other() {
    for builder in [
        fixed(&TestClock::at(NOW)).await.max_cached_tokens(u64::MAX),
        fixed(&TestClock::at(NOW)).await.max_cached_token_bytes(u64::MAX),
    ] {
        let server = builder.build().await.unwrap();
        let token = good_token().await.sign().unwrap();
        let first = verified(&server, &token).await;
        assert!(remembers(&server, &token, &first).await);
    }
}

#[tokio::test]
async fn a_remembered_token_is_found_by_its_whole_text_alone() {
    let server = fixed(&TestClock::at(NOW)).await.build().await.unwrap();
    let token = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
    let (signed, signature) = token.rsplit_once('.').unwrap();
    for at in (0..signed.len()).step_by(7) {
        let mut other = signed.as_bytes().to_vec();
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        let other = format!("{}.{signature}", String::from_utf8(other).unwrap());
        assert_ne!(code(&server, &other).await, "accepted", "{at}");
    }
    for other in [
        format!("{signed}."),
        signed.to_owned(),
        format!("{token}="),
        format!("{signed}.{}", &signature[1..]),
        format!("{signed}.{}", "A".repeat(signature.len())),
    ] {
        assert_ne!(code(&server, &other).await, "accepted", "{other}");
    }
}

#[tokio::test]
async fn a_remembered_token_dies_when_it_expires() {
    let clock = TestClock::at(NOW);
    let server = fixed(&clock).await.build().await.unwrap();
    let token = good_token().await.lifetime(Duration::from_secs(300)).sign().unwrap();
    let first = verified(&server, &token).await;
    clock.advance(Duration::from_secs(359));
    assert!(remembers(&server, &token, &first).await, "within the leeway of 60 s");
    clock.advance(Duration::from_secs(1));
    assert_eq!(code(&server, &token).await, "policy.expired");
}

#[tokio::test]
async fn a_remembered_token_is_held_against_a_clock_that_was_set_back() {
    let clock = TestClock::at(NOW);
    let server = fixed(&clock).await.build().await.unwrap();
    let now = i64::try_from(NOW).unwrap();
    let token = good_token().await.claim("nbf", now + 60).sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
    clock.set(NOW - 1);
    assert_eq!(code(&server, &token).await, "policy.not_yet_valid");
}

#[tokio::test]
async fn a_rule_is_checked_on_every_request_and_knows_the_time() {
    let clock = TestClock::at(NOW);
    let server = fixed(&clock).await.build().await.unwrap();
    let token = good_token().await.claim("auth_time", NOW).scope("a").sign().unwrap();
    let recent = doorward::rules::max_age(Duration::from_secs(100));
    let first = verified(&server, &token).await;
    assert!(recent.authorize(&first).is_ok());
    clock.advance(Duration::from_secs(161));
    let again = verified(&server, &token).await;
    assert!(ptr_eq(&first, &again) && recent.authorize(&again).is_err());
    assert!(doorward::scope!("b").authorize(&again).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_remembered_token_outlives_refreshes_and_dies_with_its_key() {
    let fetch = Scripted::publishing("");
    fetch.publish(&[&key(ES, "a").await, &key(ED, "b").await]);
    let server = fetching(&fetch, |issuer| issuer).await;
    let (a, b) = (token(ES, "a").await, token(ED, "b").await);
    let (first_a, first_b) = (verified(&server, &a).await, verified(&server, &b).await);
    fetch.publish(&[&key(ED, "b").await, &key(ES, "a").await, &key(ES, "c").await]);
    pass(10 * MINUTE).await;
    assert_eq!(code(&server, &token(ES, "c").await).await, "accepted", "the set is the new one");
    assert!(remembers(&server, &a, &first_a).await && remembers(&server, &b, &first_b).await);
    fetch.publish(&[&key(ED, "b").await]);
    pass(10 * MINUTE).await;
    assert_eq!(code(&server, &a).await, "key.unknown");
    assert!(remembers(&server, &b, &first_b).await, "other keys are other keys");
}

#[tokio::test(start_paused = true)]
async fn a_remembered_token_dies_when_its_key_id_passes_to_another_key() {
    let fetch = Scripted::publishing("");
    fetch.publish(&[&key(ES, "a").await]);
    let server = fetching(&fetch, |issuer| issuer.keep_removed_keys_for(24 * HOUR)).await;
    let a = token(ES, "a").await;
    assert_eq!(code(&server, &a).await, "accepted");
    fetch.publish(&[&key(ED, "a").await]);
    pass(10 * MINUTE).await;
    assert_eq!(code(&server, &a).await, "key.algorithm_mismatch");
}

#[tokio::test(start_paused = true)]
async fn a_remembered_token_of_a_kept_key_dies_when_that_does() {
    let fetch = Scripted::publishing("");
    fetch.publish(&[&key(ES, "a").await, &key(ED, "b").await]);
    let server = fetching(&fetch, |issuer| issuer.keep_removed_keys_for(2 * HOUR)).await;
    let a = token(ES, "a").await;
    let first = verified(&server, &a).await;
    fetch.publish(&[&key(ED, "b").await]);
    pass(HOUR).await;
    assert!(remembers(&server, &a, &first).await);
    fetch.set(Mood::Down);
    pass(HOUR + 10 * MINUTE).await;
    assert!(["key.unknown", "unavailable.issuer"].contains(&code(&server, &a).await));
}

#[tokio::test(start_paused = true)]
async fn a_remembered_token_dies_when_its_keys_are_too_old_and_lives_again_with_them() {
    let fetch = Scripted::publishing("");
    fetch.publish(&[&key(ES, "a").await]);
    let server = fetching(&fetch, |issuer| issuer).await;
    let a = token(ES, "a").await;
    assert_eq!(code(&server, &a).await, "accepted");
    fetch.set(Mood::Down);
    pass(25 * HOUR).await;
    assert_eq!(code(&server, &a).await, "unavailable.keys");
    fetch.set(Mood::Well);
    pass(2 * MINUTE).await;
    assert_eq!(code(&server, &a).await, "accepted");
}

#[tokio::test(start_paused = true)]
async fn a_remembered_token_dies_when_its_key_is_forgotten() {
    let fetch = Scripted::publishing("");
    fetch.publish(&[&key(ES, "a").await]);
    let server = fetching(&fetch, |issuer| issuer).await;
    let a = token(ES, "a").await;
    assert_eq!(code(&server, &a).await, "accepted");
    server.forget_key(issuer().await.issuer(), "a").unwrap();
    assert_eq!(code(&server, &a).await, "key.forgotten");
}

/// A key of a PEM text verifies tokens of any key ID, and is not dropped with one.
#[tokio::test]
async fn a_remembered_token_dies_when_the_key_id_that_it_names_is_forgotten() {
    let keys = Keys::pem(crate::fixed_keys::certificate("ES256").await);
    let server = ResourceServer::builder()
        .trust(Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, keys))
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap();
    let a = token(ES, "a").await;
    assert_eq!(code(&server, &a).await, "accepted");
    server.forget_key(issuer().await.issuer(), "a").unwrap();
    assert_eq!(code(&server, &a).await, "key.forgotten");
}

#[tokio::test]
async fn a_remembered_token_dies_with_its_issuer_and_with_the_policy() {
    let server = fixed(&TestClock::at(NOW)).await.build().await.unwrap();
    let name = issuer().await.issuer();
    let second = Issuer::fixed_keys("https://b.example", AUDIENCE, shared_keys().await);
    server.trust(second).await.unwrap();
    let token = good_token().await.sign().unwrap();
    let of_second = good_token().await.claim("iss", "https://b.example").sign().unwrap();
    let first = verified(&server, &of_second).await;
    assert_eq!(code(&server, &token).await, "accepted");
    server.distrust(name).unwrap();
    assert_eq!(code(&server, &token).await, "policy.untrusted_issuer");
    let other = Issuer::fixed_keys(name, "api://other", shared_keys().await);
    server.trust(other).await.unwrap();
    assert_eq!(code(&server, &token).await, "policy.audience");
    assert!(remembers(&server, &of_second, &first).await, "the other issuer was not touched");
}

/// What is remembered must not keep the fetching alive.
#[tokio::test(start_paused = true)]
async fn keys_are_no_longer_fetched_for_tokens_that_are_remembered() {
    for by_distrust in [true, false] {
        let fetch = Scripted::publishing("");
        fetch.publish(&[&key(ES, "a").await]);
        let server = fetching(&fetch, |issuer| issuer).await;
        let a = token(ES, "a").await;
        assert_eq!(code(&server, &a).await, "accepted");
        pass(10 * MINUTE).await;
        let asked = fetch.asked();
        assert!(asked > 1, "{asked}");
        let kept = by_distrust.then(|| server.clone());
        if by_distrust {
            server.distrust(issuer().await.issuer()).unwrap();
        }
        drop(server);
        pass(HOUR).await;
        assert_eq!(fetch.asked(), asked, "distrusted: {by_distrust}");
        drop(kept);
    }
}

#[tokio::test]
async fn a_token_is_evicted_by_its_text_and_all_are_evicted_at_once() {
    let server = fixed(&TestClock::at(NOW)).await.build().await.unwrap();
    let (one, two) = (good_token().await.sign().unwrap(), good_token().await.sign().unwrap());
    let (first_one, first_two) = (verified(&server, &one).await, verified(&server, &two).await);
    server.evict(&one);
    assert!(remembers(&server, &two, &first_two).await);
    let again = verified(&server, &one).await;
    assert!(!ptr_eq(&first_one, &again));
    server.evict_all();
    assert!(!remembers(&server, &one, &again).await);
    assert!(!remembers(&server, &two, &first_two).await);
}

/// A clock that has the server forget all tokens as soon as it is asked, once.
#[derive(Clone, Debug, Default)]
struct Meddling(Arc<Mutex<Option<ResourceServer>>>);

impl Clock for Meddling {
    fn now(&self) -> Option<UnixTime> {
        let server = self.0.lock().unwrap().take();
        server.inspect(ResourceServer::evict_all);
        Some(UnixTime::from_secs(NOW))
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

#[tokio::test]
async fn what_is_being_verified_while_all_is_forgotten_is_not_remembered() {
    let clock = Meddling::default();
    let server = fixed(&TestClock::at(NOW)).await.clock(clock.clone()).build().await.unwrap();
    let token = good_token().await.sign().unwrap();
    *clock.0.lock().unwrap() = Some(server.clone());
    let first = verified(&server, &token).await;
    assert!(clock.0.lock().unwrap().is_none(), "the clock has meddled");
    let second = verified(&server, &token).await;
    assert!(!ptr_eq(&first, &second));
    assert!(remembers(&server, &token, &second).await);
}

/// Which of its issuer's keys verifies it depends on all of them.
#[tokio::test(start_paused = true)]
async fn a_token_that_names_no_key_is_not_remembered_while_keys_may_change() {
    let fetch = Scripted::publishing("");
    fetch.publish(&[&key(ES, "a").await]);
    let server = fetching(&fetch, |issuer| issuer).await;
    let nameless = good_token().await.algorithm(ES).without_header("kid").sign().unwrap();
    let first = verified(&server, &nameless).await;
    assert!(!remembers(&server, &nameless, &first).await);
}

#[tokio::test]
async fn refusals_are_not_remembered_and_evict_nothing() {
    let clock = TestClock::at(NOW);
    let server = fixed(&clock).await.max_cached_tokens(8).build().await.unwrap();
    let good = good_token().await.sign().unwrap();
    let first = verified(&server, &good).await;
    let signed = good.rsplit_once('.').unwrap().0;
    for forged in 0..1000 {
        let forged = format!("{signed}.{forged:0>86}");
        assert_ne!(code(&server, &forged).await, "accepted");
    }
    assert!(remembers(&server, &good, &first).await);
    let early = good_token().await.claim("nbf", NOW + 100).sign().unwrap();
    assert_eq!(code(&server, &early).await, "policy.not_yet_valid");
    clock.advance(Duration::from_secs(50));
    assert_eq!(code(&server, &early).await, "accepted");
}

#[tokio::test]
async fn no_more_tokens_are_remembered_than_the_limits_allow() {
    let tokens = async |count: usize, padding: usize| {
        let mut tokens = Vec::new();
        for _ in 0..count {
            let mint = good_token().await.algorithm(ED).claim("padding", "x".repeat(padding));
            tokens.push(mint.sign().unwrap());
        }
        tokens
    };
    let ten = async || fixed(&TestClock::at(NOW)).await.max_cached_tokens(10);
    for (limit, builder, padding) in [
        (10, ten().await, 0),
        (10, ten().await.max_cached_token_bytes(u64::MAX), 0),
        (16, fixed(&TestClock::at(NOW)).await.max_cached_token_bytes(16 * 8000), 3000),
    ] {
        let server = builder.build().await.unwrap();
        let tokens = tokens(200, padding).await;
        let mut seen = Vec::new();
        for token in &tokens {
            seen.push(verified(&server, token).await);
        }
        // Evicting takes place beside other work; this is some.
        for _ in 0..2000 {
            assert_eq!(code(&server, "x").await, "token.not_compact");
        }
        let mut remembered = 0;
        for (token, first) in tokens.iter().zip(&seen) {
            remembered += usize::from(remembers(&server, token, first).await);
        }
        assert!((1..=limit).contains(&remembered), "{remembered} of at most {limit}");
    }
}
