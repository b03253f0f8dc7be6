//! A valid token broken in exactly one way, for each check of the stages.

use doorward::{
    Error, Issuer, ResourceServer,
    errors::{ClaimsError, PolicyError, TokenError},
};
use doorward_issuer::Algorithm;
use serde_json::{Value, json};

use crate::support::{
    AUDIENCE, NOW, TestClock, code, good_token, issuer, server, server_with, shared_keys, verdict,
};

/// The claims of a good token, to be changed and signed as they are.
async fn claims() -> Value {
    json!({
        "iss": issuer().await.issuer(), "sub": "u1", "aud": AUDIENCE,
        "exp": NOW + 600, "iat": NOW, "client_id": "c1", "jti": "j1", "scope": "orders.read",
    })
}

async fn header() -> Value {
    let jwks = issuer().await.jwks();
    let keys = jwks["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["alg"] == "ES256").unwrap();
    json!({"alg": "ES256", "typ": "at+jwt", "kid": key["kid"]})
}

/// Signs whatever it is given, with a good key.
async fn signed(header: &str, payload: &[u8]) -> String {
    issuer().await.sign_raw(Algorithm::Es256, header, payload).unwrap()
}

async fn refusal_of_header(header: &str) -> Error {
    let token = signed(header, claims().await.to_string().as_bytes()).await;
    verdict(&server().await, &token).await.unwrap_err()
}

async fn refusal_of_payload(payload: &[u8]) -> Error {
    let token = signed(&header().await.to_string(), payload).await;
    verdict(&server().await, &token).await.unwrap_err()
}

async fn refusal_of_claim(name: &str, value: Value) -> Error {
    let mut claims = claims().await;
    claims[name] = value;
    refusal_of_payload(claims.to_string().as_bytes()).await
}

#[tokio::test]
async fn the_unbroken_token_is_accepted() {
    let token = signed(&header().await.to_string(), claims().await.to_string().as_bytes()).await;
    assert_eq!(verdict(&server().await, &token).await.as_deref(), Ok("u1"));
}

#[tokio::test]
async fn a_header_that_asks_for_something_else_is_refused() {
    let with = async |name: &str, value: Value| {
        let mut header = header().await;
        header[name] = value;
        refusal_of_header(&header.to_string()).await
    };
    let extension = |member| Error::Token(TokenError::Extension { member });
    assert_eq!(with("alg", json!("none")).await, TokenError::AlgorithmUnsupported.into());
    assert_eq!(with("crit", json!(["b64"])).await, extension("crit"));
    assert_eq!(with("crit", json!([])).await, extension("crit"));
    assert_eq!(with("b64", json!(false)).await, extension("b64"));
    assert_eq!(with("zip", json!("DEF")).await, extension("zip"));
    assert_eq!(with("cty", json!("JWT")).await, TokenError::Nested.into());
    assert_eq!(with("kid", json!(7)).await, TokenError::HeaderMember { member: "kid" }.into());
    assert_eq!(with("typ", json!("logout+jwt")).await, PolicyError::TokenType.into());
}

#[tokio::test]
async fn a_key_in_the_header_is_never_looked_at() {
    let with = async |name: &str, value: Value| {
        let mut header = header().await;
        header["kid"] = json!("attacker");
        header[name] = value;
        refusal_of_header(&header.to_string()).await.code()
    };
    let key = issuer().await.jwks()["keys"][0].clone();
    assert_eq!(with("jwk", key).await, "key.unknown");
    assert_eq!(with("jku", json!(issuer().await.jwks_url())).await, "key.unknown");
    assert_eq!(with("x5u", json!("https://attacker.example/x")).await, "key.unknown");
    assert_eq!(with("x5c", json!(["MIIB"])).await, "key.unknown");
}

#[tokio::test]
async fn a_loose_header_is_refused() {
    for header in
        ["", "[]", "null", "{\"alg\":\"ES256\",\"alg\":\"ES256\"}", "{\"alg\":\"ES256\"}x", "{"]
    {
        assert_eq!(refusal_of_header(header).await, TokenError::HeaderJson.into(), "{header}");
    }
    assert_eq!(refusal_of_header("{}").await, TokenError::AlgorithmMissing.into());
}

#[tokio::test]
async fn a_payload_that_is_no_strict_object_is_refused() {
    let text = claims().await.to_string();
    let duplicate = text.replacen('{', "{\"aud\":\"api://other\",", 1);
    let nested = text.replacen('{', "{\"x\":{\"a\":1,\"a\":2},", 1);
    let deep = text.replacen('{', &format!("{{\"x\":{}{},", "[".repeat(32), "]".repeat(32)), 1);
    let trailing = format!("{text} x");
    for payload in [duplicate, nested, deep, trailing] {
        assert_eq!(refusal_of_payload(payload.as_bytes()).await, ClaimsError::Json.into());
    }
    assert_eq!(refusal_of_payload(b"{\"iss\":\xff}").await, ClaimsError::Json.into());
    for payload in ["[]", "\"x\"", "null", "1", ""] {
        let refusal = refusal_of_payload(payload.as_bytes()).await;
        assert_eq!(refusal, ClaimsError::Json.into(), "{payload}");
    }
}

#[tokio::test]
async fn claims_are_nested_no_deeper_than_was_set() {
    let issuer = Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, shared_keys().await);
    let server = ResourceServer::builder()
        .trust(issuer)
        .max_json_depth(3)
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap();
    for (claim, expected) in [(json!([[]]), "accepted"), (json!([[[]]]), "claims.json")] {
        let token = good_token().await.claim("x", claim).sign().unwrap();
        assert_eq!(code(&server, &token).await, expected);
    }
}

