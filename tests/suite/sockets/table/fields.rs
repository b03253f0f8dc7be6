//! Odd fields, on `/scope` with a token that meets its rule.

use serde_json::json;

use crate::sockets::{
    issuers::Tokens,
    row::{Expected, Row, insufficient, of_framework, refused, served},
    wire::Request,
};

pub fn rows(tokens: &Tokens) -> Vec<Row> {
    let token = tokens.with(json!({ "scope": "a" }));
    let row = |(what, lines, expected): (&str, Vec<&str>, Expected)| {
        Row::new(what, Request::get("/scope").lines(&lines), &token, expected)
    };
    let long = tokens.with(json!({ "scope": "a", "padding": "x".repeat(9 * 1024) }));
    let large = format!("X-Padding: {}", "x".repeat(48 * 1024));
    let large = Request::get("/scope").line(large);
    [spellings(), several(), malformed(), without_scheme(), elsewhere(), no_field(), grpc_alike()]
        .concat()
        .into_iter()
        .map(row)
        .chain([
            Row::new("a long token", Request::get("/scope").bearing(), &long, served("u1")),
            Row::new("a large field", large.clone().bearing(), &token, served("u1")),
            Row::new("a large field alone", large, "", refused("credentials.missing")),
            Row::new(
                "a token that grants nothing, and a promise",
                Request::get("/scope").bearing().line("X-Scope: a").line("Scope: a"),
                &tokens.with(json!({})),
                insufficient("a"),
            ),
        ])
        .collect()
}

/// What is odd, the field lines, and the answer.
type Case = (&'static str, Vec<&'static str>, Expected);

/// One good credential under many spellings.
fn spellings() -> Vec<Case> {
    let good = || served("u1");
    vec![
        ("a name in lower case", vec!["authorization: Bearer {token}"], good()),
        ("a name in upper case", vec!["AUTHORIZATION: Bearer {token}"], good()),
        ("a scheme in lower case", vec!["Authorization: bearer {token}"], good()),
        ("a scheme in upper case", vec!["Authorization: BEARER {token}"], good()),
        ("a scheme in mixed case", vec!["Authorization: bEaReR {token}"], good()),
        ("no blank after the colon", vec!["Authorization:Bearer {token}"], good()),
        ("leading blanks", vec!["Authorization:    Bearer {token}"], good()),
        ("trailing blanks", vec!["Authorization: Bearer {token}   "], good()),
        ("leading and trailing tabs", vec!["Authorization:\t Bearer {token} \t"], good()),
        ("several blanks before the token", vec!["Authorization: Bearer   {token}"], good()),
        ("other fields around it", vec!["A: 1", "Authorization: Bearer {token}", "Z: 1"], good()),
        ("a line feed alone", vec!["Authorization: Bearer {token}\nX: 1"], good()),
        (
            "a connection that names it",
            vec!["Authorization: Bearer {token}", "Connection: close, Authorization"],
            good(),
        ),
    ]
}

fn several() -> Vec<Case> {
    let several = || refused("credentials.several");
    let good = "Authorization: Bearer {token}";
    vec![
        ("twice the same", vec![good, good], several()),
        ("a good one, then junk", vec![good, "Authorization: Bearer abc"], several()),
        ("junk, then a good one", vec!["Authorization: Bearer abc", good], several()),
        ("two names in two cases", vec![good, "AUTHORIZATION: Bearer {token}"], several()),
        ("Basic, then a good one", vec!["Authorization: Basic dTpw", good], several()),
        ("a good one, then an empty one", vec![good, "Authorization:"], several()),
        ("an empty one, then a good one", vec!["Authorization:", good], several()),
        ("others between them", vec![good, "Accept: */*", "Cookie: a=b", good], several()),
        (
            "Basic, a comma, a good one",
            vec!["Authorization: Basic dTpw, Bearer {token}"],
            several(),
        ),
    ]
}

fn malformed() -> Vec<Case> {
    let cases = [
        ("the scheme alone", "Authorization: Bearer"),
        ("the scheme and blanks", "Authorization: Bearer   "),
        ("two tokens in one", "Authorization: Bearer {token} {token}"),
        ("a comma", "Authorization: Bearer {token}, Bearer {token}"),
        ("a trailing comma", "Authorization: Bearer {token},"),
        ("quotes", "Authorization: Bearer \"{token}\""),
        ("a parameter", "Authorization: Bearer token={token}"),
        ("a tab after the scheme", "Authorization: Bearer\t{token}"),
        ("a tab before the token", "Authorization: Bearer \t{token}"),
        ("a tab in the token", "Authorization: Bearer {token}\tx"),
        ("a byte that is no ASCII", "Authorization: Bearer {token}\u{ff}"),
        ("UTF-8", "Authorization: Bearer {token}\u{c3}\u{a4}"),
        ("a blank that is no ASCII", "Authorization: Bearer\u{a0}{token}"),
        ("a percent sign", "Authorization: Bearer {token}%20"),
    ];
    cases.map(|(what, line)| (what, vec![line], refused("credentials.malformed"))).to_vec()
}

