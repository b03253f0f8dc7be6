//! Keys configured by hand: a JWKS document, PEM texts, a shared secret.

use aws_lc_rs::{
    encoding::AsDer as _,
    hmac,
    signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RsaPublicKeyComponents},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{
    ConfigError, Issuer, Keys, ResourceServer,
    errors::{JwksError, KeyFault, KeysError},
    keys::{MacAlgorithm, SymmetricKey},
};
use doorward_issuer::Algorithm;
use serde_json::{Value, json};

use crate::support::{AUDIENCE, NOW, TestClock, code, good_token, issuer};

async fn build(keys: Keys) -> Result<ResourceServer, ConfigError> {
    ResourceServer::builder()
        .trust(Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, keys))
        .clock(TestClock::at(NOW))
        .build()
        .await
}

async fn fault(keys: Keys) -> KeysError {
    match build(keys).await {
        Err(ConfigError::Keys { error, .. }) => error,
        other => panic!("{other:?}"),
    }
}

async fn published(alg: &str) -> Value {
    let jwks = issuer().await.jwks();
    jwks["keys"].as_array().unwrap().iter().find(|key| key["alg"] == alg).unwrap().clone()
}

fn decode(key: &Value, member: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(key[member].as_str().unwrap()).unwrap()
}

/// The `SubjectPublicKeyInfo` of the issuer's key for the algorithm.
async fn key_info(alg: &str) -> Vec<u8> {
    let key = published(alg).await;
    if key["kty"] == "RSA" {
        let components = RsaPublicKeyComponents { n: decode(&key, "n"), e: decode(&key, "e") };
        return components.as_der().unwrap().as_ref().to_vec();
    }
    let point = [vec![4], decode(&key, "x"), decode(&key, "y")].concat();
    let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).unwrap();
    key.as_der().unwrap().as_ref().to_vec()
}

fn pem(label: &str, der: &[u8]) -> String {
    let base64 = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A public key whose private half the certificate's maker does not have.
struct Subject {
    key: Vec<u8>,
    algorithm: &'static rcgen::SignatureAlgorithm,
}

impl rcgen::PublicKeyData for Subject {
    fn der_bytes(&self) -> &[u8] {
        &self.key
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.algorithm
    }
}

/// A certificate for the key, signed by some authority.
pub async fn certificate(alg: &str) -> String {
    let published = published(alg).await;
    let subject = if alg == "ES256" {
        let key = [vec![4], decode(&published, "x"), decode(&published, "y")].concat();
        Subject { key, algorithm: &rcgen::PKCS_ECDSA_P256_SHA256 }
    } else {
        // Behind the algorithm's identifier, an RSA key of 2048 bits is the last 270 bytes.
        let info = key_info(alg).await;
        Subject { key: info[info.len() - 270..].to_vec(), algorithm: &rcgen::PKCS_RSA_SHA256 }
    };
    let authority = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["issuer.test".to_owned()]).unwrap();
    let signer = rcgen::Issuer::from_params(&params, &authority);
    params.signed_by(&subject, &signer).unwrap().pem()
}

#[tokio::test]
async fn a_pem_key_and_a_certificate_verify_tokens_of_any_key_id() {
    for (alg, signing) in [("RS256", Algorithm::Rs256), ("ES256", Algorithm::Es256)] {
        let info = key_info(alg).await;
        for text in [pem("PUBLIC KEY", &info), certificate(alg).await] {
            let server = build(Keys::pem(text)).await.unwrap();
            let token = good_token().await.algorithm(signing);
            assert_eq!(code(&server, &token.clone().sign().unwrap()).await, "accepted");
            let nameless = token.clone().without_header("kid").sign().unwrap();
            assert_eq!(code(&server, &nameless).await, "accepted");
            let other = good_token().await.algorithm(Algorithm::Es384).sign().unwrap();
            assert_eq!(code(&server, &other).await, "key.algorithm_mismatch");
            let tampered = token.header("typ", "JWT").sign().unwrap();
            let forged = format!("{}.AAAA", tampered.rsplit_once('.').unwrap().0);
            assert_eq!(code(&server, &forged).await, "signature.invalid");
        }
    }
}

#[tokio::test]
async fn several_pem_keys_are_all_tried() {
    let other = pem("PUBLIC KEY", &key_info("RS384").await);
    let own = pem("PUBLIC KEY", &key_info("RS256").await);
    let ec = pem("PUBLIC KEY", &key_info("ES256").await);
    let server = build(Keys::pem(format!("{other}{other}{own}{ec}"))).await.unwrap();
    for signing in [Algorithm::Rs256, Algorithm::Es256] {
        let token = good_token().await.algorithm(signing).sign().unwrap();
        assert_eq!(code(&server, &token).await, "accepted");
    }
    let nameless = good_token().await.without_header("kid").sign().unwrap();
    assert_eq!(code(&server, &nameless).await, "key.ambiguous");
    let five = format!("{other}{other}{own}{ec}{ec}");
    assert_eq!(fault(Keys::pem(five)).await, KeysError::TooMany);
}

