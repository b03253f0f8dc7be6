use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use doorward_issuer::{DevIssuer, Fault, Target};
use serde_json::json;
use tokio::time::timeout;

use crate::wire::{connect, get, quick_issuer, read_headers, read_to_end, request_keys};

const AN_HOUR: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_millis(20);

async fn issuer_with(fault: Fault) -> DevIssuer {
    let issuer = quick_issuer().await;
    issuer.fail(Target::KeySet, fault);
    issuer
}

#[tokio::test]
async fn delayed_answer_is_late_and_correct() {
    let issuer = issuer_with(Fault::Delay(SOON)).await;
    let begin = Instant::now();
    let answer = get(&issuer.jwks_url()).await;
    assert!(begin.elapsed() >= SOON);
    assert_eq!((answer.status.as_u16(), answer.json()), (200, issuer.jwks()));
}

#[tokio::test]
async fn trickled_answer_has_its_headers_at_once() {
    let issuer = issuer_with(Fault::Trickle { pause: AN_HOUR }).await;
    let mut connection = connect(&issuer).await;
    request_keys(&mut connection).await;
    let headers = read_headers(&mut connection).await;
    assert!(headers.starts_with("HTTP/1.1 200 OK\r\n"), "{headers}");
    let length = issuer.jwks().to_string().len();
    assert!(headers.contains(&format!("content-length: {length}\r\n")), "{headers}");
    timeout(SOON, read_to_end(&mut connection)).await.unwrap_err();
}

#[tokio::test]
async fn trickled_answer_waits_before_each_byte_and_is_whole() {
    let issuer = issuer_with(Fault::Trickle { pause: Duration::from_millis(10) }).await;
    issuer.publish(Some(json!(17)));
    let begin = Instant::now();
    assert_eq!(get(&issuer.jwks_url()).await.body, "17");
    assert!(begin.elapsed() >= SOON);
}

#[tokio::test]
async fn cut_answer_announces_all_and_is_reset_after_a_part() {
    let issuer = issuer_with(Fault::Cut { after: 7 }).await;
    let mut connection = connect(&issuer).await;
    request_keys(&mut connection).await;
    let headers = read_headers(&mut connection).await;
    let document = issuer.jwks().to_string();
    assert!(headers.contains(&format!("content-length: {}\r\n", document.len())), "{headers}");
    let (body, end) = read_to_end(&mut connection).await;
    assert_eq!(
        (body.as_slice(), end),
        (&document.as_bytes()[..7], Some(ErrorKind::ConnectionReset))
    );
}

#[tokio::test]
async fn cut_answer_always_lacks_something() {
    let issuer = quick_issuer().await;
    let length = issuer.jwks().to_string().len();
    for (after, came) in [(0, 0), (usize::MAX, length - 1)] {
        issuer.fail(Target::KeySet, Fault::Cut { after });
        let mut connection = connect(&issuer).await;
        request_keys(&mut connection).await;
        read_headers(&mut connection).await;
        let (body, end) = read_to_end(&mut connection).await;
        assert_eq!((body.len(), end), (came, Some(ErrorKind::ConnectionReset)));
    }
}

#[tokio::test]
async fn status_has_a_small_html_page() {
    for status in [200, 404, 429, 500, 503] {
        let issuer = issuer_with(Fault::Status(status)).await;
        let answer = get(&issuer.jwks_url()).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(answer.body.contains(&status.to_string()) && answer.body.len() < 200);
        assert_eq!((answer.header("cache-control"), answer.header("etag")), (None, None));
    }
}

#[tokio::test]
async fn number_that_is_no_final_status_is_answered_with_500() {
    for number in [0, 42, 100, 101, 1000] {
        let issuer = issuer_with(Fault::Status(number)).await;
        assert_eq!(get(&issuer.jwks_url()).await.status, 500);
    }
}

#[tokio::test]
async fn redirect_names_the_other_address() {
    let issuer = issuer_with(Fault::Redirect("http://127.0.0.1:1/keys".to_owned())).await;
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let answer = client.build().unwrap().get(issuer.jwks_url()).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], "http://127.0.0.1:1/keys");
}

#[tokio::test]
async fn redirect_to_what_no_header_can_carry_names_nothing() {
    let issuer = issuer_with(Fault::Redirect("a\r\nb".to_owned())).await;
    let answer = get(&issuer.jwks_url()).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (302, None));
}

#[tokio::test]
async fn html_page_has_status_200() {
    let issuer = issuer_with(Fault::Html).await;
    let answer = get(&issuer.jwks_url()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(answer.body.starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn huge_answer_is_valid_json_without_a_content_length() {
    for length in [1, 100_000, 1_000_000] {
        let issuer = issuer_with(Fault::Huge(length)).await;
        let answer = get(&issuer.jwks_url()).await;
        assert_eq!(answer.header("content-length"), None);
        let good = issuer.jwks();
        assert_eq!(answer.body.len(), length.max(good.to_string().len()));
        assert_eq!(answer.json(), good);
    }
}

#[tokio::test]
async fn content_type_is_the_one_that_is_set() {
    for (set, sent) in [("text/plain", Some("text/plain")), ("", None), ("a\nb", None)] {
        let issuer = issuer_with(Fault::ContentType(set.to_owned())).await;
        let answer = get(&issuer.jwks_url()).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, sent));
        assert_eq!(answer.json(), issuer.jwks());
    }
}

#[tokio::test]
async fn fault_of_one_document_does_not_affect_the_other() {
    let issuer = quick_issuer().await;
    let (keys, metadata) = (issuer.jwks_url(), issuer.metadata_url());
    let status = async |url: &str| get(url).await.status.as_u16();
    for (target, expected) in
        [(Target::KeySet, (418, 200)), (Target::Metadata, (200, 418)), (Target::Both, (418, 418))]
    {
        issuer.fail(target, Fault::Status(418));
        assert_eq!((status(&keys).await, status(&metadata).await), expected);
        issuer.clear_fault(target);
        assert_eq!((status(&keys).await, status(&metadata).await), (200, 200));
    }
}

#[tokio::test]
async fn mending_one_document_leaves_the_other_broken() {
    let issuer = quick_issuer().await;
    issuer.fail(Target::Both, Fault::Html);
    issuer.clear_fault(Target::Metadata);
    assert_eq!(get(&issuer.metadata_url()).await.json()["issuer"], issuer.url());
    assert!(get(&issuer.jwks_url()).await.body.starts_with("<!DOCTYPE"));
}

#[tokio::test]
async fn last_fault_that_was_set_counts() {
    let issuer = issuer_with(Fault::Status(500)).await;
    issuer.fail(Target::KeySet, Fault::Status(404));
    assert_eq!(get(&issuer.jwks_url()).await.status, 404);
}

#[tokio::test]
async fn metadata_has_the_fault_at_both_of_its_urls() {
    let issuer = quick_issuer().await;
    issuer.fail(Target::Metadata, Fault::Status(500));
    let other = format!("{}/.well-known/oauth-authorization-server", issuer.url());
    for url in [issuer.metadata_url(), other] {
        assert_eq!(get(&url).await.status, 500);
    }
    assert_eq!(issuer.metadata_requests(), 2);
}

#[tokio::test]
async fn requests_that_are_answered_with_a_fault_are_counted() {
    let issuer = quick_issuer().await;
    for fault in [Fault::Status(500), Fault::Html, Fault::EmptySet, Fault::Truncated] {
        issuer.fail(Target::KeySet, fault);
        get(&issuer.jwks_url()).await;
    }
    assert_eq!((issuer.jwks_requests(), issuer.jwks_not_modified()), (4, 0));
}