/// Nesting is counted before `iss` as it is after it.
#[tokio::test]
async fn claims_before_the_issuer_are_nested_as_deeply_as_was_set() {
    let name = issuer().await.issuer();
    let server = ResourceServer::builder()
        .trust(Issuer::fixed_keys(name, AUDIENCE, shared_keys().await))
        .max_json_depth(64)
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap();
    for (levels, expected) in [(63, "accepted"), (64, "claims.json")] {
        let deep = format!("{{\"x\":{}{},", "[".repeat(levels), "]".repeat(levels));
        let payload = claims().await.to_string().replacen('{', &deep, 1);
        let token = signed(&header().await.to_string(), payload.as_bytes()).await;
        assert_eq!(code(&server, &token).await, expected, "{levels}");
    }
}

/// serde_json's `Value` reads an object with such a member as another value, where its features
/// `raw_value` and `arbitrary_precision` are on.
const INTERPRETED: [&str; 5] = [
    r#"{"$serde_json::private::RawValue":"\"admin\""}"#,
    r#"{"\u0024serde_json::private::RawValue":"\"admin\""}"#,
    r#"{"$serde_json::private::Number":"1"}"#,
    r#"[{"a":{"$serde_json::private::Number":"1"}}]"#,
    r#"{"a":1,"$serde_json::private::RawValue":1}"#,
];

#[tokio::test]
async fn claims_that_serde_json_would_interpret_are_refused() {
    let admin = server_with(|issuer| issuer.require_claim_value("level", "admin")).await;
    for value in INTERPRETED {
        let payload = claims().await.to_string().replacen('{', &format!("{{\"level\":{value},"), 1);
        let token = signed(&header().await.to_string(), payload.as_bytes()).await;
        for server in [&server().await, &admin] {
            let refusal = verdict(server, &token).await.unwrap_err();
            assert_eq!(refusal, ClaimsError::ReservedMember.into(), "{value}");
            assert_eq!(refusal.code(), "claims.json");
        }
    }
    let named = good_token().await.claim("level", "admin").claim("x", "$serde_json::private::");
    assert_eq!(code(&admin, &named.sign().unwrap()).await, "accepted");
}

#[tokio::test]
async fn a_header_that_serde_json_would_interpret_is_refused() {
    for value in INTERPRETED {
        let header = header().await.to_string().replacen('{', &format!("{{\"x\":{value},"), 1);
        assert_eq!(refusal_of_header(&header).await, TokenError::HeaderJson.into(), "{value}");
    }
}

