//! Requests, through all adapters, and challenges.

use doorward::{adapter::Access, rules::authenticated};
use serde_json::Value;

use super::read_rows;
use crate::{
    adapters::{Answer, Asked, ask_all},
    support::server,
};

/// The request of a row that uses no other way than the field; `None` for the others, which ask for a
/// token in the query or the body.
fn asked(row: &Value) -> Option<Asked> {
    if row["config"]["methods"] != serde_json::json!(["header"]) {
        return None;
    }
    let mut asked = Asked::default();
    for field in row["request"]["headers"].as_array()? {
        let value = match &field[1] {
            Value::String(value) => value.clone(),
            long => {
                let count = usize::try_from(long["count"].as_u64()?).ok()?;
                let body = long["repeat"].as_str()?.repeat(count);
                format!("{}{body}", long["prefix"].as_str()?)
            }
        };
        if field[0] == "Authorization" {
            asked.authorization.push(value.into_bytes());
        }
    }
    Some(asked)
}

/// What stage 1 made of the request: a token that then was no JWT, no credentials, or a refusal.
fn kind(answer: &Answer) -> &'static str {
    match answer.code.unwrap() {
        "credentials.missing" => "no-token",
        code if code.starts_with("credentials.") => "reject",
        "token.too_long" => "reject",
        _ => "token",
    }
}

#[tokio::test]
async fn requests_of_others_are_read_as_they_read_them_or_more_strictly() {
    let (Some(ours), Some(peers)) = (read_rows("spec_derived.jsonl"), read_rows("peers.jsonl"))
    else {
        return;
    };
    let server = server().await;
    let mut seen = 0;
    for row in ours.iter().chain(&peers).filter(|row| row["kind"] == "http_request") {
        let Some(asked) = asked(row) else { continue };
        let answer = ask_all(&server, &Access::Require(authenticated()), &asked).await;
        let (id, expected) = (row["id"].as_str().unwrap(), row["strict_expect"].as_str().unwrap());
        // A DPoP proof beside a bearer token is a field that means nothing here.
        let expected = match id {
            "node-oauth2-jwt-bearer/hdr-bearer-with-dpop-header" => "token",
            _ => expected,
        };
        assert_eq!(kind(&answer), expected, "{id}: {answer:?}");
        if expected == "no-token" {
            assert_eq!(answer.challenge.as_deref(), Some(r#"Bearer realm="api""#), "{id}");
        }
        seen += 1;
    }
    assert!(seen >= 24, "{seen}");
}
