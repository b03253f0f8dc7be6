//! Which URLs are fetched, and to which addresses a fetch may go.

use std::{
    future::Future,
    net::Ipv4Addr,
    pin::Pin,
    sync::{Arc, Mutex},
};

use doorward::{
    ConfigError, Issuer, Keys, ResourceServer, ResourceServerBuilder,
    errors::{FetchError, RemoteError, UrlError},
    remote::{AllowedAddresses, Document, Fetch, FetchRequest, HttpClientSettings},
};
use doorward_issuer::{Algorithm, DevIssuer};

use crate::{
    documents::Documents,
    support::{AUDIENCE, chain, code, issuer},
};

/// Serves metadata that names a key set, and that key set; records every URL and who may be reached.
#[derive(Clone, Debug)]
struct Recorder {
    issuer: String,
    jwks_uri: String,
    requests: Arc<Mutex<Vec<(String, AllowedAddresses)>>>,
}

impl Recorder {
    fn new(issuer: &str, jwks_uri: &str) -> Self {
        let (issuer, jwks_uri) = (issuer.to_owned(), jwks_uri.to_owned());
        Self { issuer, jwks_uri, requests: Arc::default() }
    }

    fn urls(&self) -> Vec<String> {
        self.requests.lock().unwrap().iter().map(|(url, _)| url.clone()).collect()
    }

    fn addresses(&self) -> Vec<AllowedAddresses> {
        self.requests.lock().unwrap().iter().map(|(_, addresses)| *addresses).collect()
    }

    fn server(&self) -> ResourceServerBuilder {
        let issuer = Issuer::discover(self.issuer.as_str(), AUDIENCE);
        ResourceServer::builder().trust(issuer).fetcher(self.clone())
    }
}

impl Fetch for Recorder {
    fn fetch<'f>(
        &'f self,
        request: FetchRequest<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        let seen = (request.url().to_owned(), request.allowed_addresses());
        self.requests.lock().unwrap().push(seen);
        Box::pin(async move {
            if request.url() == self.jwks_uri {
                return Ok(Document::new(issuer().await.jwks().to_string()));
            }
            let metadata = serde_json::json!({ "issuer": self.issuer, "jwks_uri": self.jwks_uri });
            Ok(Document::new(metadata.to_string()))
        })
    }
}

async fn url_error(builder: ResourceServerBuilder) -> UrlError {
    match builder.build().await {
        Err(
            ConfigError::Location(RemoteError::Url { error, .. })
            | ConfigError::FirstFetch { error: RemoteError::Url { error, .. }, .. },
        ) => error,
        other => panic!("{other:?}"),
    }
}

async fn token_of(issuer_name: &str) -> String {
    issuer().await.mint().claim("iss", issuer_name).sign().unwrap()
}

#[tokio::test]
async fn a_key_set_at_another_host_than_the_metadata_must_not_lead_to_this_machine() {
    use AllowedAddresses::{Any, NotLocal};
    for (jwks_uri, expected) in [
        ("https://a.example/jwks", Any),
        ("https://a.example:8443/jwks", Any),
        ("https://keys.a.example/jwks", NotLocal),
        ("https://b.example/jwks", NotLocal),
    ] {
        let recorder = Recorder::new("https://a.example", jwks_uri);
        recorder.server().build().await.unwrap();
        assert_eq!(recorder.addresses(), [Any, expected], "{jwks_uri}");
    }
}

#[tokio::test]
async fn http_is_fetched_from_exactly_the_host_that_is_allowed() {
    let recorder = Recorder::new("http://keycloak:8080/realms/shop", "http://keycloak:8080/jwks");
    let server = recorder.server().danger_allow_http("Keycloak").build().await.unwrap();
    let metadata = "http://keycloak:8080/realms/shop/.well-known/openid-configuration";
    assert_eq!(recorder.urls(), [metadata, "http://keycloak:8080/jwks"]);
    let token = token_of("http://keycloak:8080/realms/shop").await;
    assert_eq!(code(&server, &token).await, "accepted");

    for allowed in [None, Some("keycloak.example"), Some("eycloak"), Some("10.0.0.1")] {
        let recorder = Recorder::new("http://keycloak:8080", "http://keycloak:8080/jwks");
        let mut builder = recorder.server().allow_loopback_http();
        if let Some(host) = allowed {
            builder = builder.danger_allow_http(host);
        }
        let error = builder.build().await.unwrap_err();
        let message = chain(&error);
        assert!(
            message.ends_with(
                "the URL http://keycloak:8080 is not allowed: it is not https; for an issuer in a private network, allow the host by `.danger_allow_http(\"keycloak\")`"
            ),
            "{message}"
        );
        assert!(recorder.urls().is_empty(), "{allowed:?}");
    }
}

#[tokio::test]
async fn a_discovered_key_set_may_be_http_at_an_allowed_host_alone() {
    for (jwks_uri, fits) in [
        ("https://keys.example/jwks", true),
        ("http://keycloak/jwks", true),
        ("http://cache.example:8080/jwks", true),
        ("http://keys.example/jwks", false),
        ("http://sub.keycloak/jwks", false),
        ("http://127.0.0.1/jwks", false),
    ] {
        let recorder = Recorder::new("http://keycloak:8080", jwks_uri);
        let builder =
            recorder.server().danger_allow_http("keycloak").danger_allow_http("cache.example");
        if fits {
            builder.build().await.unwrap();
            assert_eq!(recorder.urls().last().unwrap(), jwks_uri);
        } else {
            assert!(matches!(
                url_error(builder).await,
                UrlError::Http { .. } | UrlError::LoopbackHttp
            ));
            assert_eq!(recorder.urls().len(), 1, "{jwks_uri}");
        }
    }
}