/// Also where serde_json keeps numbers as text, which it hands over as objects.
#[tokio::test]
async fn numbers_of_any_form_are_read_as_they_are() {
    let payload = claims().await.to_string().replacen(
        '{',
        r#"{"level":3,"x":[0.5,-1e3,18446744073709551616,{"n":1}],"#,
        1,
    );
    let token = signed(&header().await.to_string(), payload.as_bytes()).await;
    let three = server_with(|issuer| issuer.require_claim_value("level", 3)).await;
    assert_eq!(verdict(&three, &token).await.as_deref(), Ok("u1"));
    let four = server_with(|issuer| issuer.require_claim_value("level", 4)).await;
    assert_eq!(code(&four, &token).await, "policy.required");
    let field = format!("Bearer {token}");
    let token = three.authenticate([field.as_bytes()]).await.unwrap();
    assert_eq!(token.claim::<Value>("level"), Some(json!(3)));
    assert_eq!(token.claim::<Value>(["level", "n"]), None);
}

#[tokio::test]
async fn a_malformed_claim_is_refused_and_never_skipped() {
    for (claim, values) in [
        ("sub", vec![json!(1), json!(null), json!(""), json!({})]),
        ("aud", vec![json!(null), json!(1), json!([1]), json!({}), json!([[AUDIENCE]])]),
        ("exp", vec![json!("1700000600"), json!(null), json!(true), json!(-1), json!(1e12)]),
        ("nbf", vec![json!("1"), json!(null), json!(-1)]),
        ("iat", vec![json!("1"), json!([]), json!(1e300)]),
        ("jti", vec![json!(1)]),
        ("client_id", vec![json!(1)]),
        ("azp", vec![json!([])]),
        ("appid", vec![json!({})]),
        ("cid", vec![json!(false)]),
        ("scope", vec![json!(1), json!([1]), json!({}), json!(null)]),
        ("scp", vec![json!(true), json!([null])]),
        ("roles", vec![json!({"Admin": true}), json!([1]), json!(1)]),
    ] {
        for value in values {
            let refusal = refusal_of_claim(claim, value.clone()).await;
            assert_eq!(refusal, ClaimsError::Malformed { claim }.into(), "{claim}: {value}");
        }
    }
}

#[tokio::test]
async fn an_issuer_that_is_no_string_is_no_issuer() {
    for value in [json!([issuer().await.issuer()]), json!(1), json!(null)] {
        let refusal = refusal_of_claim("iss", value).await;
        assert_eq!(refusal, ClaimsError::Malformed { claim: "iss" }.into());
    }
}

#[tokio::test]
async fn the_issuer_is_compared_byte_for_byte() {
    let name = issuer().await.issuer();
    for other in [
        format!("{name}/"),
        name.to_uppercase(),
        format!("{name}.attacker.example"),
        name.replace("127.0.0.1", "localhost"),
        format!(" {name}"),
        String::new(),
    ] {
        let refusal = refusal_of_claim("iss", json!(other)).await;
        assert_eq!(refusal.code(), "policy.untrusted_issuer", "{other}");
    }
}

#[tokio::test]
async fn the_audience_is_compared_member_by_member_and_byte_by_byte() {
    for aud in [
        json!("api://order"),
        json!("api://orders/"),
        json!("API://ORDERS"),
        json!("api://orders api://x"),
        json!(["api://x", "api://orders2"]),
        json!([]),
        json!(""),
    ] {
        assert_eq!(refusal_of_claim("aud", aud.clone()).await.code(), "policy.audience", "{aud}");
    }
    let mut claims = claims().await;
    claims["aud"] = json!(["api://x", AUDIENCE]);
    let token = signed(&header().await.to_string(), claims.to_string().as_bytes()).await;
    assert_eq!(code(&server().await, &token).await, "accepted");
}

#[tokio::test]
async fn a_claim_that_every_access_token_has_must_be_there() {
    for claim in ["iss", "sub", "aud", "exp"] {
        let token = good_token().await.without(claim).sign().unwrap();
        let refusal = verdict(&server().await, &token).await.unwrap_err();
        assert_eq!(refusal, PolicyError::Missing { claim }.into());
    }
}

#[tokio::test]
async fn any_audience_passes_where_that_was_asked_for_by_its_dangerous_name() {
    let server = server_with(|issuer| issuer.danger_any_audience()).await;
    for token in [good_token().await.audience("api://x"), good_token().await.without("aud")] {
        assert_eq!(code(&server, &token.sign().unwrap()).await, "accepted");
    }
}

