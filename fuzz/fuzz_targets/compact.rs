//! Whatever a token's text is, it is taken apart or refused without a panic, and verifies nothing that
//! nobody has signed.

#![no_main]

use doorward::{Keys, conformance};
use libfuzzer_sys::fuzz_target;

/// The key of RFC 8037 A.2, which has signed one example and nothing else here.
const KEY: &str =
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

const EXAMPLE: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fuzz_target!(|token: &str| {
    if let Ok(payload) = conformance::verify_signature(token, &Keys::jwks(KEY), None) {
        assert_eq!(token, EXAMPLE, "nobody has signed this");
        assert_eq!(payload, b"Example of Ed25519 signing");
    }
});
