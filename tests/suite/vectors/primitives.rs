//! The raw files of Wycheproof: message, key and signature of each algorithm, with the key read as an
//! entry of a published set.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{conformance::PublicKey, keys::Algorithm};
use serde_json::{Value, json};

use super::{Said, Tally, read_json};

/// The files whose signatures are those of the algorithm, with the number of their tests.
const OF_THE_ALGORITHM: [(&str, Algorithm, usize); 22] = [
    ("rsa_signature_2048_sha256", Algorithm::Rs256, 259),
    ("rsa_signature_2048_sha384", Algorithm::Rs384, 258),
    ("rsa_signature_2048_sha512", Algorithm::Rs512, 259),
    ("rsa_signature_3072_sha256", Algorithm::Rs256, 259),
    ("rsa_signature_3072_sha384", Algorithm::Rs384, 259),
    ("rsa_signature_3072_sha512", Algorithm::Rs512, 260),
    ("rsa_signature_4096_sha256", Algorithm::Rs256, 258),
    ("rsa_signature_4096_sha384", Algorithm::Rs384, 259),
    ("rsa_signature_4096_sha512", Algorithm::Rs512, 259),
    ("rsa_signature_8192_sha256", Algorithm::Rs256, 258),
    ("rsa_signature_8192_sha384", Algorithm::Rs384, 259),
    ("rsa_signature_8192_sha512", Algorithm::Rs512, 259),
    ("rsa_pss_2048_sha256_mgf1_32", Algorithm::Ps256, 108),
    ("rsa_pss_3072_sha256_mgf1_32", Algorithm::Ps256, 108),
    ("rsa_pss_4096_sha256_mgf1_32", Algorithm::Ps256, 108),
    ("rsa_pss_2048_sha384_mgf1_48", Algorithm::Ps384, 141),
    ("rsa_pss_4096_sha384_mgf1_48", Algorithm::Ps384, 141),
    ("rsa_pss_4096_sha512_mgf1_64", Algorithm::Ps512, 179),
    ("ecdsa_secp256r1_sha256_p1363", Algorithm::Es256, 262),
    ("ecdsa_secp384r1_sha384_p1363", Algorithm::Es384, 280),
    ("ecdsa_secp521r1_sha512_p1363", Algorithm::Es512, 318),
    ("ed25519", Algorithm::EdDsa, 151),
];

/// The files whose signatures are of another kind than the algorithm's: none may pass.
const OF_ANOTHER_KIND: [(&str, Algorithm, usize); 11] = [
    ("ed448", Algorithm::EdDsa, 87),
    ("rsa_pss_2048_sha256_mgf1_0", Algorithm::Ps256, 103),
    ("rsa_pss_2048_sha256_mgf1sha1_20", Algorithm::Ps256, 108),
    ("rsa_pss_2048_sha1_mgf1_20", Algorithm::Ps256, 88),
    ("rsa_pss_4096_sha512_mgf1_32", Algorithm::Ps512, 177),
    ("ecdsa_secp256r1_sha512_p1363", Algorithm::Es256, 332),
    ("ecdsa_secp384r1_sha512_p1363", Algorithm::Es384, 318),
    ("ecdsa_secp256r1_sha256", Algorithm::Es256, 484),
    ("ecdsa_secp256k1_sha256_p1363", Algorithm::Es256, 252),
    ("rsa_signature_2048_sha256", Algorithm::Ps256, 259),
    ("rsa_pss_2048_sha256_mgf1_32", Algorithm::Rs256, 108),
];

fn bytes(hex: &Value) -> Vec<u8> {
    let digits: Vec<u8> = hex.as_str().unwrap().bytes().map(digit).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        b'a'..=b'f' => hex - b'a' + 10,
        other => panic!("{other}"),
    }
}

/// The public key of a group as a JWK without `alg`.
fn jwk(group: &Value) -> Value {
    for name in ["publicKeyJwk", "keyJwk"] {
        if let Some(jwk) = group[name].as_object() {
            let mut jwk = jwk.clone();
            jwk.retain(|name, _| {
                !["alg", "d", "p", "q", "dp", "dq", "qi"].contains(&name.as_str())
            });
            return jwk.into();
        }
    }
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let key = &group["publicKey"];
    match key["curve"].as_str() {
        None => json!({
            "kty": "RSA",
            "n": encode(&bytes(&key["modulus"])),
            "e": encode(&bytes(&key["publicExponent"])),
        }),
        Some(curve) => {
            // Two coordinates after a byte that says so.
            let point = bytes(&key["uncompressed"]);
            let (x, y) = point[1..].split_at(point.len() / 2);
            let name = match curve {
                "secp256r1" => "P-256",
                "secp384r1" => "P-384",
                "secp521r1" => "P-521",
                other => other,
            };
            json!({ "kty": "EC", "crv": name, "x": encode(x), "y": encode(y) })
        }
    }
}

/// Holds every signature of the group against what `may_pass` says of it.
fn hold(
    tally: &mut Tally,
    file: &str,
    algorithm: Algorithm,
    group: &Value,
    may_pass: bool,
) -> usize {
    let key = PublicKey::from_jwk(&jwk(group).to_string(), [algorithm]);
    let tests = group["tests"].as_array().unwrap();
    for test in tests {
        let (message, signature) = (bytes(&test["msg"]), bytes(&test["sig"]));
        let verifies = |key: &PublicKey| key.verifies(algorithm, &message, &signature);
        let said = Said::accept_if(key.as_ref().is_ok_and(verifies));
        let expected = Said::accept_if(may_pass && test["result"] == "valid");
        let id = format!("{file}/tc{}", test["tcId"]);
        tally.hold(&id, said, expected, &format!("{} {:?}", test["comment"], key.as_ref().err()));
    }
    tests.len()
}

fn hold_files(tally: &str, files: &[(&str, Algorithm, usize)], may_pass: bool) {
    let mut tally = Tally::of(tally);
    let mut all = 0;
    for (file, algorithm, total) in files {
        let Some(json) = read_json(&format!("wycheproof/{file}_test.json")) else {
            return;
        };
        let groups = json["testGroups"].as_array().unwrap().iter();
        let seen: usize =
            groups.map(|group| hold(&mut tally, file, *algorithm, group, may_pass)).sum();
        assert_eq!(seen, *total, "{file}");
        all += total;
    }
    tally.close(all);
}

#[test]
fn every_signature_of_wycheproof_is_judged_right() {
    hold_files("primitives", &OF_THE_ALGORITHM, true);
}

#[test]
fn no_signature_of_another_kind_passes() {
    hold_files("mismatch", &OF_ANOTHER_KIND, false);
}

/// Signatures under odd parameters: those alone may pass whose parameters are the algorithm's.
#[test]
fn pss_parameters_are_those_of_the_algorithm_alone() {
    let Some(json) = read_json("wycheproof/rsa_pss_misc_test.json") else {
        return;
    };
    let mut tally = Tally::of("pss_misc");
    for group in json["testGroups"].as_array().unwrap() {
        for (algorithm, hash, len) in [
            (Algorithm::Ps256, "SHA-256", 32),
            (Algorithm::Ps384, "SHA-384", 48),
            (Algorithm::Ps512, "SHA-512", 64),
        ] {
            let fits = group["sha"] == hash && group["mgfSha"] == hash && group["sLen"] == len;
            hold(&mut tally, algorithm.name(), algorithm, group, fits);
        }
    }
    tally.close(450);
}
