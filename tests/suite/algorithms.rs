//! Which algorithm a key may be used with.

use doorward::{Issuer, Keys, ResourceServer, keys::Algorithm};
use doorward_issuer::Algorithm as Signing;
use serde_json::Value;

use crate::support::{
    AUDIENCE, NOW, TestClock, code, good_token, issuer, server, server_with, shared_keys,
};

const PAIRS: [(Signing, Algorithm); 10] = [
    (Signing::Rs256, Algorithm::Rs256),
    (Signing::Rs384, Algorithm::Rs384),
    (Signing::Rs512, Algorithm::Rs512),
    (Signing::Ps256, Algorithm::Ps256),
    (Signing::Ps384, Algorithm::Ps384),
    (Signing::Ps512, Algorithm::Ps512),
    (Signing::Es256, Algorithm::Es256),
    (Signing::Es384, Algorithm::Es384),
    (Signing::Es512, Algorithm::Es512),
    (Signing::EdDsa, Algorithm::EdDsa),
];

/// The shared issuer's published keys, each changed.
async fn keys_changed(change: impl Fn(&mut serde_json::Map<String, Value>)) -> Keys {
    let mut jwks = issuer().await.jwks();
    for key in jwks["keys"].as_array_mut().unwrap() {
        change(key.as_object_mut().unwrap());
    }
    Keys::jwks(jwks.to_string())
}

async fn server_of(keys: Keys) -> ResourceServer {
    ResourceServer::builder()
        .trust(Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, keys))
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap()
}

#[tokio::test]
async fn every_algorithm_is_verified_with_a_key_that_names_it() {
    let server = server().await;
    for (signing, _) in PAIRS {
        let token = good_token().await.algorithm(signing).sign().unwrap();
        assert_eq!(code(&server, &token).await, "accepted", "{signing:?}");
    }
}

#[tokio::test]
async fn a_key_that_names_no_algorithm_is_used_with_one_by_default() {
    let server = server_of(keys_changed(|key| drop(key.remove("alg"))).await).await;
    for (signing, algorithm) in PAIRS {
        let expected = match algorithm {
            Algorithm::Rs256 | Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => "accepted",
            Algorithm::EdDsa => "accepted",
            _ => "key.algorithm_mismatch",
        };
        let token = good_token().await.algorithm(signing).sign().unwrap();
        assert_eq!(code(&server, &token).await, expected, "{signing:?}");
    }
}

#[tokio::test]
async fn a_key_that_names_no_algorithm_is_used_with_those_configured() {
    let keys = keys_changed(|key| drop(key.remove("alg"))).await;
    let server = ResourceServer::builder()
        .trust(
            Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, keys)
                .algorithms([Algorithm::Ps256, Algorithm::Ps384]),
        )
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap();
    for (signing, algorithm) in PAIRS {
        let token = good_token().await.algorithm(signing).sign().unwrap();
        let expected = match algorithm {
            Algorithm::Ps256 | Algorithm::Ps384 => "accepted",
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps512 => {
                "key.algorithm_mismatch"
            }
            // No key of another type is left in the set.
            _ => "key.unknown",
        };
        assert_eq!(code(&server, &token).await, expected, "{signing:?}");
    }
}

#[tokio::test]
async fn a_key_is_never_used_with_another_algorithm_than_its_own() {
    for (signing, algorithm) in PAIRS {
        // Every RSA key claims to be for the algorithm, whatever it signed with.
        let keys = keys_changed(|key| drop(key.insert("alg".to_owned(), "RS256".into()))).await;
        if algorithm == Algorithm::Rs256 || algorithm.name().starts_with('E') {
            continue;
        }
        let token = good_token().await.algorithm(signing).sign().unwrap();
        let server = server_of(keys).await;
        assert_eq!(code(&server, &token).await, "key.algorithm_mismatch", "{signing:?}");
    }
}

