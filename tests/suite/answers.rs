//! Every row of the table of answers, through all adapters.

use doorward::{
    Issuer, ResourceServer,
    adapter::Access,
    rules::{authenticated, role},
    scope,
};
use doorward_issuer::DevIssuer;

use crate::{
    adapters::{Answer, Asked, ask_all},
    support::{self, AUDIENCE, BrokenClock, good_token, server},
};

const INVALID: &str =
    r#"Bearer realm="api", error="invalid_token", error_description="The access token is invalid""#;
const EXPIRED: &str =
    r#"Bearer realm="api", error="invalid_token", error_description="The access token expired""#;
const MALFORMED: &str = r#"Bearer realm="api", error="invalid_request", error_description="The request is malformed or carries several credentials""#;
const BARE: &str = r#"Bearer realm="api""#;

fn refused(status: u16, challenge: &str, code: &'static str) -> Answer {
    Answer {
        status,
        challenge: Some(challenge.to_owned()),
        retry_after: None,
        cache_control: Some("no-store".to_owned()),
        exposed: None,
        body: String::new(),
        code: Some(code),
    }
}

fn served(body: &str) -> Answer {
    Answer {
        status: 200,
        challenge: None,
        retry_after: None,
        cache_control: None,
        exposed: None,
        body: body.to_owned(),
        code: None,
    }
}

fn unavailable(retry_after: &str, code: &'static str) -> Answer {
    Answer {
        status: 503,
        challenge: None,
        retry_after: Some(retry_after.to_owned()),
        cache_control: Some("no-store".to_owned()),
        exposed: None,
        body: String::new(),
        code: Some(code),
    }
}

fn sending(values: &[&[u8]]) -> Asked {
    let authorization = values.iter().map(|value| value.to_vec()).collect();
    Asked { authorization, ..Asked::default() }
}

fn valid() -> Access {
    Access::Require(authenticated())
}

#[tokio::test]
async fn a_request_without_credentials_gets_a_bare_challenge() {
    let server = server().await;
    for asked in [
        Asked::default(),
        sending(&[b""]),
        sending(&[b"Basic dTpw"]),
        sending(&[b"DPoP abc"]),
        sending(&[b"Bearerabc"]),
        Asked { fields: vec![("cookie", "access_token=abc".to_owned())], ..Asked::default() },
        Asked {
            fields: vec![("x-forwarded-authorization", "Bearer abc".to_owned())],
            ..Asked::default()
        },
        Asked {
            fields: vec![("proxy-authorization", "Bearer abc".to_owned())],
            ..Asked::default()
        },
    ] {
        let answer = ask_all(&server, &valid(), &asked).await;
        assert_eq!(answer, refused(401, BARE, "credentials.missing"), "{asked:?}");
    }
}

/// Also where the token is optional: who sends a token is not anonymous.
#[tokio::test]
async fn a_token_without_its_scheme_gets_a_bare_challenge_on_every_route() {
    let server = server().await;
    let token = good_token().await.sign().unwrap();
    for value in [token.clone(), format!("JWT {token}"), format!("token {token}")] {
        let asked = sending(&[value.as_bytes()]);
        for access in [valid(), Access::Optional] {
            let answer = ask_all(&server, &access, &asked).await;
            assert_eq!(answer, refused(401, BARE, "credentials.no_scheme"), "{access:?}");
        }
    }
}

#[tokio::test]
async fn a_malformed_credential_is_an_invalid_request() {
    let server = server().await;
    for value in [
        &b"Bearer"[..],
        b"Bearer a b",
        b"Bearer a, Bearer b",
        b"Bearer token=\"abc\"",
        b"Bearer \xff",
        b"bearer\tabc",
    ] {
        let answer = ask_all(&server, &valid(), &sending(&[value])).await;
        assert_eq!(answer, refused(400, MALFORMED, "credentials.malformed"), "{value:?}");
    }
}

#[tokio::test]
async fn several_credentials_are_an_invalid_request_even_with_a_good_token() {
    let server = server().await;
    let good = format!("Bearer {}", good_token().await.sign().unwrap()).into_bytes();
    for other in [&good[..], b"Bearer abc", b"Basic dTpw", b""] {
        let expected = refused(400, MALFORMED, "credentials.several");
        assert_eq!(ask_all(&server, &valid(), &sending(&[&good, other])).await, expected);
        assert_eq!(ask_all(&server, &Access::Optional, &sending(&[other, &good])).await, expected);
    }
}

