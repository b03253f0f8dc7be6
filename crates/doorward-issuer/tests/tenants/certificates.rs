//! Clients that authenticate by a certificate, as Microsoft's libraries do.

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    rsa::KeyPair as RsaKeyPair,
    signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding},
};
use base64::{
    Engine as _,
    engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD},
};
use doorward_issuer::{DevIssuer, Directory};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use crate::wire::{Answer, code, issuer_of, post};

const CLIENT: &str = "77778888-aaaa-4bbb-8ccc-9999dddd0000";
const PATH: &str = "/contoso.com/oauth2/v2.0/token";

struct Setup {
    issuer: DevIssuer,
    key: RsaKeyPair,
    der: Vec<u8>,
}

async fn setup() -> Setup {
    setup_of(|certificate| {
        let application = "[[applications]]\nname = \"By certificate\"\ntenant = \"contoso.com\"";
        format!("{}\n{application}\nid = \"{CLIENT}\"\n{certificate}\n", Directory::DEMO)
    })
    .await
}

/// Starts an issuer whose directory contains a certificate.
async fn setup_of(toml: impl FnOnce(&str) -> String) -> Setup {
    let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let certificate = CertificateParams::default().self_signed(&pair).unwrap();
    let toml = toml(&format!("certificates = [\"\"\"{}\"\"\"]", certificate.pem()));
    Setup {
        issuer: issuer_of(&toml).await,
        key: RsaKeyPair::from_pkcs8(&pair.serialize_der()).unwrap(),
        der: certificate.der().to_vec(),
    }
}

impl Setup {
    fn hash(&self, algorithm: &'static digest::Algorithm) -> digest::Digest {
        digest::digest(algorithm, &self.der)
    }

    fn claims(&self) -> Value {
        let aud = format!("{}{PATH}", self.issuer.url());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let now = now.as_secs_f64();
        json!({ "aud": aud, "iss": CLIENT, "sub": CLIENT, "jti": "1", "iat": now, "exp": now + 600.0 })
    }

    fn sign(&self, encoding: &'static dyn RsaEncoding, header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(encoding, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    async fn ask(&self, assertion: &str) -> Answer {
        let body = format!(
            "grant_type=client_credentials&client_id={CLIENT}&scope=api://orders/.default\
             &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
             &client_assertion={assertion}"
        );
        post(&self.issuer, PATH, &body).await
    }
}

