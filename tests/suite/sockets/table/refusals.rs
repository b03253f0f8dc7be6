//! Every refusal that a request can cause, on a route with a rule and where a token is optional.

use doorward_issuer::Flaw;
use serde_json::json;

use crate::sockets::{
    issuers::Tokens,
    row::{Expected, Row, insufficient, refused, served, unavailable},
    wire::Request,
};

pub fn rows(tokens: &Tokens) -> Vec<Row> {
    let flaws = Flaw::ALL.iter().map(|flaw| forged(tokens, *flaw));
    let others = others(tokens).into_iter().map(|(what, token, expected)| {
        Row::new(what, Request::get("/scope").bearing(), &token, expected)
    });
    flaws.chain(others).chain(optional(tokens)).collect()
}

fn forged(tokens: &Tokens, flaw: Flaw) -> Row {
    let fields = tokens.forged(flaw);
    let request = fields.iter().fold(Request::get("/scope"), |request, value| {
        request.line(format!("Authorization: {value}"))
    });
    let expected = if flaw == Flaw::NoGrant { insufficient("a") } else { refused(flaw.code()) };
    Row::new(format!("{flaw:?}"), request, "", expected)
}

fn others(tokens: &Tokens) -> Vec<(&'static str, String, Expected)> {
    let of_other_tenant = tokens.under_key_of_other_tenant();
    vec![
        ("a key of another tenant", of_other_tenant, refused("key.other_tenant")),
        ("a blocked tenant", tokens.of_blocked_tenant(), refused("policy.blocked_tenant")),
        ("a forgotten key", tokens.under_forgotten_key(), refused("key.forgotten")),
        (
            "a new key, while the issuer is silent",
            tokens.under_new_key_of_silent_issuer(),
            unavailable("unavailable.issuer", "10"),
        ),
        (
            "an issuer whose keys never came",
            tokens.of_silent_issuer(),
            unavailable("unavailable.keys", "1"),
        ),
    ]
}

/// Where a token is optional, one that is there and invalid is refused.
fn optional(tokens: &Tokens) -> Vec<Row> {
    let good = tokens.with(json!({}));
    let request = || Request::get("/optional");
    let expired = tokens.forged(Flaw::Expired).concat();
    vec![
        Row::new("optional, valid", request().bearing(), &good, served("u1")),
        Row::new(
            "optional, no token after the scheme",
            request().line("Authorization: Bearer"),
            "",
            refused("credentials.malformed"),
        ),
        Row::new(
            "optional, expired",
            request().line(format!("Authorization: {expired}")),
            "",
            refused("policy.expired"),
        ),
        Row::new("optional, junk", request().bearing(), "abc", refused("token.not_compact")),
        Row::new(
            "optional, another scheme",
            request().line("Authorization: Basic dTpw"),
            "",
            served("anonymous"),
        ),
        Row::new(
            "optional, two fields",
            request().bearing().bearing(),
            &good,
            refused("credentials.several"),
        ),
        Row::new(
            "optional, an issuer whose keys never came",
            request().bearing(),
            &tokens.of_silent_issuer(),
            unavailable("unavailable.keys", "1"),
        ),
    ]
}