#[tokio::test]
async fn an_invalid_token_is_refused_with_one_sentence_whatever_the_reason() {
    let server = server().await;
    let good = good_token().await.sign().unwrap();
    let (signed, _) = good.rsplit_once('.').unwrap();
    let at = |seconds: u64| i64::try_from(support::NOW + seconds).unwrap();
    for (token, code) in [
        ("abc".to_owned(), "token.not_compact"),
        ("a".repeat(16 * 1024 + 1), "token.too_long"),
        (",".repeat(16 * 1024 + 1), "token.too_long"),
        (format!("{signed}.AAAA"), "signature.invalid"),
        (good_token().await.header("kid", "other").sign().unwrap(), "key.unknown"),
        (good_token().await.claim("sub", 1).sign().unwrap(), "claims.malformed"),
        (good_token().await.audience("api://x").sign().unwrap(), "policy.audience"),
        (good_token().await.claim("iss", "https://x").sign().unwrap(), "policy.untrusted_issuer"),
        (good_token().await.header("typ", "dpop+jwt").sign().unwrap(), "policy.token_type"),
        (good_token().await.claim("nbf", at(61)).sign().unwrap(), "policy.not_yet_valid"),
        (good_token().await.issued_at(at(61)).sign().unwrap(), "policy.issued_in_future"),
    ] {
        let answer = ask_all(&server, &valid(), &Asked::bearing(&token)).await;
        assert_eq!(answer, refused(401, INVALID, code));
        let answer = ask_all(&server, &Access::Optional, &Asked::bearing(&token)).await;
        assert_eq!(answer, refused(401, INVALID, code), "optional must not mean ignored");
    }
}

#[tokio::test]
async fn an_expired_token_is_told_so_only_once_its_signature_has_passed() {
    let server = server().await;
    let expired = good_token().await.claim("exp", support::NOW - 60).sign().unwrap();
    let answer = ask_all(&server, &valid(), &Asked::bearing(&expired)).await;
    assert_eq!(answer, refused(401, EXPIRED, "policy.expired"));

    let (signed, _) = expired.rsplit_once('.').unwrap();
    let answer = ask_all(&server, &valid(), &Asked::bearing(&format!("{signed}.AAAA"))).await;
    assert_eq!(answer, refused(401, INVALID, "signature.invalid"));
}