#[tokio::test]
async fn assertions_of_both_libraries_are_accepted() {
    let setup = setup().await;
    let sha1 = setup.hash(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    let sha256 = setup.hash(&digest::SHA256);
    let cases: [(&'static dyn RsaEncoding, Value); 4] = [
        (&RSA_PKCS1_SHA256, json!({ "alg": "RS256", "x5t": URL_SAFE.encode(sha1) })),
        (&RSA_PKCS1_SHA256, json!({ "alg": "RS256", "x5t": URL_SAFE_NO_PAD.encode(sha1) })),
        (
            &RSA_PSS_SHA256,
            json!({ "alg": "PS256", "x5t#S256": URL_SAFE.encode(sha256), "x5c": "a\nb" }),
        ),
        (&RSA_PSS_SHA256, json!({ "alg": "PS256", "x5t#S256": URL_SAFE_NO_PAD.encode(sha256) })),
    ];
    for (encoding, header) in cases {
        let answer = setup.ask(&setup.sign(encoding, &header, &setup.claims())).await;
        assert_eq!(answer.status, 200, "{header}: {answer:?}");
        assert_eq!(answer.claims()["azpacr"], "2");
    }
}

#[tokio::test]
async fn each_broken_assertion_is_an_invalid_client() {
    let setup = setup().await;
    let x5t = URL_SAFE_NO_PAD.encode(setup.hash(&digest::SHA1_FOR_LEGACY_USE_ONLY));
    let header = json!({ "alg": "RS256", "x5t": x5t });
    let sign = |header: &Value, claims: &Value| setup.sign(&RSA_PKCS1_SHA256, header, claims);
    let with = |name: &str, value: Value| {
        let mut claims = setup.claims();
        claims[name] = value;
        sign(&header, &claims)
    };
    let good = sign(&header, &setup.claims());
    let other = sign(&header, &json!({})).rsplit_once('.').unwrap().1.to_owned();
    let swapped = format!("{}.{other}", good.rsplit_once('.').unwrap().0);
    assert_eq!(setup.ask(&good).await.status, 200);
    for (assertion, number) in [
        (swapped, "AADSTS700027"),
        (sign(&json!({ "alg": "RS256", "x5t": "AAAA" }), &setup.claims()), "AADSTS700027"),
        (sign(&json!({ "alg": "RS256" }), &setup.claims()), "AADSTS700027"),
        (sign(&json!({ "alg": "none", "x5t": x5t }), &setup.claims()), "AADSTS700027"),
        (with("aud", json!("https://elsewhere.example/token")), "AADSTS700027"),
        (with("iss", json!("someone")), "AADSTS700027"),
        (with("sub", json!("someone")), "AADSTS700027"),
        (with("exp", json!(1.5)), "AADSTS700027"),
        (with("exp", json!(null)), "AADSTS700027"),
        (with("nbf", json!(99_999_999_999_u64)), "AADSTS700027"),
        ("not.a.token".to_owned(), "AADSTS700027"),
    ] {
        let refusal = (401, "invalid_client".to_owned(), number.to_owned());
        assert_eq!(setup.ask(&assertion).await.refusal(), refusal, "{assertion}");
    }
}

#[tokio::test]
async fn assertion_beside_a_secret_or_of_another_type_is_refused() {
    let setup = setup().await;
    let answer = setup.ask("x&client_secret=y").await;
    assert_eq!(answer.refusal().2, "AADSTS9002313");
    let body = format!("grant_type=client_credentials&client_id={CLIENT}&client_assertion=x");
    assert_eq!(post(&setup.issuer, PATH, &body).await.refusal().2, "AADSTS700023");
}

#[tokio::test]
async fn code_is_redeemed_with_a_certificate_as_in_the_document() {
    const WEB: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
    let setup = setup_of(|certificate| {
        let secret = "secrets = [\"sampleCredentia1s\"]\nid_tokens = true";
        let by_certificate = Directory::DEMO.replacen(secret, certificate, 1);
        assert_ne!(by_certificate, Directory::DEMO);
        by_certificate
    })
    .await;
    let query = format!(
        "/contoso.com/oauth2/v2.0/authorize?client_id={WEB}&response_type=code\
         &redirect_uri=http%3A%2F%2Flocalhost%2Fmyapp%2F&scope=https%3A%2F%2Fgraph.microsoft.com%2Fmail.read\
         &code_challenge=ocYCWfMwcSjWZok91g7EAZsKLdqPI7Nn_qoUWIdHHM4&code_challenge_method=S256"
    );
    let code = code(&setup.issuer, &query).await;
    let mut claims = setup.claims();
    claims["iss"] = WEB.into();
    claims["sub"] = WEB.into();
    let x5t = URL_SAFE_NO_PAD.encode(setup.hash(&digest::SHA1_FOR_LEGACY_USE_ONLY));
    let header = json!({ "alg": "RS256", "x5t": x5t });
    let assertion = setup.sign(&RSA_PKCS1_SHA256, &header, &claims);
    let body = format!(
        "client_id={WEB}\n&scope=https%3A%2F%2Fgraph.microsoft.com%2Fmail.read\n&code={code}\n\
         &redirect_uri=http%3A%2F%2Flocalhost%2Fmyapp%2F\n&grant_type=authorization_code\n\
         &code_verifier=ThisIsntRandomButItNeedsToBe43CharactersLong\n\
         &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\n\
         &client_assertion={assertion}"
    );
    let answer = post(&setup.issuer, PATH, &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let claims = answer.claims();
    assert_eq!((&claims["scp"], &claims["appidacr"]), (&"mail.read".into(), &"2".into()));
}