/// A token in the field where it belongs, without the scheme.
fn without_scheme() -> Vec<Case> {
    let cases = [
        ("the token alone", "Authorization: {token}"),
        ("JWT for the scheme", "Authorization: JWT {token}"),
        ("a colon after the scheme", "Authorization: Bearer: {token}"),
        ("DPoP, which is not supported", "Authorization: DPoP {token}"),
    ];
    cases.map(|(what, line)| (what, vec![line], refused("credentials.no_scheme"))).to_vec()
}

/// Tokens where none is looked for.
fn elsewhere() -> Vec<Case> {
    let cases = [
        ("an empty field", "Authorization:"),
        ("a field of blanks", "Authorization: \t "),
        ("a scheme that runs into the token", "Authorization: Bearer{token}"),
        ("Basic", "Authorization: Basic dTpw"),
        ("Basic with the token", "Authorization: Basic {token}"),
        ("Digest", "Authorization: Digest username=\"bearer\", response=\"{token}\""),
        ("a scheme that begins alike", "Authorization: BearerToken {token}"),
        ("a scheme that is no ASCII", "Authorization: \u{c2}Bearer {token}"),
        ("a cookie", "Cookie: access_token={token}; Authorization=Bearer {token}"),
        ("a proxy's credentials", "Proxy-Authorization: Bearer {token}"),
        ("a forwarded credential", "X-Forwarded-Authorization: Bearer {token}"),
        ("a forwarded token", "X-Forwarded-Access-Token: {token}"),
        ("a forwarded user", "X-Forwarded-User: u1"),
        ("a rewritten target", "X-Original-URL: /public"),
        ("a rewritten method", "X-HTTP-Method-Override: OPTIONS"),
        ("a name with an underscore", "X_Authorization: Bearer {token}"),
        ("a protocol", "Sec-WebSocket-Protocol: bearer, {token}"),
        ("an upgrade", "Upgrade: websocket"),
    ];
    cases.map(|(what, line)| (what, vec![line], refused("credentials.missing"))).to_vec()
}

/// Lines that are no field: the server under the framework refuses the whole request.
fn no_field() -> Vec<Case> {
    let cases = [
        ("a blank before the colon", "Authorization : Bearer {token}"),
        ("a tab before the colon", "Authorization\t: Bearer {token}"),
        ("a blank before the name", " Authorization: Bearer {token}"),
        ("a folded line", "Authorization: Bearer\r\n {token}"),
        ("no colon", "Authorization Bearer {token}"),
        ("no name", ": Bearer {token}"),
        ("a name that is no ASCII", "Authorizati\u{f3}n: Bearer {token}"),
        ("a zero in the name", "Authorization\u{0}: Bearer {token}"),
        ("a zero after the token", "Authorization: Bearer {token}\u{0}"),
        ("a control before the token", "Authorization: Bearer \u{b}{token}"),
        ("a control after the token", "Authorization: Bearer {token}\u{7f}"),
        ("a carriage return alone", "Authorization: Bearer {token}\rX: 1"),
        ("a length that is none", "Content-Length: x"),
        ("a length with a sign", "Content-Length: +5"),
        ("two lengths", "Content-Length: 5\r\nContent-Length: 6"),
        ("a coding that nobody knows", "Transfer-Encoding: gzip"),
        ("identity", "Transfer-Encoding: identity"),
    ];
    cases.map(|(what, line)| (what, vec![line], of_framework(400))).to_vec()
}

/// What is no call of gRPC is refused as ever.
fn grpc_alike() -> Vec<Case> {
    let cases = [
        ("gRPC-Web", "Content-Type: application/grpc-web"),
        ("a type that begins alike", "Content-Type: application/grpcx"),
        ("gRPC in upper case", "Content-Type: Application/gRPC"),
        ("gRPC as what is accepted", "Accept: application/grpc"),
        ("JSON", "Content-Type: application/json"),
    ];
    let refused = cases.map(|(what, line)| (what, vec![line], refused("credentials.missing")));
    let good = vec!["Content-Type: application/grpc", "Authorization: Bearer {token}"];
    refused.into_iter().chain([("a good call of gRPC", good, served("u1"))]).collect()
}
