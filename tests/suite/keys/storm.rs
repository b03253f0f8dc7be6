//! Ten thousand requests at once: with a key that is new, while the issuer hangs, and from an attacker
//! who knows issuer and audience.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
    response::Response,
    routing::get,
};
use doorward::{Issuer, ResourceServer};
use doorward_axum::Gate;
use doorward_issuer::{Algorithm, DevIssuer};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet, time::Instant};
use tower::ServiceExt as _;

use super::host::{MINUTE, Mood, Scripted, pass, trusting};
use crate::support::{AUDIENCE, good_token, issuer};

const STORM: usize = 10_000;

fn api(server: ResourceServer) -> Router {
    let gate = Gate::new(server);
    Router::new().route("/", get(async || "ok").route_layer(gate.authenticated()))
}

async fn ask(api: Router, token: Arc<str>) -> Response {
    let request = Request::get("/").header(header::AUTHORIZATION, format!("Bearer {token}"));
    api.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

/// The answers to so many requests at once.
async fn storm(api: &Router, token: &str) -> Vec<Response> {
    let token: Arc<str> = token.into();
    let mut requests = JoinSet::new();
    for _ in 0..STORM {
        requests.spawn(ask(api.clone(), Arc::clone(&token)));
    }
    requests.join_all().await
}

async fn es256() -> DevIssuer {
    DevIssuer::builder().algorithms([Algorithm::Es256]).start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_cold_ten_thousand_requests_cost_one_fetch_and_all_are_served() {
    let issuer = es256().await;
    let server = ResourceServer::builder()
        .trust(Issuer::discover(issuer.issuer(), AUDIENCE))
        .allow_loopback_http()
        .lazy()
        .build()
        .await
        .unwrap();
    let answers = storm(&api(server), &issuer.mint().sign().unwrap()).await;
    assert!(answers.iter().all(|answer| answer.status() == StatusCode::OK));
    assert_eq!(issuer.jwks_requests(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_requests_with_a_new_key_cost_one_fetch_and_all_are_served() {
    let issuer = es256().await;
    let server = ResourceServer::builder()
        .trust(Issuer::discover(issuer.issuer(), AUDIENCE))
        .allow_loopback_http()
        .build()
        .await
        .unwrap();
    issuer.rotate().await.unwrap();
    let answers = storm(&api(server), &issuer.mint().sign().unwrap()).await;
    assert!(answers.iter().all(|answer| answer.status() == StatusCode::OK));
    assert_eq!(issuer.jwks_requests(), 2, "the first keys, and these");
}

fn assert_unavailable(answers: &[Response]) {
    for answer in answers {
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let retry_after = answer.headers()[header::RETRY_AFTER].to_str().unwrap();
        assert!((1..=10).contains(&retry_after.parse::<u64>().unwrap()), "{retry_after}");
        assert!(!answer.headers().contains_key(header::WWW_AUTHENTICATE));
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_issuer_hangs_all_are_answered_when_a_fetch_should_have_landed() {
    let fetch = Scripted::new().await;
    let server = trusting(&fetch).await.build().await.unwrap();
    fetch.set(Mood::Hanging);
    let api = api(server);
    let unknown = good_token().await.header("kid", "new").sign().unwrap();
    let begin = Instant::now();
    assert_unavailable(&storm(&api, &unknown).await);
    assert_eq!(begin.elapsed().as_secs(), 5);
    assert_eq!(fetch.asked(), 2, "the first keys, and one for all of these");
    // Within the cooldown nobody waits.
    let begin = Instant::now();
    assert_unavailable(&storm(&api, &unknown).await);
    assert_eq!((begin.elapsed(), fetch.asked()), (Duration::ZERO, 2));
}

/// The same on a real socket, whose issuer accepts and is silent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_socket_holds_nobody_longer_than_a_fetch_may_take() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepting = tokio::spawn(async move {
        let mut accepted = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            accepted.push(connection);
        }
    });
    let server = ResourceServer::builder()
        .trust(Issuer::jwks(issuer().await.issuer(), AUDIENCE, format!("http://{address}/")))
        .allow_loopback_http()
        .fetch_timeout(Duration::from_secs(1))
        .retry_backoff(Duration::from_secs(60), Duration::from_secs(60))
        .lazy()
        .build()
        .await
        .unwrap();
    let token = issuer().await.mint().audience(AUDIENCE).sign().unwrap();
    let begin = Instant::now();
    let answers = storm(&api(server), &token).await;
    // The fetch began before the storm, so nobody waits longer than it may take. Whoever waited for the
    // next one would wait for a minute; what is below that is the machine's.
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    assert!(answers.iter().all(|answer| answer.status() == StatusCode::SERVICE_UNAVAILABLE));
    accepting.abort();
}

async fn key(kid: &str) -> Value {
    super::host::key(Algorithm::Es256, kid).await
}

/// A minute of attack: 10,000 tokens with different unknown keys, which would pass otherwise. A good
/// client calls all the while, and in the middle the issuer publishes a new key and signs with it.
#[tokio::test(start_paused = true)]
async fn a_flood_of_unknown_keys_delays_a_new_key_by_one_cooldown_at_most() {
    let (a, b) = (key("a").await, key("b").await);
    let fetch = Scripted::publishing("");
    fetch.publish(&[&a]);
    let api = api(trusting(&fetch).await.build().await.unwrap());
    let signed = async |kid: &str| -> Arc<str> {
        good_token().await.algorithm(Algorithm::Es256).header("kid", kid).sign().unwrap().into()
    };
    let (good, new) = (signed("a").await, signed("b").await);
    let status = async |token: &Arc<str>| ask(api.clone(), Arc::clone(token)).await.status();
    let (begin, rotation) = (Instant::now(), Duration::from_secs(33));
    let (mut rotated, mut served) = (false, None);
    for attack in 0..STORM {
        let unknown = signed(&format!("unknown-{attack}")).await;
        assert_eq!(status(&unknown).await, StatusCode::UNAUTHORIZED);
        assert_eq!(status(&good).await, StatusCode::OK);
        if !rotated && begin.elapsed() >= rotation {
            fetch.publish(&[&a, &b]);
            rotated = true;
        }
        if rotated && status(&new).await == StatusCode::OK {
            served.get_or_insert(begin.elapsed());
        } else {
            assert_eq!(served, None, "once served, always served");
        }
        pass(Duration::from_millis(6)).await;
    }
    let delay = served.unwrap() - rotation;
    assert!(delay <= Duration::from_secs(10), "{delay:?}");
    assert!(begin.elapsed() >= MINUTE);
    let extra = fetch.asked() - 1;
    assert!(extra <= 7, "{extra} fetches in {:?}", begin.elapsed());
}

/// The budget of the scheduled refresh is its own: an attacker who has used up the cooldown does not
/// put it off.
#[tokio::test(start_paused = true)]
async fn a_flood_of_unknown_keys_does_not_put_the_scheduled_refresh_off() {
    let (a, b) = (key("a").await, key("b").await);
    let fetch = Scripted::publishing("");
    fetch.publish(&[&a]);
    let day = Duration::from_secs(24 * 3600);
    let builder = trusting(&fetch).await.unknown_key_cooldown(day);
    let api = api(builder.build().await.unwrap());
    let signed = async |kid: &str| -> Arc<str> {
        good_token().await.algorithm(Algorithm::Es256).header("kid", kid).sign().unwrap().into()
    };
    let unknown = signed("unknown").await;
    assert_eq!(ask(api.clone(), unknown).await.status(), StatusCode::UNAUTHORIZED);
    fetch.publish(&[&a, &b]);
    let new = signed("b").await;
    assert_eq!(ask(api.clone(), Arc::clone(&new)).await.status(), StatusCode::UNAUTHORIZED);
    pass(10 * MINUTE).await;
    assert_eq!(ask(api, new).await.status(), StatusCode::OK);
}

/// A client load of good tokens over a hundred rotations: each new key is published and used at once.
/// The next comes when the last was fetched and the cooldown is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_hundred_rotations_no_request_fails() {
    let issuer = Arc::new(es256().await);
    let server = ResourceServer::builder()
        .trust(Issuer::discover(issuer.issuer(), AUDIENCE))
        .allow_loopback_http()
        .unknown_key_cooldown(Duration::from_millis(10))
        .build()
        .await
        .unwrap();
    let api = api(server);
    let (token, tokens) = tokio::sync::watch::channel(issuer.mint().sign().unwrap());
    let mut clients = JoinSet::new();
    for _ in 0..8 {
        let (api, tokens) = (api.clone(), tokens.clone());
        clients.spawn(async move {
            let (mut served, mut failed) = (0_u32, 0_u32);
            while tokens.has_changed().is_ok() {
                let token: Arc<str> = tokens.borrow().as_str().into();
                match ask(api.clone(), token).await.status() {
                    StatusCode::OK => served += 1,
                    _ => failed += 1,
                }
                tokio::task::yield_now().await;
            }
            (served, failed)
        });
    }
    drop(tokens);
    for _ in 0..100 {
        let fetches = issuer.jwks_requests();
        issuer.rotate().await.unwrap();
        token.send_replace(issuer.mint().sign().unwrap());
        while issuer.jwks_requests() == fetches {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    drop(token);
    let (mut served, mut failed) = (0, 0);
    for (of_one, not) in clients.join_all().await {
        served += of_one;
        failed += not;
    }
    assert_eq!(failed, 0, "of {served}");
    assert!(served > 1000, "{served}");
    assert!((100..=110).contains(&issuer.jwks_requests()), "{}", issuer.jwks_requests());
}
