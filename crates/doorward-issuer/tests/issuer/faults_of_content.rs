use std::collections::BTreeSet;

use doorward_issuer::{Fault, Target};
use serde_json::{Value, json};

use crate::{
    published_key::verifies,
    wire::{get, quick_issuer},
};

#[tokio::test]
async fn empty_set_has_no_keys() {
    let issuer = quick_issuer().await;
    issuer.fail(Target::KeySet, Fault::EmptySet);
    assert_eq!(get(&issuer.jwks_url()).await.json(), json!({ "keys": [] }));
}

#[tokio::test]
async fn bad_key_precedes_the_correct_ones() {
    let issuer = quick_issuer().await;
    issuer.fail(Target::KeySet, Fault::OneBadKey);
    let served = get(&issuer.jwks_url()).await.json();
    let keys = served["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    assert!(keys[0]["n"].is_number());
    assert_eq!(keys[1], issuer.jwks()["keys"][0]);
    assert!(verifies(&issuer.mint().sign().unwrap(), &served));
}

#[tokio::test]
async fn correct_key_is_among_the_given_number_of_others_with_ids_of_their_own() {
    let issuer = quick_issuer().await;
    for count in [0, 1, 2, 5001] {
        issuer.fail(Target::KeySet, Fault::ManyKeys(count));
        let served = get(&issuer.jwks_url()).await.json();
        let keys = served["keys"].as_array().unwrap();
        assert_eq!(keys.len(), count + 1);
        assert_eq!(keys[count / 2], issuer.jwks()["keys"][0]);
        let names: BTreeSet<_> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
        assert_eq!(names.len(), keys.len());
        assert!(keys.iter().all(|key| key["kty"] == "EC" && key["x"].is_string()));
    }
}

#[tokio::test]
async fn truncated_document_is_the_first_half_with_its_own_length() {
    let issuer = quick_issuer().await;
    issuer.fail(Target::Both, Fault::Truncated);
    for url in [issuer.jwks_url(), issuer.metadata_url()] {
        issuer.fail(Target::Both, Fault::Truncated);
        let answer = get(&url).await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("content-length"), Some(&*answer.body.len().to_string()));
        serde_json::from_str::<Value>(&answer.body).unwrap_err();
        issuer.clear_fault(Target::Both);
        let whole = get(&url).await.body;
        assert_eq!(answer.body.as_bytes(), &whole.as_bytes()[..whole.len() / 2]);
    }
}

#[tokio::test]
async fn fault_of_the_key_set_does_not_affect_the_metadata() {
    let issuer = quick_issuer().await;
    let good = get(&issuer.metadata_url()).await.json();
    for fault in [Fault::EmptySet, Fault::OneBadKey, Fault::ManyKeys(3)] {
        issuer.fail(Target::Both, fault);
        assert_eq!(get(&issuer.metadata_url()).await.json(), good);
    }
}

#[tokio::test]
async fn handle_returns_the_key_set_without_the_fault() {
    let issuer = quick_issuer().await;
    let good = issuer.jwks();
    issuer.fail(Target::KeySet, Fault::EmptySet);
    assert_eq!(issuer.jwks(), good);
}

#[tokio::test]
async fn fault_of_content_does_not_change_a_document_without_keys() {
    let issuer = quick_issuer().await;
    issuer.publish(Some(json!({ "error": "none" })));
    issuer.fail(Target::KeySet, Fault::OneBadKey);
    assert_eq!(get(&issuer.jwks_url()).await.json(), json!({ "error": "none" }));
}
