//! What a refusal leaves in the log: a code and a reason in one line, and nothing that a token could
//! have written there.

use std::{cell::RefCell, io, sync::Once};

use doorward::{
    Issuer, Keys, ResourceServer, adapter::Access, keys::FixedKeysIssuer, rules::authenticated,
    scope,
};
use serde_json::json;

use crate::{
    adapters::{Asked, ask_all},
    support::{good_token, server},
};

thread_local! {
    static LOGGED: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// What is logged on this thread while it lives.
pub struct Log;

impl Log {
    pub fn begin() -> Self {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(|| Log);
            tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        });
        LOGGED.set(Some(Vec::new()));
        Self
    }

    pub fn end(self) -> String {
        String::from_utf8(LOGGED.take().unwrap()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.iter_mut().for_each(|log| log.extend(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Text that forges a line, colours a terminal, turns the writing around, or breaks out of a field.
const HOSTILE: [&str; 7] = [
    "a\r\nINFO forged: request accepted",
    "a\u{1b}[31mred",
    "a\u{202e}b\u{200b}c",
    "a\0b",
    "a\"b\\c",
    "<script>alert(1)</script>",
    "\u{9b}2J",
];

#[tokio::test]
async fn hostile_text_of_a_token_is_escaped_in_the_log_and_absent_from_the_answer() {
    let server = server().await;
    for text in HOSTILE {
        for token in [
            good_token().await.claim("iss", text),
            good_token().await.audience(text),
            good_token().await.audiences([text, text]),
            good_token().await.header("kid", text),
            good_token().await.header("typ", text),
            good_token().await.header("alg", text),
            good_token().await.scope(text),
            good_token().await.claim(text, json!({ text: text })).subject(text),
        ] {
            let token = token.sign().unwrap();
            let log = Log::begin();
            let access = Access::Require(scope!("orders.read"));
            let answer = ask_all(&server, &access, &Asked::bearing(&token)).await;
            let log = log.end();
            assert_eq!(log.lines().count(), 3, "one for each adapter: {log}");
            let control = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{200b}".contains(c);
            assert!(!log.contains(control), "{log:?}");
            assert!(
                log.lines().all(|line| line.contains(" INFO ") && line.contains("code=")),
                "{log}"
            );
            let signature = token.rsplit('.').next().unwrap();
            assert!(!log.contains(signature) && !log.contains(&token[..40]), "{log}");
            let challenge = answer.challenge.unwrap();
            assert!(challenge.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{challenge}");
            assert!(!challenge.contains("forged") && !challenge.contains('<'), "{challenge}");
            assert_eq!(answer.body, "");
        }
    }
}

#[tokio::test]
async fn a_request_without_credentials_and_one_that_is_served_leave_nothing() {
    let server = server().await;
    let good = Asked::bearing(&good_token().await.sign().unwrap());
    let log = Log::begin();
    for asked in [Asked::default(), good] {
        let _ = ask_all(&server, &Access::Require(authenticated()), &asked).await;
    }
    assert_eq!(log.end(), "", "at the level of most programs");
}

/// Once for the algorithm, and not where the keys are tried one after the other.
#[tokio::test]
async fn a_key_set_that_leaves_tokens_without_a_key_id_a_choice_is_logged() {
    let mut jwks = crate::support::issuer().await.jwks();
    for key in jwks["keys"].as_array_mut().unwrap() {
        key.as_object_mut().unwrap().remove("kid");
        if key["kty"] == "RSA" {
            key["alg"] = json!("RS256");
        }
    }
    let logged = async |describe: fn(FixedKeysIssuer) -> FixedKeysIssuer| {
        let log = Log::begin();
        let issuer = Issuer::fixed_keys("https://a.example", "a", Keys::jwks(jwks.to_string()));
        ResourceServer::builder().trust(describe(issuer)).build().await.unwrap();
        log.end()
    };
    let log = logged(|issuer| issuer).await;
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains("WARN") && log.contains("several keys of the set fit"), "{log}");
    assert!(log.contains("algorithm=\"RS256\""), "{log}");
    assert_eq!(logged(FixedKeysIssuer::try_all_keys).await, "");
}

#[tokio::test]
async fn a_key_that_nobody_has_is_forgotten_with_a_warning() {
    let server = server().await;
    let issuer = crate::support::issuer().await;
    let log = Log::begin();
    server.forget_key(issuer.issuer(), "typo").unwrap();
    let log = log.end();
    assert!(log.contains("no cached key has the name that was to be forgotten"), "{log}");
    let jwks = issuer.jwks();
    let log = Log::begin();
    server.forget_key(issuer.issuer(), jwks["keys"][0]["kid"].as_str().unwrap()).unwrap();
    let log = log.end();
    assert!(log.contains("key forgotten") && log.contains("keys=1"), "{log}");
}

#[tokio::test]
async fn a_token_without_its_scheme_leaves_a_line_that_says_so() {
    let token = good_token().await.sign().unwrap();
    for value in
        [token.clone(), format!("JWT {token}"), format!("Bearer: {token}"), format!("DPoP {token}")]
    {
        let asked = Asked { authorization: vec![value.into_bytes()], ..Asked::default() };
        let log = Log::begin();
        let _ = ask_all(&server().await, &Access::Require(authenticated()), &asked).await;
        let log = log.end();
        assert_eq!(log.lines().count(), 3, "one for each adapter: {log}");
        let says = r#"code="credentials.no_scheme" status=401"#;
        let fix = "the client must send `Authorization: Bearer <token>`";
        assert!(log.lines().all(|line| line.contains(" INFO ") && line.contains(says)), "{log}");
        assert!(log.lines().all(|line| line.contains(fix)), "{log}");
        assert!(!log.contains(&token[..40]), "{log}");
    }
}
