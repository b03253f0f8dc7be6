//! A development issuer at fault, over real HTTP: whatever it sends, good keys stay in use; a server
//! without keys says 503 and recovers with its issuer.

use std::time::Duration;

use doorward::{Issuer, ResourceServer, ResourceServerBuilder};
use doorward_issuer::{Algorithm, DevIssuer, Fault, Outage, Target};

use crate::support::{AUDIENCE, code, verdict};

async fn es256() -> DevIssuer {
    DevIssuer::builder().algorithms([Algorithm::Es256]).start().await.unwrap()
}

/// Impatient, so that the tests are not long.
fn impatient(issuer: &DevIssuer) -> ResourceServerBuilder {
    ResourceServer::builder()
        .trust(Issuer::discover(issuer.issuer(), AUDIENCE))
        .allow_loopback_http()
        .fetch_timeout(Duration::from_millis(300))
        .unknown_key_cooldown(Duration::from_millis(1))
        .retry_backoff(Duration::from_millis(100), Duration::from_millis(100))
}

/// What keeps keys from being had, of the key set and of the metadata alike.
fn faults() -> Vec<Fault> {
    vec![
        Fault::Delay(Duration::from_secs(5)),
        Fault::Trickle { pause: Duration::from_secs(1) },
        Fault::Cut { after: 20 },
        Fault::Status(500),
        Fault::Status(404),
        Fault::Status(204),
        Fault::Redirect("http://127.0.0.1:1/".to_owned()),
        Fault::Html,
        Fault::Truncated,
        Fault::Huge(600 * 1024),
    ]
}

/// And what makes a key set no good one.
fn of_the_set_alone() -> Vec<Fault> {
    vec![Fault::EmptySet, Fault::ManyKeys(10_000)]
}

async fn signed_by_unknown(issuer: &DevIssuer) -> String {
    issuer.mint().header("kid", "unknown").sign().unwrap()
}

