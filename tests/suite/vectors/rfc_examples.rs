//! Examples of the RFCs, typed in: they prove something where the vectors are not there.

use doorward_verdict::judge;
use serde_json::{Value, json};

/// RFC 7515 A.2 and A.3 sign these claims; their `exp` lies in 2011.
const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

fn verdict(token: &str, key: &Value) -> String {
    let case =
        json!({ "id": "x", "check": "signature", "token": token, "jwks": { "keys": [key] } });
    let verdict: Value =
        serde_json::from_str(&judge(case.to_string().as_bytes()).to_string()).unwrap();
    let said = verdict["code"].as_str().or(verdict["verdict"].as_str());
    said.unwrap().to_owned()
}

/// RFC 7515 A.3.
fn es256() -> (String, Value) {
    let signature =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let key = json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    (format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}.{signature}"), key)
}

/// RFC 8037 A.2 and A.4.
fn eddsa() -> (String, Value) {
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
                 hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let key = json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    (token.to_owned(), key)
}

#[test]
fn examples_of_rfc_7515_and_8037_verify() {
    for (token, key) in [es256(), eddsa()] {
        assert_eq!(verdict(&token, &key), "accept");
    }
}

#[test]
fn an_example_verifies_with_its_own_key_and_whole_alone() {
    let ((token, key), (other_token, other_key)) = (es256(), eddsa());
    assert_eq!(verdict(&token, &other_key), "key.none_fits");
    assert_eq!(verdict(&other_token, &key), "key.none_fits");
    assert_eq!(
        verdict(&token.replace(".eyJpc3MiOiJqb2Ui", ".eyJpc3MiOiJqb2Uj"), &key),
        "signature.invalid"
    );
    let (signed, _) = token.rsplit_once('.').unwrap();
    assert_eq!(verdict(&format!("{signed}."), &key), "token.encoding");
}

/// RFC 7519 §6.1 and RFC 7515 A.5 and E.
#[test]
fn unsecured_and_critical_examples_are_refused() {
    let (_, key) = es256();
    assert_eq!(
        verdict(&format!("eyJhbGciOiJub25lIn0.{CLAIMS}."), &key),
        "token.algorithm_unsupported"
    );
    let critical = "eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA.";
    assert_eq!(verdict(critical, &key), "token.extension");
}
