//! Whatever a key set holds, it is read or refused without a panic; what is read verifies nothing
//! that nobody has signed.

#![no_main]

use doorward::Keys;
use doorward_fuzz::{AUDIENCE, ISSUER, NOW, encode};
use libfuzzer_sys::{Corpus, fuzz_target};

/// With each algorithm, a signature of the right length that no private key has made. The one for
/// EdDSA is that of every message under a key of small order (R is the neutral element, S is zero).
fn unsigned(algorithm: &str) -> Vec<u8> {
    match algorithm {
        "EdDSA" => [vec![1], vec![0; 63]].concat(),
        "ES256" => vec![1; 64],
        "ES384" => vec![1; 96],
        "ES512" => vec![1; 132],
        _ => [vec![0; 255], vec![1]].concat(),
    }
}

fuzz_target!(|data: &[u8]| -> Corpus {
    let Ok(document) = str::from_utf8(data) else {
        return Corpus::Reject;
    };
    let Ok(server) = doorward_fuzz::serve(Keys::jwks(document)) else {
        return Corpus::Keep;
    };
    let payload =
        format!(r#"{{"iss":"{ISSUER}","sub":"u1","aud":"{AUDIENCE}","exp":{}}}"#, NOW + 60);
    for algorithm in ["RS256", "ES256", "ES384", "ES512", "EdDSA"] {
        for key in ["", r#","kid":"k1""#] {
            let header = encode(format!(r#"{{"alg":"{algorithm}"{key}}}"#).as_bytes());
            let signature = encode(&unsigned(algorithm));
            let field = format!("Bearer {header}.{}.{signature}", encode(payload.as_bytes()));
            let result = doorward_fuzz::authenticate(&server, [field.as_bytes()]);
            assert!(result.is_err(), "nobody has signed this token");
        }
    }
    Corpus::Keep
});