/// With cached keys: they serve, and an unknown key is nobody's fault.
async fn assert_good_keys_serve(server: &ResourceServer, issuer: &DevIssuer, fault: &str) {
    // The last answer is no longer fresh enough to tell.
    tokio::time::sleep(Duration::from_millis(2)).await;
    let unknown = signed_by_unknown(issuer).await;
    assert_eq!(code(server, &unknown).await, "unavailable.issuer", "{fault}");
    let good = issuer.mint().sign().unwrap();
    assert_eq!(code(server, &good).await, "accepted", "{fault}");
    assert!(server.health().is_ready(), "{fault}");
    // Whoever waits gives up when the fetch does, and that may be told a moment later.
    let mut looks = 0;
    while server.health().issuers()[0].last_error.is_none() {
        looks += 1;
        assert!(looks < 500, "no error is told: {fault}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_host_leaves_good_keys_in_use() {
    let issuer = es256().await;
    let server = impatient(&issuer).build().await.unwrap();
    for fault in faults().into_iter().chain(of_the_set_alone()) {
        let told = format!("{fault:?}");
        issuer.fail(Target::KeySet, fault);
        assert_good_keys_serve(&server, &issuer, &told).await;
        issuer.clear_fault(Target::KeySet);
        until_answered(&server, &issuer, &told).await;
    }
    for outage in [Outage::Refuse, Outage::Reset, Outage::Hang] {
        let told = format!("{outage:?}");
        issuer.go_down(outage).unwrap();
        assert_good_keys_serve(&server, &issuer, &told).await;
        issuer.recover().unwrap();
        until_answered(&server, &issuer, &told).await;
    }
}

/// With the metadata at fault, the keys are still where they were.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_metadata_is_at_fault_a_new_key_is_found_where_keys_were() {
    let issuer = es256().await;
    let server = impatient(&issuer).build().await.unwrap();
    for fault in faults() {
        let told = format!("{fault:?}");
        issuer.fail(Target::Metadata, fault);
        issuer.rotate().await.unwrap();
        let token = issuer.mint().sign().unwrap();
        tokio::time::sleep(Duration::from_millis(2)).await;
        assert_eq!(code(&server, &token).await, "accepted", "{told}");
        assert!(server.health().issuers()[0].last_error.is_some(), "it is told: {told}");
        issuer.clear_fault(Target::Both);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_starts_during_a_fault_answers_503_and_recovers_with_its_issuer() {
    let mut cases: Vec<(Target, Fault)> = Vec::new();
    cases.extend(faults().into_iter().map(|fault| (Target::Metadata, fault)));
    cases.extend(faults().into_iter().map(|fault| (Target::KeySet, fault)));
    // Not modified, and nothing is at hand.
    cases.push((Target::KeySet, Fault::Status(304)));
    cases.extend(of_the_set_alone().into_iter().map(|fault| (Target::KeySet, fault)));
    let mut tried = tokio::task::JoinSet::new();
    for (target, fault) in cases {
        tried.spawn(async move {
            let (issuer, told) = (es256().await, format!("{target:?} {fault:?}"));
            issuer.fail(target, fault);
            let server = impatient(&issuer).lazy().build().await.unwrap();
            let good = issuer.mint().sign().unwrap();
            let refused = verdict(&server, &good).await.unwrap_err();
            assert_eq!(refused.code(), "unavailable.keys", "{told}");
            let denial = doorward::conformance::deny(&refused);
            assert_eq!(denial.status(), 503, "{told}");
            assert!(denial.fields().any(|(name, _)| name == "retry-after"), "{told}");
            assert!(!server.health().is_ready(), "{told}");
            issuer.clear_fault(Target::Both);
            until_accepted(&server, &good, &told).await;
        });
    }
    while let Some(tried) = tried.join_next().await {
        tried.unwrap();
    }
}

/// The issuer answers again what keys it has. A slow machine may still be busy with the fault.
async fn until_answered(server: &ResourceServer, issuer: &DevIssuer, fault: &str) {
    let mut tries = 0;
    while code(server, &signed_by_unknown(issuer).await).await != "key.unknown" {
        tries += 1;
        assert!(tries < 100, "not recovered: {fault}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Within some steps of the backoff, of 100 ms here.
async fn until_accepted(server: &ResourceServer, token: &str, told: &str) {
    let mut tries = 0;
    while code(server, token).await != "accepted" {
        tries += 1;
        assert!(tries < 200, "not recovered: {told}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(server.health().is_ready(), "{told}");
}

#[tokio::test]
async fn a_slow_issuer_is_waited_for_and_one_odd_key_costs_only_itself() {
    let issuer = es256().await;
    for fault in [
        Fault::Delay(Duration::from_millis(100)),
        Fault::OneBadKey,
        Fault::ManyKeys(100),
        Fault::ContentType("text/plain".to_owned()),
    ] {
        issuer.fail(Target::KeySet, fault.clone());
        let server = impatient(&issuer).build().await.unwrap();
        let good = issuer.mint().sign().unwrap();
        assert_eq!(code(&server, &good).await, "accepted", "{fault:?}");
    }
}

#[tokio::test]
async fn a_key_that_is_withdrawn_and_restored_dies_and_lives_again() {
    let issuer = es256().await;
    issuer.rotate().await.unwrap();
    let server = impatient(&issuer).build().await.unwrap();
    let kid = issuer.key_id_of(Algorithm::Es256).unwrap();
    let token = issuer.mint().sign().unwrap();
    assert!(issuer.withdraw(&kid));
    // A fetch for the sake of another key brings the set without it.
    assert_eq!(code(&server, &signed_by_unknown(&issuer).await).await, "key.unknown");
    assert_eq!(code(&server, &token).await, "key.unknown");
    assert!(issuer.restore(&kid));
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(code(&server, &token).await, "accepted");
}

#[tokio::test]
async fn a_key_set_that_has_not_changed_is_not_sent_again() {
    let issuer = es256().await;
    let server = impatient(&issuer).build().await.unwrap();
    for _ in 0..3 {
        assert_eq!(code(&server, &signed_by_unknown(&issuer).await).await, "key.unknown");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!((issuer.jwks_requests(), issuer.jwks_not_modified()), (4, 3));
    issuer.rotate().await.unwrap();
    assert_eq!(code(&server, &issuer.mint().sign().unwrap()).await, "accepted");
    assert_eq!((issuer.jwks_requests(), issuer.jwks_not_modified()), (5, 3));
}

#[tokio::test]
async fn freshness_is_what_the_issuer_says() {
    let issuer = es256().await;
    for (said, least, most) in [
        (Some("max-age=3600"), 2592, 3168),
        (Some("max-age=1"), 216, 264),
        (Some("no-store"), 216, 264),
        (Some("max-age=31536000, immutable"), 62_208, 76_032),
        (None, 432, 528),
    ] {
        issuer.cache_control(said);
        let server = impatient(&issuer).build().await.unwrap();
        let next = server.health().issuers()[0].next_refresh.unwrap().as_secs_f64();
        let (least, most) = (f64::from(least) - 2.0, f64::from(most) + 2.0);
        assert!((least..=most).contains(&next), "{said:?}: {next}");
    }
}
