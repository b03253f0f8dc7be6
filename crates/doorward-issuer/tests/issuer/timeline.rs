use doorward_issuer::{Algorithm, DevIssuer, Timeline};

use crate::{
    published_key::verifies,
    wire::{get, header, quick_issuer},
};

const TEXT: &str = r#"{ "timeline": [
    { "t": 100, "kids": ["a", "b"] }, { "t": 200, "kids": ["c", "a"] }, { "t": 300, "kids": [] }
] }"#;

async fn replaying() -> DevIssuer {
    let timeline = Timeline::parse(TEXT).unwrap();
    let builder = DevIssuer::builder().algorithms([Algorithm::Es256, Algorithm::EdDsa]);
    builder.timeline(timeline).start().await.unwrap()
}

#[tokio::test]
async fn first_moment_is_published_at_the_start() {
    let issuer = replaying().await;
    assert_eq!(issuer.key_ids(), ["a", "b"]);
    assert_eq!(get(&issuer.jwks_url()).await.json(), issuer.jwks());
}

#[tokio::test]
async fn publish_at_publishes_the_entry_of_that_time() {
    let issuer = replaying().await;
    for (at, key_ids) in [
        (250, &["c", "a"][..]),
        (300, &[]),
        (u64::MAX, &[]),
        (100, &["a", "b"]),
        (200, &["c", "a"]),
    ] {
        assert!(issuer.publish_at(at));
        assert_eq!(issuer.key_ids(), key_ids);
    }
}

#[tokio::test]
async fn time_before_the_first_moment_changes_nothing() {
    let issuer = replaying().await;
    assert!(issuer.publish_at(200));
    assert!(!issuer.publish_at(99));
    assert_eq!(issuer.key_ids(), ["c", "a"]);
}

#[tokio::test]
async fn issuer_without_a_timeline_shows_nothing() {
    let issuer = quick_issuer().await;
    let keys = issuer.jwks();
    assert!(!issuer.publish_at(100) && issuer.timeline().is_none());
    assert_eq!(issuer.jwks(), keys);
}

#[tokio::test]
async fn recorded_key_signs_if_selected_published_or_not() {
    let issuer = replaying().await;
    let sign = |key_id: &str| issuer.mint().key_id(key_id).sign().unwrap();
    let tokens = ["a", "b", "c"].map(sign);
    for (at, good) in [(100, [true, true, false]), (200, [true, false, true])] {
        issuer.publish_at(at);
        let published = get(&issuer.jwks_url()).await.json();
        assert_eq!(tokens.each_ref().map(|token| verifies(token, &published)), good);
    }
    assert_eq!(header(&tokens[2])["kid"], "c");
    assert_eq!(header(&tokens[2])["alg"], "ES256");
}

#[tokio::test]
async fn recorded_key_is_the_same_at_every_moment() {
    let issuer = replaying().await;
    let first = issuer.jwks()["keys"][0].clone();
    issuer.publish_at(200);
    assert_eq!(issuer.jwks()["keys"][1], first);
}

#[tokio::test]
async fn mint_without_a_key_id_signs_with_the_first_key_of_the_entry() {
    let issuer = replaying().await;
    let signer = || header(&issuer.mint().sign().unwrap())["kid"].clone();
    assert_eq!(signer(), "a");
    issuer.publish_at(200);
    assert_eq!(signer(), "c");
    assert_eq!(issuer.key_id_of(Algorithm::Es256).as_deref(), Some("c"));
}

#[tokio::test]
async fn own_keys_of_an_issuer_with_a_timeline_sign_and_are_not_published() {
    let issuer = replaying().await;
    for _ in 0..2 {
        let token = issuer.mint().algorithm(Algorithm::EdDsa).sign().unwrap();
        assert!(!verifies(&token, &issuer.jwks()));
        issuer.rotate_without_overlap().await.unwrap();
        assert_eq!(issuer.key_ids(), ["a", "b"]);
    }
}

#[tokio::test]
async fn recorded_key_is_withdrawn_and_restored() {
    let issuer = replaying().await;
    assert!(issuer.withdraw("a"));
    assert_eq!(issuer.key_ids(), ["b"]);
    issuer.publish_at(200);
    issuer.rotate_without_overlap().await.unwrap();
    assert_eq!(issuer.key_ids(), ["c"]);
    assert!(issuer.restore("a"));
    assert_eq!(issuer.key_ids(), ["c", "a"]);
    assert!(!issuer.withdraw("b"), "it is not published now");
}
