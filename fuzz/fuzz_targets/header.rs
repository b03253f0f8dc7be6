//! A signed token whose header is the input: accepted only if the header is what it must be.

#![no_main]

use doorward_fuzz::{AUDIENCE, ISSUER, NOW};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|header: &[u8]| {
    let claims =
        format!(r#"{{"iss":"{ISSUER}","sub":"u1","aud":"{AUDIENCE}","exp":{}}}"#, NOW + 60);
    let field = format!("Bearer {}", doorward_fuzz::mint(header, claims.as_bytes()));
    if doorward_fuzz::authenticate(doorward_fuzz::server(), [field.as_bytes()]).is_err() {
        return;
    }
    let header: Value = serde_json::from_slice(header).expect("a header that was accepted");
    assert!(["EdDSA", "Ed25519"].contains(&header["alg"].as_str().expect("a name")));
    let thumbprint = header.get("x5t").is_some() || header.get("x5t#S256").is_some();
    match header.get("kid") {
        Some(kid) => assert_eq!(kid, "k1"),
        None => assert!(!thumbprint, "the key has no thumbprint"),
    }
    for extension in ["crit", "b64", "zip"] {
        assert!(header.get(extension).is_none(), "{extension}");
    }
    if let Some(typ) = header.get("typ") {
        let typ = typ.as_str().expect("a string").to_ascii_lowercase();
        let typ = typ.strip_prefix("application/").unwrap_or(&typ);
        assert!(["jwt", "at+jwt"].contains(&typ), "{typ}");
    }
});
