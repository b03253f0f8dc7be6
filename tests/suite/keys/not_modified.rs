//! Documents that have not changed are not sent again.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use doorward::{
    Issuer, ResourceServer,
    errors::FetchError,
    remote::{Document, Fetch, FetchRequest},
};

use super::host::{HOUR, MINUTE, Mood, Scripted, VirtualClock, pass, trusting};
use crate::support::{AUDIENCE, chain, code, good_token, issuer};

#[tokio::test(start_paused = true)]
async fn a_document_that_has_a_tag_is_asked_for_by_it() {
    let fetch = Scripted::new().await;
    fetch.tags(Some("\"1\""));
    let server = trusting(&fetch).await.build().await.unwrap();
    assert_eq!(fetch.etag_asked(), None, "nothing is cached");
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
            .fetcher(Confused(unasked))
            .build()
            .await;
        let error = chain(&built.unwrap_err());
        assert!(error.ends_with("answered with status 304 (but no document is cached)"), "{error}");
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

/// Metadata whose `jwks_uri` changes, and a key set with the same tag at each place.
#[derive(Clone, Debug)]
struct Moving {
    jwks_uri: Arc<Mutex<&'static str>>,
    keys: Scripted,
}

impl Fetch for Moving {
    fn fetch<'f>(
        &'f self,
        request: FetchRequest<'f>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        if !request.url().ends_with("/openid-configuration") {
            return self.keys.fetch(request);
        }
        let jwks_uri = *self.jwks_uri.lock().unwrap();
        let metadata = format!(r#"{{"issuer":"https://a.example","jwks_uri":"{jwks_uri}"}}"#);
        Box::pin(std::future::ready(Ok(Document::new(metadata))))
    }
}

async fn moving() -> (Moving, ResourceServer) {
    let keys = Scripted::publishing(super::host::OUTDATED);
    keys.tags(Some("\"1\""));
    let jwks_uri = Arc::new(Mutex::new("https://a.example/jwks"));
    let moving = Moving { jwks_uri, keys };
    let server = ResourceServer::builder()
        .trust(Issuer::discover("https://a.example", AUDIENCE))
        .fetcher(moving.clone())
        .clock(VirtualClock::new())
        .build()
        .await
        .unwrap();
    (moving, server)
}

#[tokio::test(start_paused = true)]
async fn a_changed_jwks_uri_is_followed_and_its_document_fetched_whole() {
    let (moving, server) = moving().await;
    let token = good_token().await.claim("iss", "https://a.example").sign().unwrap();
    assert_eq!(code(&server, &token).await, "key.unknown");
    *moving.jwks_uri.lock().unwrap() = "https://b.example/jwks";
    let new: serde_json::Value = issuer().await.jwks();
    moving.keys.publish(&new["keys"].as_array().unwrap().iter().collect::<Vec<_>>());
    pass(10 * MINUTE).await;
    assert_eq!(moving.keys.etag_asked(), None, "the tag is that of another place");
    assert_eq!(code(&server, &token).await, "accepted");
}

#[tokio::test(start_paused = true)]
async fn a_changed_jwks_uri_that_breaks_a_rule_is_not_followed_and_good_keys_stay() {
    for (jwks_uri, told) in [
        ("http://a.example/jwks", "it is not https"),
        ("https://169.254.169.254/jwks", "metadata must not name a link-local address"),
        ("https://localhost/jwks", "metadata from another machine must not name this machine"),
    ] {
        let (moving, server) = moving().await;
        let asked = moving.keys.asked();
        *moving.jwks_uri.lock().unwrap() = jwks_uri;
        pass(HOUR).await;
        assert_eq!(moving.keys.asked(), asked, "{jwks_uri}");
        let health = server.health();
        assert!(health.is_ready(), "{jwks_uri}");
        let error = health.issuers()[0].last_error.as_deref().unwrap();
        assert!(error.contains(told), "{error}");
    }
}
