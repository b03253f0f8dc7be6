//! What the targets share: a server of their own, tokens that they sign, and what must hold for
//! every refusal.

#![forbid(unsafe_code)]

use std::{collections::HashSet, sync::LazyLock, time::Duration};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use doorward::{
    AccessToken, ConfigError, Error, Issuer, Keys, ResourceServer,
    adapter::Denial,
    clock::{Clock, UnixTime},
};

/// The issuer of the tokens.
pub const ISSUER: &str = "https://issuer.example";
/// The audience of the tokens.
pub const AUDIENCE: &str = "api://orders";
/// The time that the server believes in, so that an input means the same on every day.
pub const NOW: u64 = 1_700_000_000;

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
});

/// A key that is no secret: with a fixed one an input means the same in every run.
static KEY: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed of 32 bytes"));

static SERVER: LazyLock<ResourceServer> = LazyLock::new(|| {
    let server = serve(Keys::jwks(jwks())).expect("one sound key");
    let good = mint(
        br#"{"alg":"EdDSA","kid":"k1"}"#,
        format!(r#"{{"iss":"{ISSUER}","sub":"u1","aud":"{AUDIENCE}","exp":{}}}"#, NOW + 60)
            .as_bytes(),
    );
    // A server that refuses everything would satisfy every target.
    authenticate(&server, [format!("Bearer {good}").as_bytes()]).expect("a good token");
    server
});

/// Stands still.
#[derive(Debug)]
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Option<UnixTime> {
        Some(UnixTime::from_secs(NOW))
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// Returns the server that trusts the key of [`mint`].
pub fn server() -> &'static ResourceServer {
    &SERVER
}

/// Builds a server with these keys, which never does any IO.
///
/// # Errors
///
/// When the keys are refused.
pub fn serve(keys: Keys) -> Result<ResourceServer, ConfigError> {
    let issuer = Issuer::fixed_keys(ISSUER, AUDIENCE, keys);
    RUNTIME.block_on(ResourceServer::builder().trust(issuer).clock(StoppedClock).build())
}

/// Builds the server of [`mint`] with another realm.
///
/// # Errors
///
/// When the realm is refused.
pub fn serve_in_realm(realm: &str) -> Result<ResourceServer, ConfigError> {
    let issuer = Issuer::fixed_keys(ISSUER, AUDIENCE, Keys::jwks(jwks()));
    let builder = ResourceServer::builder().trust(issuer).clock(StoppedClock);
    RUNTIME.block_on(builder.realm(realm).build())
}

/// Runs the future on a runtime without IO.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// The public key of [`mint`], as a set.
fn jwks() -> String {
    let x = encode(KEY.public_key().as_ref());
    format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"k1","x":"{x}"}}]}}"#)
}

/// Reads accepted claims a second time, by other means, and asks for what the server must have asked
/// for.
pub fn check_claims(claims: &Value) {
    assert_eq!(claims["iss"], ISSUER);
    let names = |name: &Value| *name == AUDIENCE;
    let audience = &claims["aud"];
    assert!(names(audience) || audience.as_array().is_some_and(|list| list.iter().any(names)));
    let (now, leeway) = (NOW as f64, 60.0);
    assert!(claims["exp"].as_f64().is_some_and(|expires| now < expires + leeway));
    for claim in ["nbf", "iat"] {
        if let Some(value) = claims.get(claim) {
            assert!(value.as_f64().is_some_and(|start| start <= now + leeway), "{claim}");
        }
    }
    assert!(claims["sub"].as_str().is_some_and(|subject| !subject.is_empty()));
    for claim in ["cnf", "at_hash", "c_hash"] {
        assert!(claims.get(claim).is_none(), "{claim}");
    }
}

/// Signs any bytes as header and payload of a compact JWS.
#[must_use]
pub fn mint(header: &[u8], payload: &[u8]) -> String {
    let message = format!("{}.{}", encode(header), encode(payload));
    let signature = encode(KEY.sign(message.as_bytes()).as_ref());
    format!("{message}.{signature}")
}

/// Encodes as base64url without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Authenticates by these field values; the future must be ready at once.
///
/// # Errors
///
/// As the server refuses, with everything in order about the refusal ([`check_refusal`]).
pub fn authenticate<'v>(
    server: &ResourceServer,
    fields: impl IntoIterator<Item = &'v [u8]>,
) -> Result<AccessToken, Error> {
    let authentication = server.authenticate(fields);
    let result = authentication.into_ready().expect("fixed keys are always available");
    if let Err(error) = &result {
        check_refusal(error);
    }
    result
}

/// Asserts that neither the answer nor the log can be written to by whoever sent the request.
pub fn check_refusal(error: &Error) {
    let log = format!("{error} {error:?}");
    assert!(!log.chars().any(char::is_control), "a control character in the log: {log:?}");
    assert!(log.len() < 8192, "{} bytes for the log", log.len());
    check_denial(&doorward::conformance::deny(error));
}

fn check_denial(denial: &Denial) {
    assert!(matches!(denial.status(), 400 | 401 | 403), "status {}", denial.status());
    let mut names = HashSet::new();
    for (name, value) in denial.fields() {
        assert!(names.insert(name), "{name} occurs twice");
        assert!(name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'-')), "{name:?}");
        assert!(value.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{name}: {value:?}");
        if name == "www-authenticate" {
            check_challenge(&value);
        }
    }
    assert!(names.contains("www-authenticate"), "a refusal without a challenge");
    assert!(names.contains("cache-control"), "a refusal that may be kept");
}

/// Reads a challenge back: `Bearer`, then parameters with quoted values that need no escapes, each
/// name once (RFC 9110 §11.6.1, RFC 6750 §3).
fn check_challenge(value: &str) {
    let mut rest = value.strip_prefix("Bearer ").expect("the scheme");
    let mut names = HashSet::new();
    loop {
        let (name, after) = rest.split_once("=\"").expect("a parameter");
        assert!(name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_')), "{value:?}");
        assert!(names.insert(name), "{name} occurs twice in {value:?}");
        let (text, after) = after.split_once('"').expect("the end of a quoted string");
        assert!(!text.contains('\\'), "{value:?}");
        if after.is_empty() {
            break;
        }
        rest = after.strip_prefix(", ").expect("a comma between parameters");
    }
    assert!(names.contains("realm"), "{value:?}");
}