#[tokio::test]
async fn of_several_keys_with_one_id_at_most_four_are_tried() {
    let own = published("RS256").await;
    let token = good_token().await.algorithm(Algorithm::Rs256).sign().unwrap();
    for (others, expected) in [(3, "accepted"), (4, "signature.invalid")] {
        let mut keys = Vec::new();
        for alg in ["RS384", "RS512", "PS256", "PS384"].iter().take(others) {
            let mut other = published(alg).await;
            other["kid"] = own["kid"].clone();
            other["alg"] = json!("RS256");
            // The same key twice counts once.
            keys.extend([other.clone(), other]);
        }
        keys.push(own.clone());
        let server = build(Keys::jwks(json!({"keys": keys}).to_string())).await.unwrap();
        assert_eq!(code(&server, &token).await, expected, "after {others} others");
    }
}

#[tokio::test]
async fn a_text_without_a_usable_key_is_refused_when_the_server_is_built() {
    for text in ["", "no pem", "-----BEGIN PUBLIC KEY-----\n", &pem("PRIVATE KEY", b"x")] {
        assert_eq!(fault(Keys::pem(text)).await, KeysError::Pem, "{text:?}");
    }
    let junk = pem("CERTIFICATE", b"junk");
    assert_eq!(fault(Keys::pem(junk)).await, KeysError::Certificate);
    let junk = pem("PUBLIC KEY", b"junk");
    assert_eq!(fault(Keys::pem(junk)).await, KeysError::Key(KeyFault::Unsupported));
}