#[tokio::test]
async fn an_algorithm_that_is_not_accepted_leaves_its_keys_out() {
    let server = server_with(|issuer| issuer.algorithms([Algorithm::Rs256])).await;
    for (signing, algorithm) in PAIRS {
        let token = good_token().await.algorithm(signing).sign().unwrap();
        let expected = if algorithm == Algorithm::Rs256 { "accepted" } else { "key.unknown" };
        assert_eq!(code(&server, &token).await, expected, "{signing:?}");
    }
}

#[tokio::test]
async fn ed25519_is_the_same_algorithm_under_its_other_name() {
    let server = server().await;
    let token =
        good_token().await.algorithm(Signing::EdDsa).header("alg", "Ed25519").sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
}

#[tokio::test]
async fn a_symmetric_algorithm_finds_no_key_in_a_key_set() {
    let server = server().await;
    for alg in ["HS256", "HS384", "HS512"] {
        let token = good_token().await.header("alg", alg).sign().unwrap();
        assert_eq!(code(&server, &token).await, "key.algorithm_mismatch", "{alg}");
        let nameless = good_token().await.header("alg", alg).without_header("kid").sign().unwrap();
        assert_eq!(code(&server, &nameless).await, "key.none_fits", "{alg}");
    }
}

#[tokio::test]
async fn a_secret_in_a_key_set_is_never_used() {
    let mut jwks = issuer().await.jwks();
    let secret = serde_json::json!({
        "kty": "oct", "kid": "secret", "alg": "HS256",
        "k": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    });
    jwks["keys"].as_array_mut().unwrap().push(secret);
    let server = server_of(Keys::jwks(jwks.to_string())).await;
    let token = good_token().await.header("alg", "HS256").header("kid", "secret").sign().unwrap();
    assert_eq!(code(&server, &token).await, "key.unknown");
    assert_eq!(code(&server, &good_token().await.sign().unwrap()).await, "accepted");
}

#[tokio::test]
async fn without_a_key_id_the_thumbprint_chooses() {
    for member in ["x5t", "x5t#S256"] {
        let keys = keys_changed(|key| {
            let id = key.remove("kid").unwrap();
            key.insert(member.to_owned(), id);
        })
        .await;
        let server = server_of(keys).await;
        let id = issuer().await.jwks()["keys"][0]["kid"].as_str().unwrap().to_owned();
        for spelling in [id.clone(), format!("{id}=")] {
            let nameless = good_token().await.without_header("kid");
            let token = nameless.clone().header(member, spelling).sign().unwrap();
            assert_eq!(code(&server, &token).await, "accepted", "{member}");
            let other = nameless.header(member, "AAAA").sign().unwrap();
            assert_eq!(code(&server, &other).await, "key.unknown", "{member}");
        }
    }
}

#[tokio::test]
async fn without_any_name_the_only_fitting_key_is_chosen() {
    let nameless = good_token().await.without_header("kid");
    assert_eq!(code(&server().await, &nameless.clone().sign().unwrap()).await, "accepted");

    let two = keys_changed(|key| drop(key.remove("alg"))).await;
    let token = nameless.clone().sign().unwrap();
    assert_eq!(code(&server_of(two).await, &token).await, "key.ambiguous");

    let eddsa_alone = server_with(|issuer| issuer.algorithms([Algorithm::EdDsa])).await;
    assert_eq!(code(&eddsa_alone, &token).await, "key.none_fits");
}

#[tokio::test]
async fn keys_of_one_issuer_never_verify_tokens_of_another() {
    let server = ResourceServer::builder()
        .trust(Issuer::fixed_keys("https://other.example", AUDIENCE, shared_keys().await))
        .trust(Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, Keys::jwks(OTHER_KEY)))
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap();
    let token = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &token).await, "key.unknown");
    let moved = good_token().await.claim("iss", "https://other.example").sign().unwrap();
    assert_eq!(code(&server, &moved).await, "accepted");
}

/// The public key of RFC 8037 appendix A.2.
const OTHER_KEY: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"rfc8037",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
