use doorward_issuer::{Algorithm, DevIssuer, MintError};

use crate::{
    published_key::{member, verifies, verifies_with},
    wire::{decoded, get, header, quick_issuer},
};

#[tokio::test]
async fn token_of_every_algorithm_verifies_with_the_published_key() {
    let issuer = DevIssuer::start().await.unwrap();
    let jwks = get(&issuer.jwks_url()).await.json();
    for algorithm in Algorithm::ALL {
        let token = issuer.mint().algorithm(algorithm).sign().unwrap();
        assert_eq!(header(&token)["alg"], algorithm.name());
        assert!(verifies(&token, &jwks), "{algorithm}");
    }
}

#[tokio::test]
async fn each_algorithm_has_one_key_that_names_it_and_no_private_member() {
    let issuer = DevIssuer::start().await.unwrap();
    let jwks = issuer.jwks();
    let keys = jwks["keys"].as_array().unwrap();
    let names: Vec<_> = keys.iter().map(|key| key["alg"].as_str().unwrap()).collect();
    assert_eq!(names, Algorithm::ALL.map(Algorithm::name));
    for key in keys {
        assert_eq!(key["use"], "sig");
        let mut members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        let expected: &[&str] = match key["kty"].as_str().unwrap() {
            "RSA" => &["alg", "e", "kid", "kty", "n", "use"],
            "EC" => &["alg", "crv", "kid", "kty", "use", "x", "y"],
            "OKP" => &["alg", "crv", "kid", "kty", "use", "x"],
            other => panic!("{other} is not a type of a signing key"),
        };
        assert_eq!(members, expected);
    }
}

#[tokio::test]
async fn key_of_one_algorithm_does_not_verify_the_token_of_another() {
    let algorithms = [Algorithm::Rs256, Algorithm::Ps256];
    let issuer = DevIssuer::builder().algorithms(algorithms).start().await.unwrap();
    let token = issuer.mint().algorithm(Algorithm::Rs256).sign().unwrap();
    assert!(!verifies_with(&token, &issuer.jwks()["keys"][1]));
}

#[tokio::test]
async fn coordinates_and_signatures_of_elliptic_curves_keep_their_leading_zeros() {
    let curves = [
        (Algorithm::Es256, "P-256", 32),
        (Algorithm::Es384, "P-384", 48),
        (Algorithm::Es512, "P-521", 66),
    ];
    let issuer =
        DevIssuer::builder().algorithms(curves.map(|curve| curve.0)).start().await.unwrap();
    // A coordinate of P-256 has a leading zero byte once in 256 keys; of P-521 every other one
    // has, because its topmost byte holds a single bit.
    for _ in 0..40 {
        issuer.rotate_without_overlap().await.unwrap();
        for (index, (algorithm, crv, length)) in curves.into_iter().enumerate() {
            let key = &issuer.jwks()["keys"][index];
            assert_eq!(key["crv"], crv);
            assert_eq!((member(key, "x").len(), member(key, "y").len()), (length, length));
            let token = issuer.mint().algorithm(algorithm).sign().unwrap();
            assert_eq!(decoded(&token, 2).len(), 2 * length);
        }
    }
}

#[tokio::test]
async fn rsa_keys_have_2048_bits_and_the_usual_exponent() {
    let issuer = DevIssuer::builder().algorithms([Algorithm::Ps512]).start().await.unwrap();
    let key = &issuer.jwks()["keys"][0];
    let n = member(key, "n");
    assert_eq!(n.len(), 256);
    assert!(n[0] >= 0x80);
    assert_eq!(member(key, "e"), [1, 0, 1]);
}

#[tokio::test]
async fn algorithm_without_a_key_is_refused_with_the_fix() {
    let issuer = quick_issuer().await;
    let error = issuer.mint().algorithm(Algorithm::Rs256).sign().unwrap_err();
    let (algorithm, available) = (Algorithm::Rs256, vec![Algorithm::Es256]);
    assert_eq!(error, MintError::NoKey { algorithm, available });
    assert_eq!(
        error.to_string(),
        "the issuer has no key for RS256; add it to `DevIssuerBuilder::algorithms` (it has ES256)"
    );
    assert_eq!(issuer.sign_raw(Algorithm::Rs256, "{}", b"").unwrap_err(), error);
}

#[tokio::test]
async fn raw_bytes_are_signed_as_they_are() {
    let issuer = quick_issuer().await;
    let (header, payload) = ("{ \"alg\":\"ES256\", \"alg\":\"none\"", b"\xff\x00{");
    let token = issuer.sign_raw(Algorithm::Es256, header, payload).unwrap();
    assert_eq!(decoded(&token, 0), header.as_bytes());
    assert_eq!(decoded(&token, 1), payload);
    assert!(verifies_with(&token, &issuer.jwks()["keys"][0]));
}