#[tokio::test]
async fn a_document_without_a_usable_key_is_refused_when_the_server_is_built() {
    let unreadable = KeysError::Jwks(JwksError::Unreadable);
    for text in ["", "[]", "{}", "<html>", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
        assert_eq!(fault(Keys::jwks(text)).await, unreadable, "{text:?}");
    }
    let none = KeysError::Jwks(JwksError::NoneUsable(vec![]));
    assert_eq!(fault(Keys::jwks(r#"{"keys":[]}"#)).await, none);
    let many = json!({"keys": vec![published("ES256").await; 257]});
    assert_eq!(fault(Keys::jwks(many.to_string())).await, KeysError::Jwks(JwksError::TooMany));
}

/// Builds a server from this entry alone and returns why it is left out.
async fn entry_fault(entry: Value) -> KeyFault {
    match fault(Keys::jwks(json!({"keys": [entry]}).to_string())).await {
        KeysError::Jwks(JwksError::NoneUsable(faults)) if faults.len() == 1 => faults[0],
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_entry_that_is_no_sound_public_key_is_left_out() {
    let rsa = published("RS256").await;
    let ec = published("ES256").await;
    let ed = published("EdDSA").await;
    let with = |key: &Value, member: &str, value: Value| {
        let mut key = key.clone();
        key[member] = value;
        key
    };
    let short = URL_SAFE_NO_PAD.encode([1; 31]);
    let identity = format!("AQ{}", "A".repeat(41));
    for (entry, expected) in [
        (json!("x"), KeyFault::Unreadable),
        (json!({"kty": "RSA"}), KeyFault::Unreadable),
        (json!({"kty": "EC", "crv": "P-256", "x": ec["x"]}), KeyFault::Unreadable),
        (json!({"n": rsa["n"], "e": rsa["e"]}), KeyFault::Unreadable),
        (json!({"kty": "ML-DSA", "alg": "RS256"}), KeyFault::Unsupported),
        (json!({"kty": "oct", "k": "AAAA"}), KeyFault::Symmetric),
        (with(&rsa, "d", json!("AQAB")), KeyFault::Private),
        (with(&rsa, "p", json!("AQAB")), KeyFault::Private),
        (with(&rsa, "q", json!("AQAB")), KeyFault::Private),
        (with(&rsa, "dp", json!("AQAB")), KeyFault::Private),
        (with(&rsa, "dq", json!("AQAB")), KeyFault::Private),
        (with(&rsa, "qi", json!("AQAB")), KeyFault::Private),
        (with(&rsa, "oth", json!([])), KeyFault::Private),
        (with(&ec, "priv", json!("AQAB")), KeyFault::Private),
        (with(&ec, "d", json!("AQAB")), KeyFault::Private),
        (with(&rsa, "use", json!("enc")), KeyFault::OtherUse),
        (with(&rsa, "key_ops", json!(["sign"])), KeyFault::OtherUse),
        (with(&rsa, "key_ops", json!(["verify", "verify"])), KeyFault::OtherUse),
        (with(&rsa, "key_ops", json!(null)), KeyFault::Unreadable),
        (with(&rsa, "use", json!(null)), KeyFault::Unreadable),
        (with(&rsa, "alg", json!(null)), KeyFault::Unreadable),
        (with(&rsa, "kid", json!(null)), KeyFault::Unreadable),
        (with(&rsa, "alg", json!("RSA-OAEP")), KeyFault::Algorithm),
        (with(&rsa, "alg", json!("none")), KeyFault::Algorithm),
        (with(&rsa, "alg", json!("HS256")), KeyFault::Algorithm),
        (with(&rsa, "alg", json!("ES256")), KeyFault::Algorithm),
        (with(&ec, "alg", json!("ES384")), KeyFault::Algorithm),
        (with(&rsa, "e", json!("Aw")), KeyFault::RsaExponent),
        (with(&rsa, "n", json!("AQAB")), KeyFault::RsaModulus),
        (with(&rsa, "n", json!("AQAB=")), KeyFault::Unreadable),
        (with(&ec, "x", json!(short)), KeyFault::Point),
        (with(&ec, "y", ec["x"].clone()), KeyFault::Point),
        (with(&ec, "crv", json!("secp256k1")), KeyFault::Unsupported),
        (with(&ed, "x", json!(short)), KeyFault::Point),
        (with(&ed, "x", json!(identity)), KeyFault::Point),
        (with(&ed, "crv", json!("X25519")), KeyFault::Unsupported),
        (with(&ed, "crv", json!("P-256")), KeyFault::Unsupported),
    ] {
        assert_eq!(entry_fault(entry.clone()).await, expected, "{entry}");
    }
}

/// An RSA key has no curve and no coordinates, so nothing is said of these names there.
#[tokio::test]
async fn a_member_of_another_key_type_may_have_any_form() {
    for other in [json!(1), json!({"a": [1, "b"]}), json!(null), json!(true)] {
        let mut jwks = issuer().await.jwks();
        for key in jwks["keys"].as_array_mut().unwrap() {
            if key["kty"] == "RSA" {
                key["x"] = other.clone();
                key["crv"] = other.clone();
            }
        }
        let server = build(Keys::jwks(jwks.to_string())).await.unwrap();
        let token = good_token().await.algorithm(doorward_issuer::Algorithm::Rs256);
        assert_eq!(code(&server, &token.sign().unwrap()).await, "accepted", "{other}");
    }
}

#[tokio::test]
async fn one_odd_entry_never_costs_the_others() {
    let mut jwks = issuer().await.jwks();
    let keys = jwks["keys"].as_array_mut().unwrap();
    for odd in [json!(1), json!("x"), json!(null), json!({}), json!({"kty": "oct", "k": "AA"})] {
        keys.insert(0, odd);
    }
    let duplicate = r#"{"kty":"RSA","kty":"RSA"},"#;
    let text = jwks.to_string().replacen("\"keys\":[", &format!("\"keys\":[{duplicate}"), 1);
    let server = build(Keys::jwks(text)).await.unwrap();
    assert_eq!(code(&server, &good_token().await.sign().unwrap()).await, "accepted");
}

const SECRET: [u8; 64] = [7; 64];

fn sign_symmetric(alg: &str, hash: hmac::Algorithm, claims: &Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}"}}"#));
    let input = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let tag = hmac::sign(&hmac::Key::new(hash, &SECRET), input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag))
}

#[tokio::test]
async fn a_shared_secret_verifies_its_one_algorithm() {
    let claims = json!({
        "iss": issuer().await.issuer(), "sub": "u1", "aud": AUDIENCE, "exp": NOW + 60,
    });
    let all = [
        ("HS256", MacAlgorithm::Hs256, hmac::HMAC_SHA256),
        ("HS384", MacAlgorithm::Hs384, hmac::HMAC_SHA384),
        ("HS512", MacAlgorithm::Hs512, hmac::HMAC_SHA512),
    ];
    for (configured, algorithm, _) in all {
        let key = SymmetricKey::new(algorithm, &SECRET).unwrap();
        assert!(!format!("{key:?}").contains('7'), "the secret is shown");
        let server = build(Keys::symmetric([key])).await.unwrap();
        for (alg, _, hash) in all {
            let expected = if alg == configured { "accepted" } else { "key.none_fits" };
            let token = sign_symmetric(alg, hash, &claims);
            assert_eq!(code(&server, &token).await, expected, "{alg} under {configured}");
        }
        let mut other = claims.clone();
        other["sub"] = json!("u2");
        let token = sign_symmetric(configured, all[0].2, &claims);
        let tag = token.rsplit_once('.').unwrap().1;
        let forged = sign_symmetric(configured, all[0].2, &other);
        let forged = format!("{}.{tag}", forged.rsplit_once('.').unwrap().0);
        assert_eq!(code(&server, &forged).await, "signature.invalid");
    }
}

#[test]
fn a_shared_secret_is_at_least_as_long_as_the_hash() {
    for (algorithm, name, least) in [
        (MacAlgorithm::Hs256, "HS256", 32),
        (MacAlgorithm::Hs384, "HS384", 48),
        (MacAlgorithm::Hs512, "HS512", 64),
    ] {
        assert!(SymmetricKey::new(algorithm, &SECRET[..least]).is_ok());
        let refused = SymmetricKey::new(algorithm, &SECRET[..least - 1]);
        assert_eq!(refused.unwrap_err(), KeysError::TooShort { algorithm: name, least });
    }
}
