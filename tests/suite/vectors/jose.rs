//! Whole tokens: our own attacks on the RFCs' keys, the cases of other projects' tests, and the JOSE
//! files of Wycheproof; each through `verdict`.

use doorward::{Issuer, Keys, ResourceServer, conformance, keys::Algorithm, presets::Cloud};
use serde_json::{Value, json};

use super::{Said, Tally, read_json, read_rows, verdict};
use crate::support::{Documents, NOW, TestClock, code};

/// The case of a row that has a key set; `None` where its key is written in another way.
fn case(row: &Value) -> Option<Value> {
    let jwks = match (&row["key"]["jwks"], &row["key"]["jwk"]) {
        (Value::Null, Value::Null) => return None,
        (Value::Null, jwk) => json!({ "keys": [jwk] }),
        (jwks, _) => jwks.clone(),
    };
    let mut case = json!({ "id": row["id"], "token": row["token"], "jwks": jwks });
    let config = &row["config"];
    if config.is_null() || row["strict_expect"].as_str()?.starts_with("sig-ok") {
        case["check"] = json!("signature");
        return Some(case);
    }
    for (ours, theirs) in [
        ("issuer", "issuer"),
        ("audience", "audience"),
        ("now", "now"),
        ("leeway", "leeway"),
        ("algorithms", "algs"),
        ("required_scopes", "required_scopes"),
    ] {
        if !config[theirs].is_null() {
            case[ours] = config[theirs].clone();
        }
    }
    let typ = config["typ"].as_array().map(Vec::as_slice);
    case["typ"] = match typ {
        Some([one]) if one == "at+jwt" => json!("at+jwt"),
        Some([]) | None => json!("any"),
        Some(_) => json!("access"),
    };
    Some(case)
}

fn expected(row: &Value) -> Said {
    let expected = row["strict_expect"].as_str().unwrap();
    Said::accept_if(expected == "accept" || expected.starts_with("sig-ok"))
}

#[test]
fn every_row_of_our_own_attacks_is_judged_as_the_rfcs_demand() {
    let Some(rows) = read_rows("spec_derived.jsonl") else {
        return;
    };
    let mut tally = Tally::of("spec_derived");
    for row in rows.iter().filter(|row| row["kind"] == "jws") {
        let verdict = verdict(&case(row).unwrap());
        let (id, said) = (row["id"].as_str().unwrap(), Said::by(&verdict));
        tally.hold(id, said, expected(row), &verdict.to_string());
        // What the client is told, where the row says one thing.
        let error = row["error"].as_str().filter(|error| !error.contains(' '));
        if let (Said::Reject, Some(error)) = (said, error) {
            let told = (&verdict["status"], &verdict["error"]);
            assert_eq!(told, (&row["status"], &json!(error)), "{id}: {verdict}");
        }
    }
    tally.close(295);
}

#[test]
fn every_row_of_other_projects_tests_is_judged_strictly() {
    let Some(rows) = read_rows("peers.jsonl") else {
        return;
    };
    let mut tally = Tally::of("peers");
    for row in rows.iter().filter(|row| row["kind"] == "jws") {
        let id = row["id"].as_str().unwrap();
        if row["strict_expect"] == "skip" || !row["key"]["x509_map"].is_null() {
            tally.skip();
        } else if let Some(pem) = row["key"]["pem"].as_str() {
            let verified = by_pem(row["token"].as_str().unwrap(), pem);
            tally.hold(
                id,
                Said::accept_if(verified.is_ok()),
                expected(row),
                &format!("{verified:?}"),
            );
        } else {
            let verdict = verdict(&case(row).unwrap_or_else(|| without_key(row)));
            tally.hold(id, Said::by(&verdict), expected(row), &verdict.to_string());
        }
    }
    tally.close(360);
}

/// The row is of a token that needs no key to be refused; it gets one all the same.
fn without_key(row: &Value) -> Value {
    let key = json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    json!({
        "id": row["id"], "check": "signature", "token": row["token"], "jwks": { "keys": [key] },
    })
}

fn by_pem(token: &str, pem: &str) -> Result<Vec<u8>, conformance::SignatureRefusal> {
    conformance::verify_signature(token, &Keys::pem(pem), Some(&ALGORITHMS))
}

