use std::collections::HashSet;

use serde_json::Value;

use crate::{
    published_key::verifies,
    wire::{get, quick_issuer},
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
