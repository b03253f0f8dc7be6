//! Keys found by discovery and fetched over real HTTP; rotation and outage.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use doorward::{
    ConfigError, Issuer, ResourceServer, ResourceServerBuilder, errors::RemoteError,
    keys::Algorithm::Es256,
};
use doorward_issuer::{Algorithm, DevIssuer};

use crate::{
    documents::Documents,
    support::{AUDIENCE, chain, code, issuer, verdict},
};

const OIDC: &str = "/.well-known/openid-configuration";

fn trusting(issuer: Issuer) -> ResourceServerBuilder {
    ResourceServer::builder().trust(issuer).allow_loopback_http()
}

async fn es256() -> DevIssuer {
    DevIssuer::builder().algorithms([Algorithm::Es256]).start().await.unwrap()
}

async fn discovering(issuer: &DevIssuer) -> ResourceServer {
    trusting(Issuer::discover(issuer.issuer(), AUDIENCE)).build().await.unwrap()
}

async fn refusal(builder: ResourceServerBuilder) -> RemoteError {
    match builder.build().await {
        Err(ConfigError::FirstFetch { error, .. }) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn keys_are_found_by_discovery_and_by_their_url() {
    let issuer = es256().await;
    let token = issuer.mint().sign().unwrap();
    assert_eq!(code(&discovering(&issuer).await, &token).await, "accepted");

    let by_url = Issuer::jwks(issuer.issuer(), AUDIENCE, issuer.jwks_url());
    let server = trusting(by_url).build().await.unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
}

#[tokio::test]
async fn metadata_is_found_at_each_of_the_places_that_the_specifications_name() {
    for (path, at) in [
        ("", OIDC),
        ("", "/.well-known/oauth-authorization-server"),
        ("/tenant/1", "/tenant/1/.well-known/openid-configuration"),
        ("/tenant/1", "/.well-known/oauth-authorization-server/tenant/1"),
        ("/tenant/1", "/.well-known/openid-configuration/tenant/1"),
        ("/slash/", "/slash/.well-known/openid-configuration"),
    ] {
        let host = Documents::start().await;
        let name = format!("{}{path}", host.url);
        host.put(at, host.metadata(&name));
        host.put("/jwks", issuer().await.jwks().to_string());
        let server = trusting(Issuer::discover(name.as_str(), AUDIENCE)).build().await;
        let token = issuer().await.mint().claim("iss", name).sign().unwrap();
        assert_eq!(code(&server.unwrap(), &token).await, "accepted", "{path:?} at {at}");
    }
}

#[tokio::test]
async fn metadata_of_another_issuer_is_refused_and_nothing_else_is_tried() {
    let host = Documents::start().await;
    for seen in [format!("{}/", host.url), "https://attacker.example".to_owned()] {
        host.put(OIDC, host.metadata(&seen));
        host.put("/.well-known/oauth-authorization-server", host.metadata(&host.url));
        let refused = refusal(trusting(Issuer::discover(host.url.as_str(), AUDIENCE))).await;
        assert!(matches!(refused, RemoteError::OtherIssuer { .. }), "{refused}");
        assert!(refused.to_string().contains(&seen), "{refused}");
    }
    assert!(!host.asked().contains(&"/jwks".to_owned()));
}

#[tokio::test]
async fn a_document_that_is_no_key_set_is_refused_when_the_server_is_built() {
    let host = Documents::start().await;
    host.put(OIDC, host.metadata(&host.url));
    for (status, body, expected) in [
        (StatusCode::OK, "<html>", "not a JWKS document"),
        (StatusCode::OK, "{\"keys\":[]}", "no usable key"),
        (StatusCode::INTERNAL_SERVER_ERROR, "", "answered with status 500"),
        (StatusCode::NO_CONTENT, "", "answered with status 204"),
        (StatusCode::OK, &" ".repeat(512 * 1024 + 1), "longer than 512 KiB"),
    ] {
        host.answer("/jwks", status, HeaderMap::new(), body);
        let refused = refusal(trusting(Issuer::discover(host.url.as_str(), AUDIENCE))).await;
        let message = chain(&refused);
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let host = Documents::start().await;
    let fields = HeaderMap::from_iter([(
        axum::http::header::LOCATION,
        format!("{}/elsewhere", host.url).parse().unwrap(),
    )]);
    host.answer("/jwks", StatusCode::FOUND, fields, "");
    host.put("/elsewhere", issuer().await.jwks().to_string());
    let by_url = Issuer::jwks("https://a.example", AUDIENCE, format!("{}/jwks", host.url));
    let refused = chain(&refusal(trusting(by_url)).await);
    assert!(refused.contains("redirects are not followed"), "{refused}");
    assert_eq!(host.asked(), ["/jwks"]);
}

#[tokio::test]
async fn keys_are_never_fetched_from_where_metadata_must_not_point() {
    let host = Documents::start().await;
    for jwks_uri in ["http://169.254.169.254/keys", "http://a.example/keys", "file:///etc/passwd"] {
        let metadata = serde_json::json!({"issuer": host.url, "jwks_uri": jwks_uri});
        host.put(OIDC, metadata.to_string());
        let refused = refusal(trusting(Issuer::discover(host.url.as_str(), AUDIENCE))).await;
        assert!(matches!(refused, RemoteError::Url { .. }), "{refused}");
    }
}

#[tokio::test]
async fn a_new_key_works_at_the_first_request() {
    let issuer = es256().await;
    let server = discovering(&issuer).await;
    let old = issuer.mint().sign().unwrap();
    issuer.rotate().await.unwrap();
    let new = issuer.mint().sign().unwrap();
    assert_eq!(code(&server, &new).await, "accepted");
    assert_eq!(code(&server, &old).await, "accepted", "the old key is still published");
    assert_eq!(issuer.jwks_requests(), 2);
}

#[tokio::test]
async fn a_key_that_left_the_set_dies_with_the_next_fetch() {
    let issuer = es256().await;
    let server = discovering(&issuer).await;
    let old = issuer.mint().sign().unwrap();
    issuer.rotate_without_overlap().await.unwrap();
    assert_eq!(code(&server, &old).await, "accepted", "nobody has looked yet");
    assert_eq!(code(&server, &issuer.mint().sign().unwrap()).await, "accepted");
    assert_eq!(code(&server, &old).await, "key.unknown");
}

#[tokio::test]
async fn a_thousand_requests_with_a_new_key_cost_one_fetch() {
    let issuer = es256().await;
    let server = discovering(&issuer).await;
    issuer.rotate().await.unwrap();
    let token = issuer.mint().sign().unwrap();
    let requests: Vec<_> = (0..1000)
        .map(|_| {
            let (server, token) = (server.clone(), token.clone());
            tokio::spawn(async move { code(&server, &token).await })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap(), "accepted");
    }
    assert_eq!(issuer.jwks_requests(), 2);
}

#[tokio::test]
async fn unknown_keys_cost_one_fetch_in_a_cooldown_and_nobody_waits() {
    let issuer = es256().await;
    let server = discovering(&issuer).await;
    for id in 0..50 {
        let token = issuer.mint().header("kid", format!("unknown-{id}")).sign().unwrap();
        assert_eq!(code(&server, &token).await, "key.unknown");
    }
    assert_eq!(issuer.jwks_requests(), 2);
}

#[tokio::test]
async fn after_the_cooldown_an_unknown_key_is_asked_for_again() {
    let issuer = es256().await;
    let server = trusting(Issuer::discover(issuer.issuer(), AUDIENCE))
        .unknown_key_cooldown(Duration::from_nanos(1))
        .build()
        .await
        .unwrap();
    for _ in 0..3 {
        issuer.rotate().await.unwrap();
        assert_eq!(code(&server, &issuer.mint().sign().unwrap()).await, "accepted");
    }
    assert_eq!(issuer.jwks_requests(), 4);
}

#[tokio::test]
async fn a_token_that_would_not_pass_anyway_earns_no_fetch() {
    let issuer = es256().await;
    let server = discovering(&issuer).await;
    let unknown = issuer.mint().header("kid", "unknown");
    for junk in [
        unknown.clone().audience("api://x"),
        unknown.clone().expired(),
        unknown.clone().without("sub"),
        unknown.clone().header("typ", "x"),
        unknown.clone().claim("exp", "soon"),
    ] {
        assert_eq!(code(&server, &junk.sign().unwrap()).await, "key.unknown");
    }
    let mismatch = issuer.mint().header("alg", "RS256").sign().unwrap();
    assert_eq!(code(&server, &mismatch).await, "key.algorithm_mismatch");
    assert_eq!(issuer.jwks_requests(), 1);

    let pinned = trusting(Issuer::discover(issuer.issuer(), AUDIENCE).algorithms([Es256]));
    let server = pinned.build().await.unwrap();
    for alg in ["RS256", "HS256", "EdDSA"] {
        let token = unknown.clone().header("alg", alg).sign().unwrap();
        assert_eq!(code(&server, &token).await, "key.unknown", "{alg}");
    }
    assert_eq!(issuer.jwks_requests(), 2);
}

#[tokio::test]
async fn an_unknown_key_is_not_the_clients_fault_while_the_issuer_is_down() {
    let issuer = es256().await;
    let server = discovering(&issuer).await;
    let good = issuer.mint().sign().unwrap();
    let unknown = issuer.mint().header("kid", "unknown").sign().unwrap();
    drop(issuer);
    for _ in 0..2 {
        let refused = verdict(&server, &unknown).await.unwrap_err();
        assert_eq!(refused.code(), "unavailable.issuer");
        assert_eq!(doorward::conformance::deny(&refused).status(), 503);
    }
    assert_eq!(code(&server, &good).await, "accepted", "known keys go on serving");
}

#[tokio::test]
async fn an_api_can_start_before_its_issuer() {
    let host = Documents::start().await;
    let server = trusting(Issuer::discover(host.url.as_str(), AUDIENCE)).lazy().build().await;
    let server = server.unwrap();
    let token = issuer().await.mint().claim("iss", host.url.clone()).sign().unwrap();
    assert_eq!(code(&server, &token).await, "unavailable.keys");

    host.put(OIDC, host.metadata(&host.url));
    host.put("/jwks", issuer().await.jwks().to_string());
    // The background tries again within a second, and within two after that.
    let came = tokio::time::timeout(Duration::from_secs(10), async {
        while code(&server, &token).await != "accepted" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(came.await.is_ok(), "the keys never came");
}

#[tokio::test]
async fn issuers_are_told_apart_by_their_names() {
    let (one, other) = (es256().await, es256().await);
    let server = ResourceServer::builder()
        .trust(Issuer::discover(one.issuer(), "api://one"))
        .trust(Issuer::discover(other.issuer(), "api://other"))
        .allow_loopback_http()
        .build()
        .await
        .unwrap();
    let token = |issuer: &DevIssuer, audience| issuer.mint().audience(audience).sign().unwrap();
    assert_eq!(code(&server, &token(&one, "api://one")).await, "accepted");
    assert_eq!(code(&server, &token(&other, "api://other")).await, "accepted");
    assert_eq!(code(&server, &token(&one, "api://other")).await, "policy.audience");
    let posing = one.mint().claim("iss", other.issuer()).audience("api://other").sign().unwrap();
    assert_eq!(code(&server, &posing).await, "key.unknown");
}

/// Runs itself in a process whose store of CA certificates is empty, as in a bare container.
#[tokio::test]
async fn without_ca_certificates_the_error_names_the_fix() {
    const CHILD: &str = "DOORWARD_TEST_WITHOUT_CA";
    if std::env::var_os(CHILD).is_some() {
        let refused = trusting(Issuer::discover("https://login.example.com", AUDIENCE)).build();
        println!("refused: {}", chain(&refused.await.unwrap_err()));
        let local = es256().await;
        let token = local.mint().sign().unwrap();
        println!("local: {}", code(&discovering(&local).await, &token).await);
        return;
    }
    let name = "keys::fetched::without_ca_certificates_the_error_names_the_fix";
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(CHILD, "1")
        .env("SSL_CERT_FILE", "/dev/null")
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(said.contains("refused: ") && said.contains("`ca-certificates`"), "{said}");
    assert!(said.contains("local: accepted"), "a development issuer needs none: {said}");
}
