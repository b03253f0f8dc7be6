//! The settings of the built-in HTTP client: root certificates, proxy, client certificate.

use std::{sync::Arc, time::Duration};

use doorward::{
    ConfigError, Issuer, ResourceServer, ResourceServerBuilder,
    errors::{FetchError, RemoteError},
    remote::HttpClientSettings,
};
use doorward_issuer::{Algorithm, DevIssuer};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer,
        server::WebPkiClientVerifier,
    },
};

use super::host::Scripted;
use crate::{
    documents::Documents,
    support::{AUDIENCE, chain, code, issuer},
};

fn settings() -> HttpClientSettings {
    HttpClientSettings::new()
}

fn trusting(issuer: Issuer, settings: HttpClientSettings) -> ResourceServerBuilder {
    ResourceServer::builder().trust(issuer).allow_loopback_http().http_client(settings)
}

async fn fetch_error(builder: ResourceServerBuilder) -> (FetchError, String) {
    let error = builder.build().await.unwrap_err();
    let message = chain(&error);
    match error {
        ConfigError::FirstFetch { error: RemoteError::Fetch { error, .. }, .. } => (error, message),
        other => panic!("{other:?}"),
    }
}

async fn invalid(settings: HttpClientSettings) -> (&'static str, String) {
    let built = trusting(Issuer::discover("https://a.example", AUDIENCE), settings).build();
    match built.await {
        Err(ConfigError::HttpClientSetting { setting, reason }) => (setting, reason),
        other => panic!("{other:?}"),
    }
}

async fn private_issuer() -> DevIssuer {
    DevIssuer::builder().algorithms([Algorithm::Es256]).https().start().await.unwrap()
}

#[tokio::test]
async fn an_issuer_with_a_private_ca_is_trusted_by_its_root_certificate() {
    let dev = private_issuer().await;
    let ca = dev.ca_pem().unwrap();
    let token = dev.mint().sign().unwrap();
    for settings in
        [settings().root_certificates(ca), settings().root_certificates(ca).no_system_roots()]
    {
        let server = trusting(Issuer::discover(dev.issuer(), AUDIENCE), settings).build().await;
        assert_eq!(code(&server.unwrap(), &token).await, "accepted");
    }
}

#[tokio::test]
async fn an_unknown_ca_is_told_with_the_option_for_root_certificates() {
    let (dev, other) = (private_issuer().await, private_issuer().await);
    // The other CA has the same name and another key.
    let same_name = settings().root_certificates(other.ca_pem().unwrap());
    for (settings, cause) in [(settings(), "UnknownIssuer"), (same_name, "BadSignature")] {
        let issuer = Issuer::discover(dev.issuer(), AUDIENCE);
        let (error, message) = fetch_error(trusting(issuer, settings)).await;
        assert!(matches!(error, FetchError::Certificate(_)), "{error:?}");
        let expected = format!(
            "the server's certificate was rejected: invalid peer certificate: {cause}. If a private CA has signed it, add the CA's certificate by `.http_client(HttpClientSettings::new().root_certificates(…))`"
        );
        assert!(message.ends_with(&expected), "{message}");
        assert!(!message.contains("lazy"), "{message}");
    }
}

/// A certificate authority, and certificates that it signs.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn sign(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap(), key)
    }
}

/// Serves the key set to clients with a certificate of the authority; returns its URL.
async fn serve_mutual_tls(authority: &Authority, body: String) -> String {
    let (certificate, key) = authority.sign("127.0.0.1");
    let mut roots = RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let clients = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients.build().unwrap())
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/jwks", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            let Ok(mut connection) = acceptor.accept(connection).await else { continue };
            let mut request = [0; 1024];
            let _ = connection.read(&mut request).await;
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _ = connection.write_all(answer.as_bytes()).await;
            let _ = connection.shutdown().await;
        }
    });
    url
}

#[tokio::test]
async fn an_issuer_that_requires_mutual_tls_is_given_the_client_certificate() {
    let authority = Authority::new();
    let url = serve_mutual_tls(&authority, issuer().await.jwks().to_string()).await;
    let keys = || Issuer::jwks(issuer_name(), AUDIENCE, url.as_str());
    let without = settings().root_certificates(authority.pem());
    let (certificate, key) = authority.sign("orders-api");
    let with = without.clone().client_certificate(certificate.pem(), key.serialize_pem());
    let server = trusting(keys(), with).build().await.unwrap();
    let token = issuer().await.mint().claim("iss", issuer_name()).sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");

    fetch_error(trusting(keys(), without.clone())).await;
    let (foreign, key) = Authority::new().sign("orders-api");
    let foreign = without.client_certificate(foreign.pem(), key.serialize_pem());
    fetch_error(trusting(keys(), foreign)).await;
}

const fn issuer_name() -> &'static str {
    "https://login.example.com"
}

