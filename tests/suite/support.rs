//! An issuer, a server and a clock for the tests.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use doorward::{
    Error, Issuer, Keys, ResourceServer,
    clock::{Clock, UnixTime},
    errors::FetchError,
    remote::{Document, Fetch, FetchRequest},
};
use doorward_issuer::{DevIssuer, Mint};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

pub const AUDIENCE: &str = "api://orders";

/// The time at which tests with a fixed clock take place.
pub const NOW: u64 = 1_700_000_000;

/// One issuer for all tests that only need tokens of it.
pub async fn issuer() -> &'static DevIssuer {
    static ISSUER: OnceCell<DevIssuer> = OnceCell::const_new();
    ISSUER.get_or_init(async || DevIssuer::start().await.unwrap()).await
}

/// The shared issuer's keys, configured by hand.
pub async fn shared_keys() -> Keys {
    Keys::jwks(issuer().await.jwks().to_string())
}

/// A server that trusts the shared issuer's keys, without fetching them, at [`NOW`].
pub async fn server() -> ResourceServer {
    server_with(|issuer| issuer).await
}

/// The same with its trust described further.
pub async fn server_with(describe: impl FnOnce(Issuer) -> Issuer) -> ResourceServer {
    let name = issuer().await.issuer();
    ResourceServer::builder()
        .trust(describe(Issuer::fixed_keys(name, AUDIENCE, shared_keys().await)))
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap()
}

/// The messages of an error and of all its causes, as an operator reads them.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A token of the shared issuer that [`server`] accepts.
pub async fn good_token() -> Mint {
    issuer().await.mint().subject("u1").audience(AUDIENCE).issued_at(i64::try_from(NOW).unwrap())
}

/// What the server says of the token, as the value of an `Authorization` field, whoever sent it.
pub async fn verdict(server: &ResourceServer, token: &str) -> Result<String, Error> {
    let field = format!("Bearer {token}");
    match server.authenticate([field.as_bytes()]).await {
        Ok(token) => Ok(token.subject().to_owned()),
        Err(Error::Policy { error, .. }) => Err(error.into()),
        Err(error) => Err(error),
    }
}

/// The code of the error with which the server refuses the token; `accepted` when it does not.
pub async fn code(server: &ResourceServer, token: &str) -> &'static str {
    verdict(server, token).await.map_or_else(|error| error.code(), |_| "accepted")
}

/// A clock that stands still until it is moved.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicU64>);

impl TestClock {
    pub fn at(seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seconds)))
    }

    pub fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::SeqCst);
    }

    pub fn advance(&self, duration: Duration) {
        self.0.fetch_add(duration.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Option<UnixTime> {
        Some(UnixTime::from_secs(self.0.load(Ordering::SeqCst)))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// A clock that cannot tell the time.
#[derive(Debug)]
pub struct BrokenClock;

impl Clock for BrokenClock {
    fn now(&self) -> Option<UnixTime> {
        None
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// The documents that are there to be fetched, by their URLs.
#[derive(Clone, Debug, Default)]
pub struct Documents(Arc<HashMap<String, String>>);

impl Documents {
    /// Metadata at a URL that names this issuer, and its keys.
    pub fn of(metadata_url: &str, issuer: &str, keys: Value) -> Self {
        let jwks_uri = "https://keys.example/";
        let metadata = json!({ "issuer": issuer, "jwks_uri": jwks_uri });
        let documents = [
            (metadata_url.to_owned(), metadata.to_string()),
            (jwks_uri.to_owned(), json!({ "keys": keys }).to_string()),
        ];
        Self::from(documents)
    }
}

impl Documents {
    pub fn with(mut self, url: &str, document: &Value) -> Self {
        Arc::make_mut(&mut self.0).insert(url.to_owned(), document.to_string());
        self
    }
}

impl<const N: usize> From<[(String, String); N]> for Documents {
    fn from(documents: [(String, String); N]) -> Self {
        Self(Arc::new(documents.into_iter().collect()))
    }
}

impl Fetch for Documents {
    fn fetch<'f>(
        &'f self,
        request: FetchRequest<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        let document = self.0.get(request.url()).map(|text| Document::new(text.as_str()));
        Box::pin(std::future::ready(document.ok_or(FetchError::Status(404))))
    }
}

/// The text of a part of a token.
pub fn decoded(part: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    String::from_utf8_lossy(&URL_SAFE_NO_PAD.decode(part).unwrap()).into_owned()
}
