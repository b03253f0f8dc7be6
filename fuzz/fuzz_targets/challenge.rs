//! Whatever a realm and scopes hold, they are refused when they are configured, or read back from the
//! challenge as they are.

#![no_main]

use doorward::{Scope, rules, rules::RequestInfo};
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
    let token = doorward_fuzz::authenticate(&server, [field.as_bytes()]).expect("a good token");
    let error = rule.authorize(&token, &RequestInfo::new()).expect_err("it grants nothing").into();
    doorward_fuzz::check_refusal(&server, &error);
    let (_, challenge) = doorward::conformance::deny(&error).fields().next().expect("a challenge");
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