#[tokio::test]
async fn a_token_that_does_not_meet_the_rule_is_forbidden_and_told_the_scopes() {
    let server = server().await;
    let token = good_token().await.scope("orders.read").sign().unwrap();
    let sentence = r#"Bearer realm="api", error="insufficient_scope", error_description="The access token does not grant what this resource requires""#;
    for (rule, scopes) in [
        (scope!("orders.write"), r#", scope="orders.write""#),
        (scope!("orders.read") & scope!("orders.write"), r#", scope="orders.read orders.write""#),
        (scope!("orders.write") & role("Admin"), r#", scope="orders.write""#),
        (scope!("reports.read") | role("Reader"), r#", scope="reports.read""#),
        (
            scope!("a") & scope!("b") | scope!("orders.read") & scope!("c"),
            r#", scope="orders.read c""#,
        ),
        (role("Admin"), ""),
    ] {
        let access = Access::Require(rule);
        let answer = ask_all(&server, &access, &Asked::bearing(&token)).await;
        assert_eq!(answer, refused(403, &format!("{sentence}{scopes}"), "rule.not_met"));
    }
}

#[tokio::test]
async fn a_token_that_meets_the_rule_reaches_the_handler() {
    let server = server().await;
    let token =
        good_token().await.scope("orders.read orders.write").roles(["Admin"]).sign().unwrap();
    for rule in [
        authenticated(),
        scope!("orders.read"),
        scope!("orders.write") & role("Admin"),
        scope!("nothing") | role("Admin"),
        role("Other") | scope!("orders.read") & role("Admin"),
    ] {
        let answer = ask_all(&server, &Access::Require(rule), &Asked::bearing(&token)).await;
        assert_eq!(answer, served("u1"));
    }
    for scheme in ["bearer", "BEARER", "bEaReR  "] {
        let asked = sending(&[format!("{scheme} {token}").as_bytes()]);
        assert_eq!(ask_all(&server, &valid(), &asked).await, served("u1"), "{scheme}");
    }
}

#[tokio::test]
async fn where_a_token_is_optional_its_absence_is_fine() {
    let server = server().await;
    let token = good_token().await.sign().unwrap();
    let ask = async |asked| ask_all(&server, &Access::Optional, &asked).await;
    assert_eq!(ask(Asked::default()).await, served("anonymous"));
    assert_eq!(ask(Asked::bearing(&token)).await, served("u1"));
}

#[tokio::test]
async fn without_keys_the_answer_is_503_and_when_to_retry() {
    let silent = DevIssuer::start().await.unwrap();
    let (issuer, token) = (silent.issuer().to_owned(), silent.mint().sign().unwrap());
    drop(silent);
    let server = ResourceServer::builder()
        .trust(Issuer::discover(issuer, AUDIENCE))
        .allow_loopback_http()
        .lazy()
        .build()
        .await
        .unwrap();
    // The first fetch fails, and the next is due within a second.
    for access in [valid(), Access::Optional] {
        let answer = ask_all(&server, &access, &Asked::bearing(&token)).await;
        assert_eq!(answer, unavailable("1", "unavailable.keys"));
    }
    let answer = ask_all(&server, &valid(), &Asked::bearing("abc")).await;
    assert_eq!(answer, refused(401, INVALID, "token.not_compact"), "junk is junk all the same");
}

#[tokio::test]
async fn a_key_that_nobody_can_be_asked_about_is_503_and_no_fault_of_the_token() {
    let dev = DevIssuer::start().await.unwrap();
    let server = ResourceServer::builder()
        .trust(Issuer::discover(dev.issuer(), AUDIENCE))
        .allow_loopback_http()
        .clock(support::TestClock::at(support::NOW))
        .build()
        .await
        .unwrap();
    let now = i64::try_from(support::NOW).unwrap();
    let mint = || dev.mint().audience(AUDIENCE).issued_at(now);
    let (known, unknown) = (mint().sign().unwrap(), mint().header("kid", "x").sign().unwrap());
    drop(dev);
    for access in [valid(), Access::Optional] {
        let answer = ask_all(&server, &access, &Asked::bearing(&unknown)).await;
        assert_eq!(answer, unavailable("10", "unavailable.issuer"), "the rest of the cooldown");
    }
    assert_eq!(ask_all(&server, &valid(), &Asked::bearing(&known)).await.status, 200);
}

#[tokio::test]
async fn without_the_time_the_answer_is_503() {
    let server = ResourceServer::builder()
        .trust(Issuer::fixed_keys("https://a.example", AUDIENCE, support::shared_keys().await))
        .clock(BrokenClock)
        .build()
        .await
        .unwrap();
    let token = good_token().await.sign().unwrap();
    let answer = ask_all(&server, &valid(), &Asked::bearing(&token)).await;
    assert_eq!(answer, unavailable("10", "unavailable.clock"));
}

#[tokio::test]
async fn the_realm_is_the_one_that_was_set() {
    let server = ResourceServer::builder()
        .trust(Issuer::fixed_keys("https://a.example", AUDIENCE, support::shared_keys().await))
        .realm("orders, and more")
        .build()
        .await
        .unwrap();
    let answer = ask_all(&server, &valid(), &Asked::default()).await;
    assert_eq!(answer, refused(401, r#"Bearer realm="orders, and more""#, "credentials.missing"));
}

#[tokio::test]
async fn every_challenge_is_read_back_by_an_independent_parser() {
    let server = server().await;
    let token = good_token().await.sign().unwrap();
    let access = Access::Require(scope!("a.b:c/d") & scope!("e#f,g"));
    for (asked, expected) in [
        (Asked::default(), vec![("realm", "api")]),
        (
            Asked::bearing(&token),
            vec![
                ("realm", "api"),
                ("error", "insufficient_scope"),
                (
                    "error_description",
                    "The access token does not grant what this resource requires",
                ),
                ("scope", "a.b:c/d e#f,g"),
            ],
        ),
    ] {
        let challenge = ask_all(&server, &access, &asked).await.challenge.unwrap();
        assert_eq!(parameters(&challenge), expected);
    }
}

/// Reads a challenge by the grammar of RFC 9110 §11.2, written for this test alone.
fn parameters(challenge: &str) -> Vec<(&str, &str)> {
    let (scheme, mut rest) = challenge.split_once(' ').unwrap();
    assert_eq!(scheme, "Bearer");
    let mut parameters = Vec::new();
    loop {
        let (name, value) = rest.split_once("=\"").unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
        let (value, after) = value.split_once('"').unwrap();
        assert!(!value.contains('\\'));
        parameters.push((name, value));
        match after.strip_prefix(", ") {
            Some(more) => rest = more,
            None => {
                assert_eq!(after, "");
                return parameters;
            }
        }
    }
}
