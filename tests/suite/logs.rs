//! What a refusal leaves in the log: a code and a reason in one line, and nothing that a token could
//! have written there.

use std::{cell::RefCell, io, sync::Once};

use doorward::{adapter::Access, rules::authenticated, scope};
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
