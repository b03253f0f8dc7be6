//! Which keys are tried on a token: named ones, those without a key ID, and the same key under several
//! entries.

use doorward::{Issuer, Keys, ResourceServer};
use doorward_issuer::Algorithm;
use serde_json::{Value, json};

use super::host::{Scripted, key, token, trusting};
use crate::support::{AUDIENCE, NOW, TestClock, code, good_token, issuer};

const ES: Algorithm = Algorithm::Es256;
const ED: Algorithm = Algorithm::EdDsa;

fn without_kid(mut jwk: Value) -> Value {
    jwk.as_object_mut().unwrap().remove("kid");
    jwk
}

/// A server with a fixed set of keys.
async fn fixed(keys: &[&Value], describe: impl FnOnce(Issuer) -> Issuer) -> ResourceServer {
    let keys = Keys::jwks(json!({ "keys": keys }).to_string());
    ResourceServer::builder()
        .trust(describe(Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, keys)))
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap()
}

/// Keys that fit RS256, each different from the others.
async fn rsa_keys(count: usize) -> Vec<Value> {
    let others = [Algorithm::Rs384, Algorithm::Rs512, Algorithm::Ps256, Algorithm::Ps384];
    let mut keys = Vec::new();
    for algorithm in [Algorithm::Rs256].into_iter().chain(others).take(count) {
        let mut key = key(algorithm, &format!("of {}", algorithm.name())).await;
        key["alg"] = json!("RS256");
        keys.push(key);
    }
    keys
}

#[tokio::test]
async fn the_same_key_under_several_entries_leaves_no_choice() {
    let mut keys = vec![key(ES, "a").await, key(ES, "b").await, without_kid(key(ES, "").await)];
    let server = fixed(&keys.iter().collect::<Vec<_>>(), |issuer| issuer).await;
    let nameless = good_token().await.algorithm(ES).without_header("kid").sign().unwrap();
    assert_eq!(code(&server, &nameless).await, "accepted");
    keys.extend(rsa_keys(2).await);
    let server = fixed(&keys.iter().collect::<Vec<_>>(), |issuer| issuer).await;
    assert_eq!(code(&server, &nameless).await, "accepted");
    let nameless = good_token().await.algorithm(Algorithm::Rs256).without_header("kid");
    assert_eq!(code(&server, &nameless.sign().unwrap()).await, "key.ambiguous");
}

#[tokio::test]
async fn up_to_four_keys_are_tried_on_a_token_without_a_key_id_where_that_was_asked_for() {
    let nameless = good_token().await.algorithm(Algorithm::Rs256).without_header("kid");
    let nameless = nameless.sign().unwrap();
    for (others, expected) in [(1, "accepted"), (3, "accepted"), (4, "signature.invalid")] {
        let mut keys = rsa_keys(others + 1).await;
        keys.rotate_left(1);
        let keys: Vec<&Value> = keys.iter().collect();
        let server = fixed(&keys, Issuer::try_all_keys).await;
        assert_eq!(code(&server, &nameless).await, expected, "after {others} others");
        let server = fixed(&keys, |issuer| issuer).await;
        assert_eq!(code(&server, &nameless).await, "key.ambiguous", "after {others} others");
    }
}

/// RFC 7515 §4.1.4; keys that the token names are tried first.
#[tokio::test]
async fn a_jwk_without_a_key_id_verifies_tokens_that_name_one() {
    let nameless = without_kid(key(ES, "").await);
    let server = fixed(&[&nameless], |issuer| issuer).await;
    assert_eq!(code(&server, &token(ES, "any").await).await, "accepted");
    let rsa = rsa_keys(5).await;
    let mut keys: Vec<Value> = rsa[1..].iter().cloned().map(without_kid).collect();
    keys.push(rsa[0].clone());
    let server = fixed(&keys.iter().collect::<Vec<_>>(), |issuer| issuer).await;
    let good = token(Algorithm::Rs256, "of RS256").await;
    assert_eq!(code(&server, &good).await, "accepted");
    let other = token(Algorithm::Rs256, "unknown").await;
    assert_eq!(code(&server, &other).await, "signature.invalid", "the four without a key ID");
}

/// A set without key IDs must not keep the server from asking for a key that is named.
#[tokio::test(start_paused = true)]
async fn a_named_key_that_follows_one_without_a_key_id_works_at_its_first_request() {
    let mut old = without_kid(key(ED, "").await);
    old["x"] = json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    let fetch = Scripted::publishing("");
    fetch.publish(&[&old]);
    let server = trusting(&fetch).await.build().await.unwrap();
    fetch.publish(&[&key(ED, "new").await]);
    assert_eq!(code(&server, &token(ED, "new").await).await, "accepted");
    assert_eq!(fetch.asked(), 2);
}
