//! An issuer without a network between: what it publishes, how it answers, and how often it was
//! asked, in virtual time.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use doorward::{
    Issuer, ResourceServer, ResourceServerBuilder,
    clock::{Clock, UnixTime},
    errors::FetchError,
    remote::{Document, Fetch, FetchRequest},
};
use doorward_issuer::Algorithm;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{AUDIENCE, good_token, issuer};

/// A key of the shared issuer under another name.
pub async fn key(algorithm: Algorithm, kid: &str) -> Value {
    let jwks = issuer().await.jwks();
    let mut keys = jwks["keys"].as_array().unwrap().iter();
    let mut key = keys.find(|key| key["alg"] == algorithm.name()).unwrap().clone();
    key["kid"] = json!(kid);
    key
}

/// A good token that names the key so.
pub async fn token(algorithm: Algorithm, kid: &str) -> String {
    good_token().await.algorithm(algorithm).header("kid", kid).sign().unwrap()
}

pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(3600);

/// The time of tokio's paused clock; the time of day stands still where the tokens of
/// [`good_token`](crate::support::good_token) begin.
#[derive(Debug)]
pub struct VirtualClock(pub Instant);

impl VirtualClock {
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Option<UnixTime> {
        Some(UnixTime::from_secs(crate::support::NOW))
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// How the issuer answers.
#[derive(Clone, Copy, Debug, Default)]
pub enum Mood {
    #[default]
    Well,
    Down,
    Hanging,
    Panicking,
    /// With keys that sign nothing any more.
    Outdated,
}

pub const OUTDATED: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"old",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

#[derive(Clone, Debug, Default)]
pub struct Scripted(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    mood: Mood,
    max_age: Option<Duration>,
    jwks: String,
    etag: Option<String>,
    asked: Vec<Instant>,
    /// Of the last request.
    etag_asked: Option<String>,
}

impl Scripted {
    /// With the shared issuer's keys, which are fresh for ten minutes.
    pub async fn new() -> Self {
        Self::publishing(&issuer().await.jwks().to_string())
    }

    pub fn publishing(jwks: &str) -> Self {
        let scripted = Self::default();
        scripted.lock().jwks = jwks.to_owned();
        scripted.keys_are_fresh_for(10 * MINUTE);
        scripted
    }

    fn lock(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap()
    }

    pub fn publish(&self, keys: &[&Value]) {
        self.lock().jwks = json!({ "keys": keys }).to_string();
    }

    pub fn jwks(&self) -> String {
        self.lock().jwks.clone()
    }

    pub fn keys_are_fresh_for(&self, max_age: Duration) {
        self.lock().max_age = Some(max_age);
    }

    pub fn says_nothing_of_freshness(&self) {
        self.lock().max_age = None;
    }

    /// Sends this `ETag`, and 304 to whoever has it.
    pub fn tags(&self, etag: Option<&str>) {
        self.lock().etag = etag.map(str::to_owned);
    }

    pub fn etag_asked(&self) -> Option<String> {
        self.lock().etag_asked.clone()
    }

    pub fn set(&self, mood: Mood) {
        self.lock().mood = mood;
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.lock().asked.len()
    }
}

impl Fetch for Scripted {
    fn fetch<'f>(
        &'f self,
        request: FetchRequest<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        let (mood, document) = {
            let mut script = self.lock();
            script.asked.push(Instant::now());
            script.etag_asked = request.etag().map(str::to_owned);
            let mut document = match &script.etag {
                Some(etag) if request.etag() == Some(etag) => Document::not_modified(),
                Some(etag) => Document::new(script.jwks.as_str()).etag(etag),
                None => Document::new(script.jwks.as_str()),
            };
            if let Some(max_age) = script.max_age {
                document = document.max_age(max_age);
            }
            (script.mood, document)
        };
        Box::pin(async move {
            match mood {
                Mood::Well => Ok(document),
                Mood::Outdated => Ok(Document::new(OUTDATED)),
                Mood::Down => Err(FetchError::Status(503)),
                Mood::Hanging => std::future::pending().await,
                Mood::Panicking => panic!("as told"),
            }
        })
    }
}

/// A server that trusts the shared issuer's name, with keys from there.
pub async fn trusting(fetch: &Scripted) -> ResourceServerBuilder {
    with_keys_of(issuer().await.issuer(), fetch)
}

pub fn with_keys_of(issuer: &str, fetch: &Scripted) -> ResourceServerBuilder {
    ResourceServer::builder()
        .trust(Issuer::jwks_url(issuer, AUDIENCE, "https://login.example.com/jwks"))
        .fetcher(fetch.clone())
        .clock(VirtualClock::new())
}

pub async fn server(fetch: &Scripted) -> ResourceServer {
    server_by(fetch, VirtualClock::new()).await
}

pub async fn server_by(fetch: &Scripted, clock: impl Clock) -> ResourceServer {
    lazy_server(issuer().await.issuer(), fetch, clock).await
}

pub async fn lazy_server(issuer: &str, fetch: &Scripted, clock: impl Clock) -> ResourceServer {
    with_keys_of(issuer, fetch).clock(clock).lazy().build().await.unwrap()
}

/// Lets the background run until so much time has passed.
pub async fn pass(duration: Duration) {
    tokio::time::sleep(duration).await;
}