#[tokio::test]
async fn an_http_host_that_is_no_host_is_refused_when_the_server_is_built() {
    for host in ["", "*", "*.internal", "keycloak:8080", "http://keycloak", "keycloak/realms"] {
        let recorder = Recorder::new("https://a.example", "https://a.example/jwks");
        let error = recorder.server().danger_allow_http(host).build().await.unwrap_err();
        assert_eq!(error, ConfigError::HttpHost { host: host.to_owned() });
    }
}

/// A client that resolves no name itself: everything goes through a proxy, which is the issuer.
fn through(host: &str) -> HttpClientSettings {
    HttpClientSettings::new().proxy(host)
}

#[tokio::test]
async fn a_development_issuer_is_reached_over_http_by_a_host_name() {
    let dev = DevIssuer::builder()
        .algorithms([Algorithm::Es256])
        .issuer("http://keycloak:8080")
        .start()
        .await
        .unwrap();
    let path = dev.jwks_url().rsplit_once('/').unwrap().1.to_owned();
    let keys =
        Issuer::jwks("http://keycloak:8080", AUDIENCE, format!("http://keycloak:8080/{path}"));
    let server = ResourceServer::builder()
        .trust(keys)
        .danger_allow_http("keycloak")
        .http_client(through(dev.jwks_url().strip_suffix(&format!("/{path}")).unwrap()))
        .build()
        .await
        .unwrap();
    let token = dev.mint().audience(AUDIENCE).sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
}

#[tokio::test]
async fn redirects_of_an_allowed_http_host_are_not_followed() {
    let host = Documents::start().await;
    let location = "http://keycloak/elsewhere".parse().unwrap();
    let fields = http::HeaderMap::from_iter([(http::header::LOCATION, location)]);
    host.answer("/jwks", http::StatusCode::FOUND, fields, "");
    host.put("/elsewhere", issuer().await.jwks().to_string());
    let error = ResourceServer::builder()
        .trust(Issuer::jwks("http://keycloak", AUDIENCE, "http://keycloak/jwks"))
        .danger_allow_http("keycloak")
        .http_client(through(&host.url))
        .build()
        .await
        .unwrap_err();
    let message = chain(&error);
    assert!(
        message.ends_with("answered with status 302 (redirects are not followed)"),
        "{message}"
    );
    assert_eq!(host.asked(), ["/jwks"]);
}

#[tokio::test]
async fn an_untrusted_url_must_be_public() {
    for url in [
        "https://127.0.0.1",
        "https://localhost:9443",
        "https://169.254.169.254",
        "https://10.0.0.1",
        "https://192.168.1.1:8443/realms/x",
        "https://172.20.0.1",
        "https://100.64.0.1",
        "https://[fd12::1]",
        "https://[::ffff:10.0.0.1]",
        "https://[64:ff9b:1::a00:1]",
    ] {
        for issuer in [
            Issuer::discover(url, AUDIENCE),
            Issuer::jwks("https://a.example", AUDIENCE, url),
            Issuer::metadata("https://a.example", AUDIENCE, url),
        ] {
            let recorder = Recorder::new("https://a.example", "https://a.example/jwks");
            let builder = || ResourceServer::builder().fetcher(recorder.clone());
            let error = url_error(builder().trust(issuer.clone().untrusted_url())).await;
            assert_eq!(error, UrlError::NotPublic, "{url}");
            assert!(recorder.urls().is_empty(), "{url}");
            let trusted = builder().trust(issuer).lazy().build().await;
            assert!(trusted.is_ok(), "the operator may choose {url}: {trusted:?}");
        }
    }
}

#[tokio::test]
async fn an_untrusted_url_is_https_whatever_else_is_allowed() {
    for url in ["http://keycloak", "http://localhost:9000", "http://127.0.0.1:9000"] {
        let builder = ResourceServer::builder()
            .trust(Issuer::discover(url, AUDIENCE).untrusted_url())
            .danger_allow_http("keycloak")
            .allow_loopback_http();
        assert_eq!(url_error(builder).await, UrlError::NotHttps, "{url}");
    }
}

#[tokio::test]
async fn every_fetch_of_an_untrusted_issuer_may_reach_public_addresses_alone() {
    use AllowedAddresses::PublicOnly;
    for jwks_uri in ["https://a.example/jwks", "https://b.example/jwks"] {
        let recorder = Recorder::new("https://a.example", jwks_uri);
        let server = ResourceServer::builder()
            .trust(Issuer::fixed_keys("https://own.example", AUDIENCE, shared().await))
            .fetcher(recorder.clone())
            .build()
            .await
            .unwrap();
        let customer = Issuer::discover("https://a.example", AUDIENCE).untrusted_url();
        server.trust(customer).await.unwrap();
        assert_eq!(recorder.addresses(), [PublicOnly, PublicOnly], "{jwks_uri}");
        assert_eq!(code(&server, &token_of("https://a.example").await).await, "accepted");
    }
    assert!(!PublicOnly.allows(Ipv4Addr::new(10, 0, 0, 1).into()));

    let recorder = Recorder::new("https://a.example", "https://10.0.0.1/jwks");
    let issuer = Issuer::discover("https://a.example", AUDIENCE).untrusted_url();
    let builder = ResourceServer::builder().trust(issuer).fetcher(recorder.clone());
    assert_eq!(url_error(builder).await, UrlError::NotPublic);
    assert_eq!(recorder.urls().len(), 1);
}

async fn shared() -> Keys {
    crate::support::shared_keys().await
}
