//! A signed token whose claims are the input: accepted only if the claims, read by other means, say
//! what the server asks for, and then they are there to be read as they are.

#![no_main]

use doorward::tokens::ClaimPath;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|claims: &[u8]| {
    let token = doorward_fuzz::mint(br#"{"alg":"EdDSA","kid":"k1"}"#, claims);
    let field = format!("Bearer {token}");
    let server = doorward_fuzz::server();
    let Ok(token) = doorward_fuzz::authenticate(server, [field.as_bytes()]) else {
        return;
    };
    let claims: Value = serde_json::from_slice(claims).expect("claims that were accepted");
    doorward_fuzz::check_claims(&claims);
    for (name, value) in claims.as_object().expect("an object") {
        assert_eq!(token.claim::<Value>(name.as_str()).as_ref(), Some(value), "{name}");
        let nested = ClaimPath::from([name.as_str(), "x"]);
        assert_eq!(token.claim::<Value>(nested).as_ref(), value.get("x"), "{name}");
    }
    for scope in token.scopes().iter() {
        assert!(!scope.is_empty() || claims["scp"].is_array() || claims["scope"].is_array());
    }
});