#[tokio::test]
async fn an_invalid_setting_is_named_with_the_reason_when_the_server_is_built() {
    let authority = Authority::new();
    let (certificate, key) = authority.sign("orders-api");
    let (certificate, key) = (certificate.pem(), key.serialize_pem());
    let other_key = KeyPair::generate().unwrap().serialize_pem();
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let half = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    for (settings, setting, expected) in [
        (settings().root_certificates("no PEM"), "root_certificates", "no PEM certificate"),
        (settings().root_certificates(&key), "root_certificates", "no PEM certificate"),
        (settings().root_certificates(garbage), "root_certificates", "not an X.509 certificate"),
        (settings().root_certificates(half), "root_certificates", "malformed PEM"),
        (settings().no_system_roots(), "no_system_roots", "no root certificate is left"),
        (settings().proxy("proxy.example"), "proxy", "it is not an absolute URL"),
        (settings().proxy("socks5://proxy.example"), "proxy", "neither http nor https"),
        (
            settings().client_certificate("", &key),
            "client_certificate",
            "the chain contains no PEM certificate",
        ),
        (
            settings().client_certificate(&certificate, &certificate),
            "client_certificate",
            "the key is not an unencrypted PEM private key",
        ),
        (
            settings().client_certificate(&certificate, &other_key),
            "client_certificate",
            "KeyMismatch",
        ),
        (settings().connect_timeout(Duration::ZERO), "connect_timeout", "the time is zero"),
    ] {
        let (named, reason) = invalid(settings).await;
        assert_eq!(named, setting, "{reason}");
        assert!(reason.contains(expected), "{reason}");
        assert!(!reason.contains("PRIVATE"), "{reason}");
    }
    let good = settings().client_certificate(&certificate, &key).root_certificates(authority.pem());
    let server = trusting(Issuer::discover("https://a.example", AUDIENCE), good).lazy().build();
    assert!(server.await.is_ok());
}

#[tokio::test]
async fn settings_of_the_http_client_are_refused_beside_a_fetcher() {
    let builder = trusting(Issuer::discover("https://a.example", AUDIENCE), settings());
    let error = builder.fetcher(Scripted::new().await).build().await.unwrap_err();
    assert_eq!(error, ConfigError::FetcherAndHttpClient);
}

#[tokio::test]
async fn loopback_addresses_are_reached_past_a_proxy() {
    let dev = DevIssuer::builder().algorithms([Algorithm::Es256]).start().await.unwrap();
    let dead = || settings().proxy("http://user:secret@127.0.0.1:1");
    let server = trusting(Issuer::discover(dev.issuer(), AUDIENCE), dead()).build().await;
    assert_eq!(code(&server.unwrap(), &dev.mint().sign().unwrap()).await, "accepted");

    let outward = Issuer::discover("https://login.example.com", AUDIENCE);
    let (error, message) = fetch_error(trusting(outward, dead())).await;
    assert!(matches!(error, FetchError::Connect(_)), "{error:?}");
    assert!(
        message.ends_with("(through the proxy http://127.0.0.1:1 of `.proxy(…)`)"),
        "{message}"
    );
    assert!(!message.contains("secret"), "{message}");
}

/// Runs itself in a process whose proxy is dead.
#[tokio::test]
async fn a_dead_proxy_of_the_environment_is_named_with_its_variable() {
    const CHILD: &str = "DOORWARD_TEST_DEAD_PROXY";
    if std::env::var_os(CHILD).is_some() {
        for (issuer, settings) in
            [("https://login.example.com", settings()), ("http://login.example.com", settings())]
        {
            let issuer = Issuer::discover(issuer, AUDIENCE);
            let builder = trusting(issuer, settings).danger_allow_http("login.example.com");
            println!("refused: {}", fetch_error(builder).await.1);
        }
        // Past the variable: the host answers.
        let host = Documents::start().await;
        host.put("/jwks", issuer().await.jwks().to_string());
        let keys = Issuer::jwks(issuer_name(), AUDIENCE, "http://keycloak/jwks");
        let through = trusting(keys, settings().proxy(&host.url)).danger_allow_http("keycloak");
        println!("past: {}", through.build().await.is_ok());
        return;
    }
    let name = "keys::http_client::a_dead_proxy_of_the_environment_is_named_with_its_variable";
    for (variable, other) in [("HTTPS_PROXY", "http_proxy"), ("all_proxy", "all_proxy")] {
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--nocapture"])
            .env_clear()
            .env(CHILD, "1")
            .env(variable, "http://user:secret@127.0.0.1:1")
            .env(other, "http://user:secret@127.0.0.1:1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        for variable in [variable, other] {
            let expected = format!(
                "(through the proxy http://127.0.0.1:1 of the environment variable {variable})"
            );
            assert!(said.contains(&expected), "{said}");
        }
        assert!(said.contains("past: true"), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}
