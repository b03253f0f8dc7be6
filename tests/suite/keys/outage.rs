//! An issuer that is down for a day and longer, in virtual time, with requests all the while.

use std::time::Duration;

use doorward::{Issuer, ResourceServer};
use serde_json::{Value, json};

use super::host::{HOUR, MINUTE, Mood, Scripted, VirtualClock, pass, trusting};
use crate::support::{AUDIENCE, code, good_token};

#[tokio::test(start_paused = true)]
async fn for_23_hours_of_outage_all_are_served_and_after_25_none() {
    let fetch = Scripted::new().await;
    let server = trusting(&fetch).await.build().await.unwrap();
    let token = good_token().await.sign().unwrap();
    fetch.set(Mood::Down);
    for _ in 0..23 * 60 {
        pass(MINUTE).await;
        assert_eq!(code(&server, &token).await, "accepted");
    }
    pass(2 * HOUR).await;
    for _ in 0..60 {
        pass(MINUTE).await;
        let field = format!("Bearer {token}");
        let refused = server.authenticate([field.as_bytes()]).await.unwrap_err();
        assert_eq!(refused.code(), "unavailable.keys");
        let denial = doorward::conformance::deny(&refused);
        assert_eq!(denial.status(), 503);
        let retry_after = denial.fields().find(|(name, _)| *name == "retry-after").unwrap().1;
        assert!((1..=60).contains(&retry_after.parse::<u64>().unwrap()), "{retry_after}");
    }
    fetch.set(Mood::Well);
    pass(MINUTE).await;
    assert_eq!(code(&server, &token).await, "accepted", "up again within one step of the backoff");
}

/// Who forges tokens learns nothing of the claims that a token must have.
#[tokio::test(start_paused = true)]
async fn while_the_issuer_is_down_the_answer_does_not_depend_on_required_claims() {
    let fetch = Scripted::new().await;
    let trusting = |required: Value| {
        let issuer = async || crate::support::issuer().await.issuer();
        let fetch = fetch.clone();
        async move {
            let trusted = Issuer::jwks_url(issuer().await, AUDIENCE, "https://login.example.com/")
                .require_claim("jti")
                .require_claim_value("level", required);
            let builder = ResourceServer::builder().trust(trusted).fetch(fetch);
            builder.clock(VirtualClock::new()).lazy().build().await.unwrap()
        }
    };
    let forged = async |level: &str| {
        let token = good_token().await.claim("level", level).without("jti").sign().unwrap();
        format!("{}.AA", token.rsplit_once('.').unwrap().0)
    };
    fetch.set(Mood::Down);
    let server = trusting(json!("admin")).await;
    for level in ["admin", "user"] {
        assert_eq!(code(&server, &forged(level).await).await, "unavailable.keys", "{level}");
    }
    fetch.set(Mood::Well);
    let server = trusting(json!("admin")).await;
    let known = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &known).await, "policy.required");
    fetch.set(Mood::Down);
    pass(MINUTE).await;
    for level in ["admin", "user"] {
        let token = good_token().await.claim("level", level).header("kid", "unknown");
        let token = token.sign().unwrap();
        assert_eq!(code(&server, &token).await, "unavailable.issuer", "{level}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_shorter_grace_and_none_at_all_are_kept_to() {
    for (grace, served) in [(2 * HOUR, 2 * HOUR), (Duration::ZERO, 10 * MINUTE)] {
        let fetch = Scripted::new().await;
        let builder = trusting(&fetch).await.stale_if_error(grace);
        let server = builder.build().await.unwrap();
        let token = good_token().await.sign().unwrap();
        fetch.set(Mood::Down);
        pass(served - MINUTE).await;
        assert_eq!(code(&server, &token).await, "accepted", "{grace:?}");
        pass(2 * MINUTE).await;
        assert_eq!(code(&server, &token).await, "unavailable.keys", "{grace:?}");
    }
}

/// Metadata that is gone, while the keys are where they were.
#[tokio::test(start_paused = true)]
async fn keys_are_fetched_from_where_they_were_while_the_metadata_is_down() {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use doorward::{
        Issuer, ResourceServer,
        errors::FetchError,
        remote::{Document, Fetch, FetchRequest},
    };

    use super::host::VirtualClock;
    use crate::support::AUDIENCE;

    #[derive(Debug)]
    struct Half(Arc<AtomicBool>, Scripted);

    impl Fetch for Half {
        fn fetch<'f>(
            &'f self,
            request: FetchRequest<'f>,
        ) -> std::pin::Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>>
        {
            if request.url().contains("/jwks") {
                return self.1.fetch(request);
            }
            let name = "https://a.example";
            let metadata = format!(r#"{{"issuer":"{name}","jwks_uri":"{name}/jwks"}}"#);
            let down = self.0.load(Ordering::SeqCst);
            let document =
                if down { Err(FetchError::Status(500)) } else { Ok(Document::new(metadata)) };
            Box::pin(std::future::ready(document))
        }
    }

    let (down, keys) = (Arc::new(AtomicBool::new(false)), Scripted::new().await);
    let server = ResourceServer::builder()
        .trust(Issuer::discover("https://a.example", AUDIENCE))
        .fetcher(Half(Arc::clone(&down), keys.clone()))
        .clock(VirtualClock::new())
        .build()
        .await
        .unwrap();
    down.store(true, Ordering::SeqCst);
    let asked = keys.asked();
    pass(48 * HOUR).await;
    let token = good_token().await.claim("iss", "https://a.example").sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
    assert!(keys.asked() > asked + 300);
    let health = server.health();
    let error = health.issuers()[0].last_error.as_deref().unwrap();
    assert!(error.ends_with("openid-configuration failed: answered with status 500"), "{error}");
}
