//! What the operator is told of keys: by a readiness probe, by events, in the log.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use doorward::{
    ResourceServer,
    keys::{Health, IssuerHealth, KeyEvent, KeyState},
};
use serde_json::json;

use super::host::{HOUR, MINUTE, Mood, Scripted, pass, server, trusting};
use crate::support::{chain, code, good_token, issuer};

fn only(health: &Health) -> &IssuerHealth {
    match health.issuers() {
        [one] => one,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn health_follows_the_keys_from_missing_over_fresh_and_stale_to_missing() {
    let fetch = Scripted::new().await;
    fetch.set(Mood::Down);
    let server = server(&fetch).await;
    pass(Duration::from_secs(1)).await;
    let missing = server.health();
    assert!(!missing.is_ready());
    let one = only(&missing);
    assert_eq!((one.keys, one.published, one.age), (KeyState::Missing, 0, None));
    assert_eq!(one.usable_for, None);
    assert!(one.failures >= 1);
    let error = one.last_error.as_deref().unwrap();
    assert_eq!(error, "GET https://login.example.com/jwks failed: answered with status 503");

    fetch.set(Mood::Well);
    pass(MINUTE).await;
    let fresh = server.health();
    assert!(fresh.is_ready());
    let one = only(&fresh);
    assert_eq!((one.keys, one.failures, &one.last_error), (KeyState::Fresh, 0, &None));
    assert_eq!(one.issuer, issuer().await.issuer());
    assert!(one.published > 3 && one.withdrawn == 0);
    assert!(one.age.unwrap() <= MINUTE && one.next_refresh.unwrap() <= 9 * MINUTE);
    let day = one.age.unwrap() + one.usable_for.unwrap();
    assert_eq!(day, 24 * HOUR);

    fetch.set(Mood::Down);
    pass(HOUR).await;
    let stale = server.health();
    assert!(stale.is_ready(), "stale keys serve");
    assert_eq!(only(&stale).keys, KeyState::Stale);
    assert!(only(&stale).failures > 5);
    pass(24 * HOUR).await;
    assert!(!server.health().is_ready());
    assert_eq!(only(&server.health()).keys, KeyState::Missing);
    assert_eq!(only(&server.health()).usable_for, Some(Duration::ZERO));
}

#[tokio::test]
async fn fixed_keys_are_always_ready() {
    let server = crate::support::server().await;
    let health = server.health();
    assert!(health.is_ready());
    let one = only(&health);
    assert_eq!(one.keys, KeyState::Fixed);
    assert_eq!((one.age, one.next_refresh, one.usable_for), (None, None, None));
}

#[tokio::test(start_paused = true)]
async fn health_is_serialized_in_whole_seconds() {
    let fetch = Scripted::new().await;
    let server = trusting(&fetch).await.build().await.unwrap();
    pass(90 * Duration::from_secs(1)).await;
    let published = only(&server.health()).published;
    let mut json = serde_json::to_value(server.health()).unwrap();
    let next = json["issuers"][0].as_object_mut().unwrap().remove("next_refresh_seconds");
    assert!((342..=438).contains(&next.unwrap().as_u64().unwrap()));
    let expected = json!({ "issuers": [{
        "issuer": issuer().await.issuer(),
        "keys": "fresh",
        "published": published,
        "withdrawn": 0,
        "age_seconds": 90,
        "usable_for_seconds": 24 * 3600 - 90,
        "failures": 0,
        "last_error": null,
    }]});
    assert_eq!(json, expected);
}

#[tokio::test(start_paused = true)]
async fn one_silent_issuer_makes_the_server_unready_and_is_named() {
    let fetch = Scripted::new().await;
    let server = trusting(&fetch).await.lazy().build().await.unwrap();
    pass(Duration::from_secs(1)).await;
    assert!(server.health().is_ready());
    fetch.set(Mood::Down);
    let other = doorward::Issuer::jwks_url("https://b.example", "api://b", "https://b.example/k");
    server.trust(other).await.unwrap();
    pass(Duration::from_secs(1)).await;
    let health = server.health();
    assert!(!health.is_ready());
    let silent: Vec<_> = health.issuers().iter().filter(|issuer| !issuer.is_ready()).collect();
    assert_eq!((silent.len(), silent[0].issuer.as_str()), (1, "https://b.example"));
}

async fn telling(fetch: &Scripted) -> (ResourceServer, Arc<Mutex<Vec<KeyEvent>>>) {
    let told: Arc<Mutex<Vec<KeyEvent>>> = Arc::default();
    let tell = Arc::clone(&told);
    let builder = trusting(fetch).await.lazy();
    let builder = builder.on_key_event(move |event| tell.lock().unwrap().push(event.clone()));
    (builder.build().await.unwrap(), told)
}

#[tokio::test(start_paused = true)]
async fn the_hook_is_told_of_every_fetch_and_of_keys_that_come_and_go() {
    let fetch = Scripted::new().await;
    let (server, told) = telling(&fetch).await;
    pass(Duration::from_secs(1)).await;
    let of_first = told.lock().unwrap().pop().unwrap();
    let KeyEvent::Refreshed { issuer: name, added, withdrawn, next_refresh, .. } = of_first else {
        panic!("{of_first:?}")
    };
    assert_eq!(name, issuer().await.issuer());
    assert!(added.len() > 3 && withdrawn.is_empty());
    assert!((7 * MINUTE..=9 * MINUTE).contains(&next_refresh));

    fetch.set(Mood::Outdated);
    pass(10 * MINUTE).await;
    let of_second = told.lock().unwrap().pop().unwrap();
    let KeyEvent::Refreshed { added: came, withdrawn: went, .. } = of_second else {
        panic!("{of_second:?}")
    };
    assert_eq!(came.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["old"]);
    assert_eq!(went.len(), added.len());

    fetch.set(Mood::Down);
    pass(10 * MINUTE).await;
    let failed = told.lock().unwrap().pop().unwrap();
    let KeyEvent::RefreshFailed { error, failures, usable_for, next_refresh, .. } = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(
        chain(&error),
        "GET https://login.example.com/jwks failed: answered with status 503"
    );
    assert!(failures > 1 && next_refresh <= MINUTE);
    assert!(usable_for > 23 * HOUR && usable_for < 24 * HOUR);
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_panics_harms_nobody() {
    let fetch = Scripted::new().await;
    let builder = trusting(&fetch).await.on_key_event(|_| panic!("a bug of the operator's"));
    let server = builder.build().await.unwrap();
    let token = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
    pass(HOUR).await;
    assert_eq!(code(&server, &token).await, "accepted");
    let asked = fetch.asked();
    assert!((6..=10).contains(&asked), "refreshed in the background all the while: {asked}");
    assert_eq!(only(&server.health()).failures, 0);
}
