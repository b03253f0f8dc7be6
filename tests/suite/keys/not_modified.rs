//! Documents that have not changed are not sent again.

use std::time::Duration;

use doorward::{Document, Fetch, FetchError, FetchRequest, Issuer, ResourceServer};

use super::host::{HOUR, MINUTE, Mood, Scripted, VirtualClock, pass, trusting};
use crate::support::{AUDIENCE, code, good_token, issuer};

#[tokio::test(start_paused = true)]
async fn a_document_that_has_a_tag_is_asked_for_by_it() {
    let fetch = Scripted::new().await;
    fetch.tags(Some("\"1\""));
    let server = trusting(&fetch).await.build().await.unwrap();
    assert_eq!(fetch.etag_asked(), None, "nothing is at hand");
    pass(10 * MINUTE).await;
    assert_eq!(fetch.etag_asked().as_deref(), Some("\"1\""));
    let token = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted", "304 leaves the keys");
    assert_eq!(server.health().issuers()[0].failures, 0);
}

#[tokio::test(start_paused = true)]
async fn keys_that_have_not_changed_are_fresh_again() {
    let fetch = Scripted::new().await;
    fetch.tags(Some("W/\"1\""));
    let server = trusting(&fetch).await.build().await.unwrap();
    pass(48 * HOUR).await;
    let token = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
    let asked = fetch.asked();
    assert!((320..=400).contains(&asked), "every eight minutes, give or take: {asked}");
}

/// RFC 9111 §4.3.4: what the 304 says of freshness counts; if it says nothing, the last word does.
#[tokio::test(start_paused = true)]
async fn an_answer_of_not_modified_says_how_long_the_keys_are_fresh_now() {
    let fetch = Scripted::new().await;
    fetch.tags(Some("\"1\""));
    let server = trusting(&fetch).await.build().await.unwrap();
    fetch.keys_are_fresh_for(24 * HOUR);
    pass(10 * MINUTE).await;
    assert_eq!(fetch.asked(), 2);
    pass(16 * HOUR).await;
    assert_eq!(fetch.asked(), 2, "due between 17.3 and 21.1 hours");
    fetch.says_nothing_of_freshness();
    pass(6 * HOUR).await;
    assert_eq!(fetch.asked(), 3);
    pass(11 * HOUR).await;
    assert_eq!(fetch.asked(), 3, "a day still");
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn a_changed_document_takes_the_place_of_the_known_one() {
    let fetch = Scripted::new().await;
    fetch.tags(Some("\"1\""));
    let server = trusting(&fetch).await.build().await.unwrap();
    fetch.tags(Some("\"2\""));
    fetch.set(Mood::Outdated);
    pass(10 * MINUTE).await;
    let token = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &token).await, "key.unknown");
    fetch.set(Mood::Well);
    pass(20 * MINUTE).await;
    assert_eq!(fetch.etag_asked(), Some("\"2\"".to_owned()).filter(|_| fetch.asked() > 3));
    assert_eq!(code(&server, &token).await, "accepted");
}

/// Says "not modified" to whoever has asked for nothing of the kind.
#[derive(Debug)]
struct Confused(&'static str);

impl Fetch for Confused {
    fn fetch<'f>(
        &'f self,
        request: FetchRequest<'f>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        let document = if request.url().ends_with(self.0) {
            Document::not_modified()
        } else {
            Document::new(r#"{"issuer":"https://a.example","jwks_uri":"https://a.example/jwks"}"#)
        };
        Box::pin(std::future::ready(Ok(document)))
    }
}

#[tokio::test]
async fn not_modified_is_a_failure_when_nothing_is_at_hand() {
    for unasked in ["/openid-configuration", "/jwks"] {
        let built = ResourceServer::builder()
            .trust(Issuer::discover("https://a.example", AUDIENCE))
            .fetch(Confused(unasked))
            .build()
            .await;
        let error = built.unwrap_err().to_string();
        assert!(error.contains("answered 304 (and nothing was at hand)"), "{error}");
    }
}

/// A document that could not be used is not remembered by its tag: the next fetch asks for all of it.
#[tokio::test(start_paused = true)]
async fn a_document_that_could_not_be_used_is_asked_for_whole() {
    let fetch = Scripted::publishing(r#"{"keys":[]}"#);
    fetch.tags(Some("\"bad\""));
    let server = super::host::with_keys_of(issuer().await.issuer(), &fetch);
    let server = server.clock(VirtualClock::new()).lazy().build().await.unwrap();
    pass(MINUTE).await;
    assert!(fetch.asked() > 2);
    assert_eq!(fetch.etag_asked(), None);
    assert!(!server.health().is_ready());
    pass(Duration::from_secs(1)).await;
}