const ALGORITHMS: [Algorithm; 10] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::EdDsa,
];

#[test]
fn a_key_of_one_issuer_verifies_no_token_of_another() {
    let Some(rows) = read_rows("peers.jsonl") else {
        return;
    };
    let mut tally = Tally::of("peers-issuers");
    for row in rows.iter().filter(|row| row["kind"] == "jws_multi_issuer") {
        let config = &row["config"];
        let verdict = verdict(&json!({
            "id": row["id"], "token": row["token"], "issuers": row["issuers"],
            "audience": config["audience"], "now": config["now"], "leeway": 0,
        }));
        let id = row["id"].as_str().unwrap();
        tally.hold(id, Said::by(&verdict), expected(row), &verdict.to_string());
    }
    tally.close(4);
}

#[test]
fn every_jose_case_of_wycheproof_is_judged_right() {
    let Some(rows) = read_rows("wycheproof/jose_cases.jsonl") else {
        return;
    };
    let mut tally = Tally::of("wycheproof");
    for row in &rows {
        if row["strict_expect"] == "skip" {
            tally.skip();
            continue;
        }
        let key = &row["key"];
        let jwks = if key["keys"].is_null() { json!({ "keys": [key] }) } else { key.clone() };
        let judged = verdict(&json!({
            "id": row["id"], "check": "signature", "token": row["token"], "jwks": jwks,
            "symmetric": row["symmetric"],
        }));
        let id = row["id"].as_str().unwrap();
        tally.hold(id, Said::by(&judged), expected(row), &judged.to_string());
        // In a fetched set, a symmetric key verifies nothing.
        if row["symmetric"] == true {
            let fetched = verdict(&json!({
                "id": row["id"], "check": "signature", "token": row["token"],
                "jwks_text": jwks.to_string(),
            }));
            assert_eq!(Said::by(&fetched), Said::Reject, "{id}");
        }
    }
    tally.close(474);
}

#[test]
fn no_encrypted_token_is_taken_for_a_signed_one() {
    let Some(file) = read_json("wycheproof/json_web_encryption_test.json") else {
        return;
    };
    let mut seen = 0;
    for group in file["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let verdict = verdict(&json!({
                "id": "jwe", "check": "signature", "token": test["jwe"].as_str().unwrap_or_default(),
                "jwks": { "keys": [group["private"], group["public"]] },
            }));
            assert_eq!(Said::by(&verdict), Said::Reject, "{test}");
            seen += 1;
        }
    }
    assert_eq!(seen, 139);
}

/// The rows' tokens have no `azp`, as an ID token of Entra has none: the good one is refused for that,
/// which is looked at after the tenant.
#[tokio::test]
async fn a_tenant_is_what_the_template_of_its_issuer_says() {
    let Some(rows) = read_rows("spec_derived.jsonl") else {
        return;
    };
    let mut codes = Vec::new();
    for row in rows.iter().filter(|row| row["kind"] == "jws_issuer_template") {
        let config = &row["config"];
        let [tenant] = config["allowed_tenants"].as_array().unwrap().as_slice() else {
            panic!("{row}");
        };
        let tenant = tenant.as_str().unwrap();
        let name = config["issuer_template"].as_str().unwrap().replace("{tenantid}", tenant);
        let metadata = format!("{name}/.well-known/openid-configuration");
        let documents = Documents::of(&metadata, &name, row["key"]["jwks"]["keys"].clone());
        let audience = config["audience"].as_str().unwrap();
        let server = ResourceServer::builder()
            .trust(Issuer::entra(Cloud::Global, tenant, audience).algorithms([Algorithm::Es256]))
            .fetcher(documents)
            .clock(TestClock::at(NOW))
            .build()
            .await
            .unwrap();
        codes.push((
            row["id"].as_str().unwrap(),
            code(&server, row["token"].as_str().unwrap()).await,
        ));
    }
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            ("entra/host", "policy.untrusted_issuer"),
            ("entra/literal-template", "policy.untrusted_issuer"),
            ("entra/not-allowed-tenant", "policy.other_tenant"),
            ("entra/ok", "policy.id_token"),
            ("entra/tid-array", "claims.malformed"),
            ("entra/tid-missing", "policy.missing"),
        ]
    );
}