#[tokio::test]
async fn id_tokens_and_tokens_bound_to_a_key_are_refused() {
    assert_eq!(refusal_of_claim("at_hash", json!("x")).await, PolicyError::IdToken.into());
    assert_eq!(refusal_of_claim("c_hash", json!(null)).await, PolicyError::IdToken.into());
    assert_eq!(refusal_of_claim("cnf", json!({"jkt": "x"})).await, PolicyError::Bound.into());
    assert_eq!(refusal_of_claim("cnf", json!("odd")).await, PolicyError::Bound.into());
}

#[tokio::test]
async fn a_lifetime_beyond_the_limit_is_refused_where_there_is_one() {
    let limit = std::time::Duration::from_secs(3600);
    let server = ResourceServer::builder()
        .trust(Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, shared_keys().await))
        .clock(TestClock::at(NOW))
        .max_lifetime(limit)
        .build()
        .await
        .unwrap();
    let token = good_token().await.lifetime(limit);
    assert_eq!(code(&server, &token.clone().sign().unwrap()).await, "accepted");
    let longer = token.clone().claim("exp", NOW + 3601).sign().unwrap();
    assert_eq!(code(&server, &longer).await, "policy.lifetime");
    assert_eq!(code(&server, &token.without("iat").sign().unwrap()).await, "policy.lifetime");
}

/// The order of stage 6: a token with several faults is refused for the first of them, and for time
/// last, so that "expired" is said of a token that is good otherwise.
#[tokio::test]
async fn a_token_with_several_faults_is_refused_for_the_first() {
    let token = good_token().await.claim("exp", NOW - 100);
    for (broken, first) in [
        (token.clone().header("typ", "x").without("sub").audience("x"), "policy.token_type"),
        (token.clone().without("sub").audience("x"), "policy.missing"),
        (token.clone().audience("x").claim("at_hash", "x"), "policy.audience"),
        (token.clone().claim("at_hash", "x").claim("cnf", "x"), "policy.id_token"),
        (token.clone().claim("cnf", "x"), "policy.bound"),
        (token.clone().claim("nbf", NOW + 100), "policy.not_yet_valid"),
        (token.clone(), "policy.expired"),
    ] {
        assert_eq!(code(&server().await, &broken.sign().unwrap()).await, first);
    }
    let other_key = token.audience("x").header("kid", "x").sign().unwrap();
    assert_eq!(code(&server().await, &other_key).await, "key.unknown");
}

#[tokio::test]
async fn times_are_exact_to_the_second_of_the_leeway() {
    for (claim, at, expected) in [
        ("exp", NOW - 59, "accepted"),
        ("exp", NOW - 60, "policy.expired"),
        ("nbf", NOW + 60, "accepted"),
        ("nbf", NOW + 61, "policy.not_yet_valid"),
        ("iat", NOW + 60, "accepted"),
        ("iat", NOW + 61, "policy.issued_in_future"),
    ] {
        let token = good_token().await.claim(claim, at).sign().unwrap();
        assert_eq!(code(&server().await, &token).await, expected, "{claim} {at}");
    }
}

#[tokio::test]
async fn every_flipped_bit_and_every_truncation_is_refused() {
    let server = server().await;
    let token = good_token().await.algorithm(Algorithm::EdDsa).sign().unwrap();
    for end in 0..token.len() {
        assert_ne!(code(&server, &token[..end]).await, "accepted", "cut at {end}");
    }
    for index in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[index] ^= 1 << bit;
            if let Ok(flipped) = String::from_utf8(bytes) {
                assert_ne!(code(&server, &flipped).await, "accepted", "bit {bit} of {index}");
            }
        }
    }
}

#[tokio::test]
async fn errors_and_debug_hold_nothing_of_the_token() {
    let token = good_token().await.subject("secret-subject").audience("api://x").sign().unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    let refusal = verdict(&server().await, &token).await.unwrap_err();
    let shown = format!("{refusal} {refusal:?}");
    assert!(!shown.contains("secret-subject") && !shown.contains(signature), "{shown}");

    let good = good_token().await.subject("secret-subject").sign().unwrap();
    let field = format!("Bearer {good}");
    let server = server().await;
    let authentication = server.authenticate([field.as_bytes()]);
    let pending = format!("{authentication:?}");
    let token = authentication.await.unwrap();
    let shown = format!("{pending} {token:?} {server:?}");
    assert!(!shown.contains("secret-subject") && !shown.contains("eyJ"), "{shown}");
}
