use aws_lc_rs::signature::{self, RsaParameters, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{
    directory::{Application, Certificate},
    system::Refusal,
};

/// The only kind of client assertion (RFC 7523 §2.2).
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far the clocks of client and issuer may differ, in seconds.
const LEEWAY: f64 = 300.0;

/// An assertion taken apart.
struct Parts<'t> {
    signed: &'t str,
    signature: Vec<u8>,
    header: Value,
    claims: Value,
}

/// Returns the client that an assertion names, before anything is verified.
pub(super) fn unverified_client(text: &str) -> Result<String, Refusal> {
    let parts = take_apart(text)?;
    Ok(string(&parts.claims, "sub")
        .ok_or_else(|| Refusal::bad_assertion("it has no sub"))?
        .to_owned())
}

/// Checks an assertion (RFC 7523 §3) as Microsoft's libraries make them: RS256 or PS256, with the
/// hash of the certificate padded or not, and times that may have a fraction.
pub(super) fn check(
    text: &str,
    application: &Application,
    endpoint: &str,
    now: i64,
) -> Result<(), Refusal> {
    let parts = take_apart(text)?;
    let certificate = certificate(&parts.header, application).ok_or_else(|| {
        Refusal::wrong_key("no certificate of the application has its x5t or x5t#S256")
    })?;
    let algorithm: &'static RsaParameters = match string(&parts.header, "alg") {
        Some("RS256") => &signature::RSA_PKCS1_2048_8192_SHA256,
        Some("PS256") => &signature::RSA_PSS_2048_8192_SHA256,
        _ => return Err(Refusal::bad_assertion("its alg is neither RS256 nor PS256")),
    };
    UnparsedPublicKey::new(algorithm, &certificate.public_key)
        .verify(parts.signed.as_bytes(), &parts.signature)
        .map_err(|_| Refusal::wrong_key("the signature is not of that certificate"))?;
    check_claims(&parts.claims, application, endpoint, now)
}

fn check_claims(
    claims: &Value,
    application: &Application,
    endpoint: &str,
    now: i64,
) -> Result<(), Refusal> {
    for name in ["iss", "sub"] {
        if !string(claims, name).is_some_and(|id| id.eq_ignore_ascii_case(&application.id)) {
            return Err(Refusal::bad_assertion("its iss and sub are to be the client ID"));
        }
    }
    let audiences = match claims.get("aud") {
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one.as_str()],
        _ => Vec::new(),
    };
    if !audiences.iter().any(|audience| audience.eq_ignore_ascii_case(endpoint)) {
        return Err(Refusal::bad_assertion("its aud is not the address of this endpoint"));
    }
    #[allow(clippy::as_conversions, clippy::cast_precision_loss)]
    // exact for the next 200 million years
    let now = now as f64;
    let expires = claims.get("exp").and_then(Value::as_f64);
    if !expires.is_some_and(|expires| expires + LEEWAY > now) {
        return Err(Refusal::bad_assertion("it has expired, or has no exp"));
    }
    if claims.get("nbf").and_then(Value::as_f64).is_some_and(|from| from - LEEWAY > now) {
        return Err(Refusal::bad_assertion("it is not valid yet"));
    }
    Ok(())
}

/// Finds the certificate that the header names; with neither hash there is none.
fn certificate<'a>(header: &Value, application: &'a Application) -> Option<&'a Certificate> {
    let named = |name| string(header, name).map(|hash| hash.trim_end_matches('='));
    let (sha256, sha1) = (named("x5t#S256"), named("x5t"));
    application.certificates.iter().find(|certificate| match (sha256, sha1) {
        (Some(sha256), _) => certificate.sha256 == sha256,
        (None, Some(sha1)) => certificate.sha1 == sha1,
        (None, None) => false,
    })
}

fn take_apart(text: &str) -> Result<Parts<'_>, Refusal> {
    let parts = || {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        Some(Parts {
            signed,
            signature: decode(signature)?,
            header: serde_json::from_slice(&decode(header)?).ok()?,
            claims: serde_json::from_slice(&decode(claims)?).ok()?,
        })
    };
    parts().ok_or_else(|| Refusal::bad_assertion("it is no signed JSON Web Token"))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

fn string<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    object.get(name).and_then(Value::as_str)
}
