use std::collections::HashSet;

use doorward_issuer::{Algorithm, MintError};
use serde_json::{Value, json};

use crate::{
    published_key::verifies,
    wire::{get, header, quick_issuer},
};

fn key_ids(jwks: &Value) -> Vec<String> {
    let keys = jwks["keys"].as_array().unwrap();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn rotation_signs_with_a_new_key_and_keeps_the_old_one_published() {
    let issuer = quick_issuer().await;
    let (old_ids, old_token) = (key_ids(&issuer.jwks()), issuer.mint().sign().unwrap());
    issuer.rotate().await.unwrap();
    let (new_token, jwks) = (issuer.mint().sign().unwrap(), get(&issuer.jwks_url()).await.json());
    let ids = key_ids(&jwks);
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[1..], old_ids);
    assert_ne!(ids[0], ids[1]);
    assert!(verifies(&old_token, &jwks));
    assert!(verifies(&new_token, &jwks));
}

#[tokio::test]
async fn rotation_without_overlap_withdraws_every_old_key() {
    let issuer = quick_issuer().await;
    issuer.rotate().await.unwrap();
    let (old_ids, old_token) = (key_ids(&issuer.jwks()), issuer.mint().sign().unwrap());
    issuer.rotate_without_overlap().await.unwrap();
    let (new_token, jwks) = (issuer.mint().sign().unwrap(), get(&issuer.jwks_url()).await.json());
    let ids = key_ids(&jwks);
    assert_eq!(ids.len(), 1);
    assert!(!old_ids.contains(&ids[0]));
    assert!(!verifies(&old_token, &jwks));
    assert!(verifies(&new_token, &jwks));
}

#[tokio::test]
async fn key_ids_never_repeat() {
    let issuer = quick_issuer().await;
    for _ in 0..50 {
        issuer.rotate().await.unwrap();
    }
    let ids = key_ids(&issuer.jwks());
    assert_eq!(ids.len(), 51);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 51);
}

#[tokio::test]
async fn key_that_signs_is_named() {
    let issuer = quick_issuer().await;
    let key_id = issuer.key_id_of(Algorithm::Es256).unwrap();
    assert_eq!(issuer.key_ids(), std::slice::from_ref(&key_id));
    assert_eq!(header(&issuer.mint().sign().unwrap())["kid"], key_id);
    assert_eq!(issuer.key_id_of(Algorithm::Rs256), None);
    issuer.rotate().await.unwrap();
    assert_eq!(issuer.key_ids(), [issuer.key_id_of(Algorithm::Es256).unwrap(), key_id]);
}

#[tokio::test]
async fn withdrawn_key_signs_and_is_not_published_until_it_is_restored() {
    let issuer = quick_issuer().await;
    issuer.rotate().await.unwrap();
    let before = issuer.jwks();
    let key_id = issuer.key_id_of(Algorithm::Es256).unwrap();
    assert!(issuer.withdraw(&key_id));
    let token = issuer.mint().sign().unwrap();
    assert_eq!(header(&token)["kid"], key_id);
    let published = get(&issuer.jwks_url()).await.json();
    assert_eq!(key_ids(&published), key_ids(&before)[1..]);
    assert!(!verifies(&token, &published));
    assert!(issuer.restore(&key_id));
    assert_eq!(get(&issuer.jwks_url()).await.json(), before);
}

#[tokio::test]
async fn key_that_is_not_published_is_not_withdrawn_and_one_that_is_not_withdrawn_not_restored() {
    let issuer = quick_issuer().await;
    let key_id = issuer.key_id_of(Algorithm::Es256).unwrap();
    assert!(!issuer.withdraw("unknown") && !issuer.restore("unknown"));
    assert!(!issuer.restore(&key_id));
    assert!(issuer.withdraw(&key_id) && !issuer.withdraw(&key_id));
    assert!(issuer.restore(&key_id) && !issuer.restore(&key_id));
}

#[tokio::test]
async fn withdrawn_key_stays_so_through_a_rotation() {
    let issuer = quick_issuer().await;
    let key_id = issuer.key_id_of(Algorithm::Es256).unwrap();
    issuer.withdraw(&key_id);
    issuer.rotate().await.unwrap();
    assert_eq!(issuer.key_ids(), [issuer.key_id_of(Algorithm::Es256).unwrap()]);
    issuer.restore(&key_id);
    assert_eq!(issuer.key_ids()[1..], [key_id]);
}

#[tokio::test]
async fn earlier_key_signs_if_selected_until_it_is_removed() {
    let issuer = quick_issuer().await;
    let key_id = issuer.key_id_of(Algorithm::Es256).unwrap();
    issuer.rotate().await.unwrap();
    let token = issuer.mint().key_id(&key_id).sign().unwrap();
    assert_eq!(header(&token)["kid"], key_id);
    assert!(verifies(&token, &issuer.jwks()));
    issuer.rotate_without_overlap().await.unwrap();
    let error = issuer.mint().key_id(&key_id).sign().unwrap_err();
    assert_eq!(error, MintError::UnknownKey { key_id });
}

#[tokio::test]
async fn later_of_key_id_and_algorithm_counts() {
    let issuer = quick_issuer().await;
    issuer.mint().key_id("unknown").algorithm(Algorithm::Es256).sign().unwrap();
    let error = issuer.mint().algorithm(Algorithm::Es256).key_id("unknown").sign().unwrap_err();
    assert_eq!(error.to_string(), "the issuer has no key \"unknown\"");
}

#[tokio::test]
async fn any_document_can_replace_the_key_set() {
    let issuer = quick_issuer().await;
    let keys = issuer.jwks();
    for document in [json!({ "keys": [{ "kid": "a" }, {}, 1] }), json!([]), json!(null)] {
        issuer.publish(Some(document.clone()));
        assert_eq!(get(&issuer.jwks_url()).await.json(), document);
        assert_eq!(issuer.jwks(), document);
    }
    assert!(issuer.key_ids().is_empty());
    issuer.publish(None);
    assert_eq!(get(&issuer.jwks_url()).await.json(), keys);
}
