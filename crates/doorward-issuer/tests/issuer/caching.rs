use doorward_issuer::{DevIssuer, ETags, Fault, Target};
use reqwest::header::IF_NONE_MATCH;

use crate::wire::{Answer, get, http, quick_issuer, send};

async fn get_unless(issuer: &DevIssuer, tags: &str) -> Answer {
    send(http().get(issuer.jwks_url()).header(IF_NONE_MATCH, tags)).await
}

async fn tag(issuer: &DevIssuer) -> String {
    get(&issuer.jwks_url()).await.header("etag").unwrap().to_owned()
}

#[tokio::test]
async fn cache_control_is_what_is_set() {
    let issuer = quick_issuer().await;
    for (set, sent) in [
        (Some("no-store"), Some("no-store")),
        (Some("max-age=1"), Some("max-age=1")),
        (None, None),
        (Some("a\r\nb"), None),
    ] {
        issuer.cache_control(set);
        assert_eq!(get(&issuer.jwks_url()).await.header("cache-control"), sent);
    }
}

#[tokio::test]
async fn unchanged_key_set_is_answered_304() {
    let issuer = quick_issuer().await;
    let tag = tag(&issuer).await;
    let answer = get_unless(&issuer, &tag).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (304, ""));
    assert_eq!(answer.header("etag"), Some(&*tag));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    assert_eq!((issuer.jwks_requests(), issuer.jwks_not_modified()), (2, 1));
}

#[tokio::test]
async fn key_set_that_has_changed_is_sent_with_another_tag() {
    let issuer = quick_issuer().await;
    let old = tag(&issuer).await;
    issuer.rotate().await.unwrap();
    let answer = get_unless(&issuer, &old).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, issuer.jwks()));
    assert_ne!(answer.header("etag"), Some(&*old));
    assert_eq!(issuer.jwks_not_modified(), 0);
}

#[tokio::test]
async fn tag_matches_in_a_list_and_be_it_weak() {
    let issuer = quick_issuer().await;
    let tag = tag(&issuer).await;
    for tags in [format!("\"other\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
        assert_eq!(get_unless(&issuer, &tags).await.status, 304, "{tags}");
    }
    assert_eq!(get_unless(&issuer, "\"other\"").await.status, 200);
}

#[tokio::test]
async fn weak_tag_is_marked_and_matches() {
    let issuer = quick_issuer().await;
    let strong = tag(&issuer).await;
    assert!(strong.starts_with('"') && strong.ends_with('"'));
    issuer.etags(ETags::Weak);
    assert_eq!(tag(&issuer).await, format!("W/{strong}"));
    assert_eq!(get_unless(&issuer, &format!("W/{strong}")).await.status, 304);
}

#[tokio::test]
async fn without_tags_the_key_set_is_always_sent() {
    let issuer = quick_issuer().await;
    let tag = tag(&issuer).await;
    issuer.etags(ETags::Off);
    for tags in [&*tag, "*"] {
        let answer = get_unless(&issuer, tags).await;
        assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, None));
    }
}

#[tokio::test]
async fn document_changed_by_a_fault_has_another_tag() {
    let issuer = quick_issuer().await;
    let good = tag(&issuer).await;
    issuer.fail(Target::KeySet, Fault::EmptySet);
    assert_eq!(get_unless(&issuer, &good).await.status, 200);
    let empty = tag(&issuer).await;
    assert_ne!(empty, good);
    assert_eq!(get_unless(&issuer, &empty).await.status, 304);
}

#[tokio::test]
async fn wrong_answer_is_given_whatever_the_client_has() {
    let issuer = quick_issuer().await;
    let tag = tag(&issuer).await;
    issuer.fail(Target::KeySet, Fault::Status(503));
    assert_eq!(get_unless(&issuer, &tag).await.status, 503);
    issuer.fail(Target::KeySet, Fault::ContentType("text/plain".to_owned()));
    assert_eq!(get_unless(&issuer, &tag).await.status, 200);
}
