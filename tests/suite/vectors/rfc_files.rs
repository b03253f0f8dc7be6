//! The examples of RFC 7515, 7517, 7519, 7520, 7797, 8037 and 9068.

use serde_json::{Value, json};

use super::{Said, Tally, read_json, verdict};

/// Judges a token by a key that may be symmetric.
fn judge_signature(id: &str, token: &str, key: &Value) -> Value {
    let public: Value = match key.as_object() {
        Some(members) => members
            .iter()
            .filter(|(name, _)| !["d", "p", "q", "dp", "dq", "qi"].contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        None => json!({}),
    };
    verdict(&json!({
        "id": id, "check": "signature", "token": token, "jwks": { "keys": [public] },
        "symmetric": key["kty"] == "oct", "algorithms": key["kty"].as_str().map(algorithms),
    }))
}

fn algorithms(key_type: &str) -> Vec<&'static str> {
    match key_type {
        "oct" => vec!["HS256"],
        "RSA" => vec!["RS256", "PS384"],
        "OKP" => vec!["EdDSA"],
        _ => vec!["ES256", "ES384", "ES512"],
    }
}

#[test]
fn examples_of_rfc_7515_and_7519_are_judged_as_the_rfcs_say() {
    let Some(file) = read_json("rfc/rfc7515_rfc7519.json") else {
        return;
    };
    let mut tally = Tally::of("rfc7515");
    for case in file["cases"].as_array().unwrap() {
        let (id, token) = (case["id"].as_str().unwrap(), case["token"].as_str().unwrap());
        let verdict = judge_signature(id, token, &case["public_jwk"]);
        let expected = Said::accept_if(case["expect"].as_str().unwrap().starts_with("accept"));
        tally.hold(id, Said::by(&verdict), expected, &verdict.to_string());
    }
    tally.close(10);
}

#[test]
fn examples_of_rfc_7520_and_7797_are_judged_as_the_rfcs_say() {
    let mut tally = Tally::of("rfc7520");
    for (file, expected) in [
        ("jws/4_1.rsa_v15_signature", Said::Accept),
        ("jws/4_2.rsa-pss_signature", Said::Accept),
        ("jws/4_3.ecdsa_signature", Said::Accept),
        ("jws/4_4.hmac-sha2_integrity_protection", Said::Accept),
        // Its payload is sent apart.
        ("jws/4_5.signature_with_detached_content", Said::Reject),
        ("rfc7797/hmac-sha2_b64_false", Said::Reject),
        ("curve25519/jws", Said::Accept),
    ] {
        let Some(example) = read_json(&format!("rfc/cookbook/{file}.json")) else {
            return;
        };
        let token = example["output"]["compact"].as_str().unwrap();
        let verdict = judge_signature(file, token, &example["input"]["key"]);
        tally.hold(file, Said::by(&verdict), expected, &verdict.to_string());
        // The JSON serializations are none that a bearer token may have.
        for json in ["json", "json_flat"] {
            let token = example["output"][json].to_string();
            let verdict = judge_signature(file, &token, &example["input"]["key"]);
            assert_eq!(Said::by(&verdict), Said::Reject, "{file} {json}");
        }
    }
    tally.close(7);
}

#[test]
fn the_example_of_rfc_8037_verifies() {
    let Some(file) = read_json("rfc/rfc8037.json") else {
        return;
    };
    let verdict = judge_signature("8037", file["token"].as_str().unwrap(), &file["public_jwk"]);
    assert_eq!(Said::by(&verdict), Said::Accept, "{verdict}");
}

#[test]
fn key_sets_of_rfc_7517_have_the_keys_that_they_show() {
    use doorward::{Keys, conformance::usable_keys};
    let Some(file) = read_json("rfc/rfc7517_jwks.json") else {
        return;
    };
    // Of A.1 the EC key is for encryption.
    for (set, usable) in [("public_jwks", 1), ("private_jwks", 0), ("symmetric_jwks", 0)] {
        assert_eq!(usable_keys(&Keys::jwks(file[set].to_string())), Some(usable), "{set}");
    }
}

#[tokio::test]
async fn types_of_rfc_9068_are_read_as_it_says() {
    use crate::support::{code, good_token, server_with};
    let Some(file) = read_json("rfc/rfc9068.json") else {
        return;
    };
    let strict = server_with(doorward::keys::FixedKeysIssuer::require_at_jwt).await;
    for case in file["typ_cases"].as_array().unwrap() {
        let token = match &case[0] {
            Value::Null => good_token().await.without_header("typ"),
            typ => good_token().await.header("typ", typ.clone()),
        };
        let code = code(&strict, &token.sign().unwrap()).await;
        assert_eq!(code == "accepted", case[1] == "accept", "{}: {code}", case[0]);
    }
}
