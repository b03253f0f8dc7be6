//! Keys that the operator has had forgotten: by each of their names, by the public key itself, and from
//! the start.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{ConfigError, Issuer, Keys, ResourceServer, errors::ChangeError};
use doorward_issuer::Algorithm;
use serde_json::json;

use super::host::{MINUTE, Scripted, key, pass, token, trusting};
use crate::support::{AUDIENCE, NOW, TestClock, code, good_token, issuer, shared_keys};

const ES: Algorithm = Algorithm::Es256;
const ED: Algorithm = Algorithm::EdDsa;

async fn name() -> &'static str {
    issuer().await.issuer()
}

async fn by_url() -> Issuer {
    Issuer::jwks(name().await, AUDIENCE, "https://login.example.com/jwks")
}

/// An issuer with the keys `a` and `b`.
async fn publishing() -> Scripted {
    let fetch = Scripted::publishing("");
    fetch.publish(&[&key(ES, "a").await, &key(ED, "b").await]);
    fetch
}

async fn by_thumbprint(member: &str, value: &str) -> String {
    good_token().await.algorithm(ES).without_header("kid").header(member, value).sign().unwrap()
}

/// As published and as tokens name it, with padding and without, in every combination.
#[tokio::test(start_paused = true)]
async fn a_key_is_found_and_forgotten_by_a_thumbprint_with_padding_or_without() {
    for member in ["x5t", "x5t#S256"] {
        for (published, given) in
            [("dGh1bWI=", "dGh1bWI="), ("dGh1bWI=", "dGh1bWI"), ("dGh1bWI", "dGh1bWI=")]
        {
            let mut es = key(ES, "a").await;
            es[member] = json!(published);
            let fetch = Scripted::publishing("");
            fetch.publish(&[&es, &key(ED, "b").await]);
            let server = trusting(&fetch).await.build().await.unwrap();
            let tokens = [
                by_thumbprint(member, "dGh1bWI").await,
                by_thumbprint(member, "dGh1bWI=").await,
                token(ES, "a").await,
            ];
            for token in &tokens {
                assert_eq!(code(&server, token).await, "accepted", "{member} {published}");
            }
            server.forget_key(name().await, given).unwrap();
            for token in &tokens {
                assert_eq!(code(&server, token).await, "key.forgotten", "{member} {given}");
            }
            assert_eq!(code(&server, &token(ED, "b").await).await, "accepted");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_key_is_not_usable_under_another_key_id() {
    let fetch = Scripted::publishing("");
    fetch.publish(&[&key(ES, "a").await, &key(ES, "c").await, &key(ED, "b").await]);
    let server = trusting(&fetch).await.build().await.unwrap();
    assert_eq!(code(&server, &token(ES, "c").await).await, "accepted");
    server.forget_key(name().await, "a").unwrap();
    for kid in ["a", "c"] {
        assert_eq!(code(&server, &token(ES, kid).await).await, "key.forgotten", "{kid}");
    }
    // Under a third name, and under none.
    let mut nameless = key(ES, "").await;
    nameless.as_object_mut().unwrap().remove("kid");
    fetch.publish(&[&key(ES, "d").await, &nameless, &key(ED, "b").await]);
    pass(10 * MINUTE).await;
    for kid in ["a", "c", "d"] {
        assert_eq!(code(&server, &token(ES, kid).await).await, "key.forgotten", "{kid}");
    }
    let token = good_token().await.algorithm(ES).without_header("kid").sign().unwrap();
    assert_eq!(code(&server, &token).await, "key.none_fits");
    assert_eq!(server.health().issuers()[0].published, 1);
}

/// Also a key that was published after its name was forgotten.
#[tokio::test(start_paused = true)]
async fn an_issuer_that_is_trusted_again_does_not_get_forgotten_keys_back_under_any_name() {
    for lazy in [false, true] {
        let fetch = publishing().await;
        let server = trusting(&fetch).await;
        let server = if lazy { server.lazy().build() } else { server.build() }.await.unwrap();
        let forget = ["a", "later"];
        for kid in forget {
            server.forget_key(name().await, kid).unwrap();
        }
        fetch.publish(&[&key(ES, "a").await, &key(ED, "later").await]);
        pass(10 * MINUTE).await;
        server.distrust(name().await).unwrap();
        fetch.publish(&[
            &key(ES, "c").await,
            &key(ED, "d").await,
            &key(Algorithm::Es384, "e").await,
        ]);
        server.trust(by_url().await).await.unwrap();
        pass(MINUTE).await;
        for (algorithm, kid) in [(ES, "a"), (ES, "c"), (ED, "later"), (ED, "d")] {
            let token = token(algorithm, kid).await;
            assert_eq!(code(&server, &token).await, "key.forgotten", "{kid}, lazy: {lazy}");
        }
        let good = token(Algorithm::Es384, "e").await;
        assert_eq!(code(&server, &good).await, "accepted", "lazy: {lazy}");
    }
}

#[tokio::test]
async fn a_key_without_a_name_is_forgotten_by_its_jwk_thumbprint() {
    let mut jwk = key(ES, "").await;
    jwk.as_object_mut().unwrap().remove("kid");
    let keys = Keys::jwks(json!({ "keys": [jwk] }).to_string());
    let server = ResourceServer::builder()
        .trust(Issuer::fixed_keys(name().await, AUDIENCE, keys))
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap();
    let token = token(ES, "anything").await;
    assert_eq!(code(&server, &token).await, "accepted");
    let members = json!({ "crv": "P-256", "kty": "EC", "x": jwk["x"], "y": jwk["y"] });
    let digest = digest::digest(&digest::SHA256, members.to_string().as_bytes());
    server.forget_key(name().await, &URL_SAFE_NO_PAD.encode(digest)).unwrap();
    assert_eq!(code(&server, &token).await, "key.unknown");
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_forgotten_from_the_start_are_refused_by_a_server_that_is_built_anew() {
    for lazy in [false, true] {
        let fetch = publishing().await;
        let server = trusting(&fetch).await.forget_keys([(name().await, "a")]);
        let server = if lazy { server.lazy().build() } else { server.build() }.await.unwrap();
        pass(MINUTE).await;
        assert_eq!(code(&server, &token(ES, "a").await).await, "key.forgotten", "lazy: {lazy}");
        assert_eq!(code(&server, &token(ED, "b").await).await, "accepted", "lazy: {lazy}");
        fetch.publish(&[&key(ES, "c").await, &key(ED, "b").await]);
        pass(10 * MINUTE).await;
        assert_eq!(code(&server, &token(ES, "c").await).await, "key.forgotten", "lazy: {lazy}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_forgotten_from_the_start_also_of_an_issuer_that_is_trusted_later() {
    let fetch = publishing().await;
    let own = Issuer::fixed_keys("https://own.example", AUDIENCE, shared_keys().await);
    let server = trusting(&fetch)
        .await
        .trust(own)
        .forget_keys([(name().await, "a"), ("https://later.example", "a")])
        .build()
        .await
        .unwrap();
    let later = Issuer::jwks("https://later.example", AUDIENCE, "https://later.example/jwks");
    server.trust(later).await.unwrap();
    for issuer in [name().await, "https://later.example"] {
        let of_key = async |algorithm: Algorithm, id: &str| {
            let token = good_token().await.claim("iss", issuer).algorithm(algorithm);
            token.header("kid", id).sign().unwrap()
        };
        assert_eq!(code(&server, &of_key(ES, "a").await).await, "key.forgotten", "{issuer}");
        assert_eq!(code(&server, &of_key(ED, "b").await).await, "accepted", "{issuer}");
    }
}

#[tokio::test]
async fn start_up_lists_that_cannot_be_meant_are_refused_when_the_server_is_built() {
    let keys = shared_keys().await;
    let builder = || {
        let issuer = Issuer::fixed_keys("https://a.example", AUDIENCE, keys.clone());
        ResourceServer::builder().trust(issuer)
    };
    let built = builder().forget_keys([("https://a.example", "x".repeat(257))]).build().await;
    assert_eq!(built.err(), Some(ConfigError::KeyId));
    let built = builder().block_tenants(["contoso.onmicrosoft.com"]).build().await;
    let tenant = "contoso.onmicrosoft.com".to_owned();
    let fault = "is not a GUID: use the directory (tenant) ID";
    let part = "tenant to block";
    assert_eq!(built.err(), Some(ConfigError::Part { part, value: tenant, fault }));
}

#[tokio::test]
async fn a_change_that_cannot_be_meant_is_refused() {
    let server = crate::support::server().await;
    let tenant = "common".to_owned();
    let refused = Err(ChangeError::Tenant { tenant: tenant.clone() });
    assert_eq!(server.block_tenant(&tenant), refused);
    assert_eq!(server.unblock_tenant(&tenant), refused);
    let issuer = "https://other.example".to_owned();
    let refused = Err(ChangeError::NotTrusted { issuer: issuer.clone() });
    assert_eq!(server.forget_key(&issuer, "a"), refused);
}
