//! A token is accepted only as it was signed, and only if it says what the server asks for.
//!
//! The input is a header, an empty line, a payload, and after another empty line changes of three
//! bytes each: what to do, where, and with which byte. The target signs header and payload as they
//! are, makes the changes to the signed token and presents it.

#![no_main]

use doorward::{
    rules::{RequestInfo, role},
    scope,
};
use doorward_fuzz::ISSUER;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let (header, rest) = split_at_empty_line(data);
    let (payload, changes) = split_at_empty_line(rest);
    let minted = doorward_fuzz::mint(header, payload);
    let sent = change(minted.as_bytes(), changes);

    let server = doorward_fuzz::server();
    let field = [b"Bearer ", sent.as_slice()].concat();
    let Ok(token) = doorward_fuzz::authenticate(server, [field.as_slice()]) else {
        return;
    };
    // White space around the token is not part of it.
    assert_eq!(sent.trim_ascii(), minted.as_bytes(), "a changed token is accepted");
    let claims: Value = serde_json::from_slice(payload).expect("claims that were accepted");
    doorward_fuzz::check_claims(&claims);
    assert_eq!(Some(token.subject()), claims["sub"].as_str());
    assert_eq!(token.issuer(), ISSUER);
    assert_eq!(token.claims::<Value>().expect("the same claims"), claims);
    assert!(!format!("{token:?}").chars().any(char::is_control));

    let rule = scope!("orders.read") & role("Orders.Admin");
    match rule.authorize(&token, &RequestInfo::new()) {
        Ok(()) => assert!(grants(&claims)),
        Err(error) => doorward_fuzz::check_refusal(&error.into()),
    }
});

/// Changes stop at this length, well beyond the server's limit: copies of copies grow fast.
const LONGEST: usize = 64 * 1024;

fn split_at_empty_line(data: &[u8]) -> (&[u8], &[u8]) {
    match data.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (&data[..at], &data[at + 2..]),
        None => (data, b""),
    }
}

fn change(token: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut token = token.to_vec();
    for change in changes.chunks_exact(3) {
        let [what, place, byte] = [change[0], change[1], change[2]];
        if token.is_empty() || token.len() > LONGEST {
            break;
        }
        // Every second place is counted from the end: the signature is there.
        let near = usize::from(place / 2) % token.len();
        let at = if place % 2 == 0 { near } else { token.len() - 1 - near };
        match what % 6 {
            0 => token[at] = byte,
            1 => token[at] ^= 1 << (byte % 8),
            2 => token.insert(at, byte),
            3 => drop(token.remove(at)),
            4 => token.truncate(at),
            _ => token.extend_from_within(at..),
        }
    }
    token
}

/// Answers whether the claims grant the scope and the role that the target asks for.
fn grants(claims: &Value) -> bool {
    let scopes = claims.get("scope").or_else(|| claims.get("scp"));
    has(scopes, "orders.read", true) && has(claims.get("roles"), "Orders.Admin", false)
}

fn has(claim: Option<&Value>, wanted: &str, words: bool) -> bool {
    match claim {
        Some(Value::String(text)) if words => text.split(' ').any(|word| word == wanted),
        Some(Value::String(text)) => text == wanted,
        Some(Value::Array(list)) => list.iter().any(|element| element == wanted),
        _ => false,
    }
}
