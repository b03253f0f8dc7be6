use aws_lc_rs::signature::{self, RsaParameters, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{
    directory::{Application, Certificate},
    protocol::ProtocolError,
};

/// The only kind of client assertion (RFC 7523 §2.2).
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The clock skew to tolerate between client and issuer, in seconds.
const CLOCK_SKEW: f64 = 300.0;

/// The decoded parts of an assertion.
struct Parts<'t> {
    signed: &'t str,
    signature: Vec<u8>,
    header: Value,
    claims: Value,
}

/// Returns the client ID in an assertion, before anything is verified.
pub(super) fn unverified_client(text: &str) -> Result<String, ProtocolError> {
    let parts = split(text)?;
    Ok(string(&parts.claims, "sub")
        .ok_or_else(|| ProtocolError::bad_assertion("it has no sub"))?
        .to_owned())
}

/// Verifies an assertion (RFC 7523 §3) as Microsoft's libraries make them: RS256 or PS256, the hash of
/// the certificate with or without padding, and times with or without a fraction.
pub(super) fn verify(
    text: &str,
    application: &Application,
    endpoint: &str,
    now: i64,
) -> Result<(), ProtocolError> {
    let parts = split(text)?;
    let certificate = certificate(&parts.header, application).ok_or_else(|| {
        ProtocolError::wrong_key("no certificate of the application has its x5t or x5t#S256")
    })?;
    let algorithm: &'static RsaParameters = match string(&parts.header, "alg") {
        Some("RS256") => &signature::RSA_PKCS1_2048_8192_SHA256,
        Some("PS256") => &signature::RSA_PSS_2048_8192_SHA256,
        _ => return Err(ProtocolError::bad_assertion("its alg is neither RS256 nor PS256")),
    };
    UnparsedPublicKey::new(algorithm, &certificate.public_key)
        .verify(parts.signed.as_bytes(), &parts.signature)
        .map_err(|_| ProtocolError::wrong_key("the signature is not of that certificate"))?;
    check_claims(&parts.claims, application, endpoint, now)
}

fn check_claims(
    claims: &Value,
    application: &Application,
    endpoint: &str,
    now: i64,
) -> Result<(), ProtocolError> {
    for name in ["iss", "sub"] {
        if !string(claims, name).is_some_and(|id| id.eq_ignore_ascii_case(&application.id)) {
            return Err(ProtocolError::bad_assertion("its iss and sub are to be the client ID"));
        }
    }
    let audiences = match claims.get("aud") {
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one.as_str()],
        _ => Vec::new(),
    };
    if !audiences.iter().any(|audience| audience.eq_ignore_ascii_case(endpoint)) {
        return Err(ProtocolError::bad_assertion("its aud is not the address of this endpoint"));
    }
    #[allow(clippy::as_conversions, clippy::cast_precision_loss)]
    // exact for the next 200 million years
    let now = now as f64;
    let expires = claims.get("exp").and_then(Value::as_f64);
    if !expires.is_some_and(|expires| expires + CLOCK_SKEW > now) {
        return Err(ProtocolError::bad_assertion("it has expired, or has no exp"));
    }
    if claims.get("nbf").and_then(Value::as_f64).is_some_and(|from| from - CLOCK_SKEW > now) {
        return Err(ProtocolError::bad_assertion("it is not valid yet"));
    }
    Ok(())
}

/// Returns the certificate whose hash is in the header, if the header has one.
fn certificate<'a>(header: &Value, application: &'a Application) -> Option<&'a Certificate> {
    let named = |name| string(header, name).map(|hash| hash.trim_end_matches('='));
    let (sha256, sha1) = (named("x5t#S256"), named("x5t"));
    application.certificates.iter().find(|certificate| match (sha256, sha1) {
        (Some(sha256), _) => certificate.sha256 == sha256,
        (None, Some(sha1)) => certificate.sha1 == sha1,
        (None, None) => false,
    })
}

fn split(text: &str) -> Result<Parts<'_>, ProtocolError> {
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
    parts().ok_or_else(|| ProtocolError::bad_assertion("it is no signed JSON Web Token"))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

fn string<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    object.get(name).and_then(Value::as_str)
}
