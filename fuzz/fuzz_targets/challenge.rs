//! Whatever a realm and scopes hold, they are refused when they are configured, or read back from the
//! challenge as they are.

#![no_main]

use doorward::{
    Scope,
    adapter::{Access, RequestHead, RouteGuard},
    rules::{self, RequestInfo},
};
use doorward_fuzz::{AUDIENCE, ISSUER, NOW, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (realm, scopes) = text.split_once('\n').unwrap_or((text, ""));
    // A rule is as long as its author makes it, and so is what the log says of it.
    let Ok(server) = doorward_fuzz::serve_in_realm(realm) else {
        return;
    };
    if text.len() > 512 {
        return;
    }
    let mut parsed = Vec::new();
    for scope in scopes.split('\n') {
        match Scope::parse(scope.to_owned()) {
            Ok(scope) => parsed.push(scope),
            Err(_) => assert!(
                scope.is_empty()
                    || scope.contains(|c| !matches!(c, '!'..='~') || "\"\\".contains(c))
            ),
        }
    }
    let Some(rule) = parsed.iter().cloned().map(rules::scope).reduce(|all, rule| all & rule) else {
        return;
    };
    let claims =
        format!(r#"{{"iss":"{ISSUER}","sub":"u1","aud":"{AUDIENCE}","exp":{}}}"#, NOW + 60);
    let token = doorward_fuzz::mint(br#"{"alg":"EdDSA","kid":"k1"}"#, claims.as_bytes());
    let field = format!("Bearer {token}");
    let guard = RouteGuard::new(&server, Access::Require(rule));
    let authentication = guard.authenticate(&Head(field.as_bytes()), None);
    let authenticated = authentication.into_ready().expect("fixed keys are always available");
    let rejection = guard.authorize(authenticated, &RequestInfo::new()).expect_err("no scope");
    doorward_fuzz::check_refusal(rejection.error());
    let (_, challenge) = rejection.denial().fields().next().expect("a challenge");
    assert!(challenge.starts_with(&format!("Bearer realm=\"{realm}\", ")), "{challenge}");
    let (_, scope) = challenge.split_once(" scope=\"").expect("the scopes");
    let mut unique: Vec<&str> = Vec::new();
    for scope in &parsed {
        if !unique.contains(&scope.as_str()) {
            unique.push(scope.as_str());
        }
    }
    assert_eq!(scope.strip_suffix('"'), Some(unique.join(" ").as_str()));
    assert!(!encode(challenge.as_bytes()).is_empty());
});

/// A request with this value of its `Authorization` field.
struct Head<'h>(&'h [u8]);

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        "GET"
    }

    fn target(&self) -> &str {
        "/"
    }

    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        Some(self.0).filter(|_| name == "authorization").into_iter()
    }
}
