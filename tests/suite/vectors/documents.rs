//! Key sets: which documents are refused, and how many keys of the others can be used.

use doorward::{Keys, conformance, keys::Algorithm};
use serde_json::Value;

use super::{Said, Tally, read_rows};

/// How many keys of a fetched document can be used; `None` when the document is refused as a whole.
fn usable(row: &Value) -> Option<usize> {
    conformance::usable_keys(&Keys::jwks(row["jwks_text"].as_str().unwrap()))
}

#[test]
fn usable_keys_are_counted_as_the_rfcs_say() {
    let Some(rows) = read_rows("spec_derived.jsonl") else {
        return;
    };
    let mut tally = Tally::of("jwks");
    for row in rows.iter().filter(|row| row["kind"] == "jwks_parse") {
        let found = usable(row);
        let expected = row["usable_keys"].clone();
        let agrees = match (&expected, found) {
            (Value::Number(number), Some(found)) => number.as_u64() == u64::try_from(found).ok(),
            (Value::String(text), None) => text == "error",
            (Value::String(text), Some(found)) => text.parse() == Ok(found),
            (_, None) => false,
            _ => panic!("{expected}"),
        };
        let id = row["id"].as_str().unwrap();
        let details = format!("{expected} expected, {found:?} found: {}", row["reason"]);
        tally.hold(id, Said::accept_if(agrees), Said::Accept, &details);
    }
    tally.close(31);
}

#[test]
fn documents_of_other_projects_tests_are_read_as_they_read_them_or_more_strictly() {
    let Some(rows) = read_rows("peers.jsonl") else {
        return;
    };
    let mut tally = Tally::of("peers-jwks");
    for row in rows.iter().filter(|row| row["kind"] == "jwks_parse") {
        let expected = match row["strict_expect"].as_str().unwrap() {
            "accept" => Said::Accept,
            policy if policy.starts_with("policy") => {
                tally.skip();
                continue;
            }
            _ => Said::Reject,
        };
        let said = Said::accept_if(usable(row).is_some_and(|keys| keys > 0));
        let id = row["id"].as_str().unwrap();
        tally.hold(id, said, expected, row["reason"].as_str().unwrap_or_default());
    }
    tally.close(94);
}

#[test]
fn algorithms_of_a_key_are_its_own_or_those_configured() {
    let rsa = r#"{"keys":[{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}]}"#;
    for (algorithms, usable) in [
        (None, true),
        (Some(&[Algorithm::Ps512][..]), true),
        (Some(&[Algorithm::Es256]), false),
        (Some(&[]), false),
    ] {
        let checked = conformance::check_keys(&Keys::jwks(rsa), algorithms);
        assert_eq!(checked.is_ok(), usable, "{algorithms:?}");
    }
}
