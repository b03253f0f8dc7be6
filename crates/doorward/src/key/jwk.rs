use std::borrow::Cow;

use aws_lc_rs::signature::ParsedPublicKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::{
    KeyRules, VerifyingKey,
    rsa::RsaComponents,
    verifying_key::{Curve, KeyName},
};
use crate::{
    codec::{base64url, json},
    limits,
    terms::{
        algorithm::{Algorithm, AlgorithmSet},
        key_id::KeyId,
        tenancy::KeyScope,
    },
};

/// Why an entry of a key set is left out. The rest of the set stays usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFault {
    /// The entry is not one strict JSON object with the members of its key type.
    #[error("not a readable JWK")]
    Unreadable,
    /// The key type or curve is not one that this library verifies with.
    #[error("key type or curve not supported")]
    Unsupported,
    /// The key is symmetric: a secret must not be in a published set.
    #[error("symmetric key in a published set")]
    Symmetric,
    /// The entry holds the private key: treat it as compromised.
    #[error("private key published; treat it as compromised")]
    Private,
    /// `use` or `key_ops` says that the key does not verify signatures.
    #[error("not a key for verifying signatures")]
    OtherUse,
    /// The key's `alg`, or every algorithm of its type, is not accepted for this issuer.
    #[error("no accepted algorithm for this key")]
    Algorithm,
    /// The RSA modulus is not 2048 to 8192 bits, or even.
    #[error("RSA modulus not 2048 to 8192 bits")]
    RsaModulus,
    /// The RSA modulus bears the mark of a generator that was broken (CVE-2017-15361).
    #[error(
        "RSA key of a broken generator (ROCA, CVE-2017-15361); whoever holds it must replace it"
    )]
    Roca,
    /// The RSA exponent is even, less than 65537 or longer than 33 bits.
    #[error("RSA exponent unsound")]
    RsaExponent,
    /// The key says that it is another issuer's or another cloud's (Microsoft's `issuer` and
    /// `cloud_instance_name`).
    #[error("key of another issuer or cloud")]
    OtherIssuer,
    /// The coordinates have a wrong length, or name no point of the curve, or one of small order.
    #[error("not a sound point of the curve")]
    Point,
}

/// The members that `jsonwebtoken`'s type does not keep or reads loosely: any name of an algorithm,
/// whatever a public key must not hold, and `null`, which is the value of none of them.
#[derive(Deserialize)]
struct Rest {
    #[serde(default, deserialize_with = "not_null")]
    alg: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    key_ops: Option<Vec<String>>,
    #[serde(default, deserialize_with = "not_null", rename = "use")]
    _use: Option<String>,
    #[serde(default, deserialize_with = "not_null", rename = "kid")]
    _kid: Option<String>,
    d: Option<IgnoredAny>,
    p: Option<IgnoredAny>,
    q: Option<IgnoredAny>,
    dp: Option<IgnoredAny>,
    dq: Option<IgnoredAny>,
    qi: Option<IgnoredAny>,
    oth: Option<IgnoredAny>,
    #[serde(rename = "priv")]
    seed: Option<IgnoredAny>,
}

fn not_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    json: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(json).map(Some)
}

impl Rest {
    /// RFC 7517 §4.3: no operation may be named twice.
    fn repeats_an_operation(&self) -> bool {
        let operations = self.key_ops.as_deref().unwrap_or_default();
        operations
            .iter()
            .enumerate()
            .any(|(at, one)| operations.iter().skip(at.saturating_add(1)).any(|o| o == one))
    }

    const fn is_private(&self) -> bool {
        self.d.is_some()
            || self.p.is_some()
            || self.q.is_some()
            || self.dp.is_some()
            || self.dq.is_some()
            || self.qi.is_some()
            || self.oth.is_some()
            || self.seed.is_some()
    }
}

/// What Microsoft's keys say of those for whom they sign.
#[derive(Deserialize)]
struct Owner<'e> {
    #[serde(borrow)]
    issuer: Option<Cow<'e, str>>,
    #[serde(borrow)]
    cloud_instance_name: Option<Cow<'e, str>>,
}

/// Reads one entry of a published set and prepares it for the accepted algorithms.
pub(crate) fn read(entry: &str, rules: &KeyRules) -> Result<VerifyingKey, KeyFault> {
    let key = read_key(entry, rules.accepted)?;
    let Some(tenancy) = &rules.tenancy else {
        return Ok(key);
    };
    let owner: Owner<'_> = serde_json::from_str(entry).map_err(|_| KeyFault::Unreadable)?;
    match tenancy.scope_of_key(owner.issuer.as_deref(), owner.cloud_instance_name.as_deref()) {
        KeyScope::All => Ok(key),
        KeyScope::Tenant(tenant) => Ok(key.of_tenant(tenant)),
        KeyScope::Elsewhere => Err(KeyFault::OtherIssuer),
    }
}

fn read_key(entry: &str, accepted: Option<AlgorithmSet>) -> Result<VerifyingKey, KeyFault> {
    json::check_object(entry, limits::JSON_DEPTH).map_err(|_| KeyFault::Unreadable)?;
    let rest: Rest = serde_json::from_str(entry).map_err(|_| KeyFault::Unreadable)?;
    let jwk: Jwk = serde_json::from_str(entry).map_err(|_| KeyFault::Unreadable)?;
    if matches!(jwk.algorithm, AlgorithmParameters::OctetKey(_)) {
        return Err(KeyFault::Symmetric);
    }
    if rest.is_private() {
        return Err(KeyFault::Private);
    }
    if rest.repeats_an_operation() || !verifies_signatures(&jwk) {
        return Err(KeyFault::OtherUse);
    }
    let algorithms = algorithms(rest.alg.as_deref(), accepted);
    if algorithms.is_empty() {
        return Err(KeyFault::Algorithm);
    }
    let name = name(&jwk)?;
    let prepared = match &jwk.algorithm {
        AlgorithmParameters::RSA(key) => rsa(&key.n, &key.e, algorithms)?,
        AlgorithmParameters::EllipticCurve(key) => {
            let curve = match key.curve {
                EllipticCurve::P256 => Curve::P256,
                EllipticCurve::P384 => Curve::P384,
                EllipticCurve::P521 => Curve::P521,
                _ => return Err(KeyFault::Unsupported),
            };
            let mut point = vec![4];
            point.extend(coordinate(curve, &key.x)?);
            point.extend(coordinate(curve, &key.y)?);
            on_curve(curve, &point, algorithms)?
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            on_curve(Curve::Ed25519, &coordinate(Curve::Ed25519, &key.x)?, algorithms)?
        }
        _ => return Err(KeyFault::Unsupported),
    };
    VerifyingKey::new(name, prepared).ok_or(KeyFault::Algorithm)
}

/// Returns the algorithms that the key may be used with: its own `alg` where it has one, else one
/// for each kind of key, or whatever the issuer is configured for (RFC 8725 §3.1).
fn algorithms(alg: Option<&str>, accepted: Option<AlgorithmSet>) -> AlgorithmSet {
    let Some(alg) = alg else {
        return accepted.unwrap_or(AlgorithmSet::DEFAULT);
    };
    Algorithm::from_name(alg)
        .filter(|own| accepted.is_none_or(|accepted| accepted.contains(*own)))
        .into_iter()
        .collect()
}

/// RFC 7517 §4.2 and §4.3; both members are optional.
fn verifies_signatures(jwk: &Jwk) -> bool {
    let by_use = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let by_operations = jwk
        .common
        .key_operations
        .as_ref()
        .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    by_use && by_operations
}

fn name(jwk: &Jwk) -> Result<KeyName, KeyFault> {
    let id = match &jwk.common.key_id {
        Some(id) => Some(KeyId::new(id.as_str()).ok_or(KeyFault::Unreadable)?),
        None => None,
    };
    Ok(KeyName::Jwk {
        id,
        x5t: jwk.common.x509_sha1_fingerprint.as_deref().and_then(KeyId::thumbprint),
        x5t_s256: jwk.common.x509_sha256_fingerprint.as_deref().and_then(KeyId::thumbprint),
    })
}

fn rsa(
    n: &str,
    e: &str,
    algorithms: AlgorithmSet,
) -> Result<Vec<(Algorithm, ParsedPublicKey)>, KeyFault> {
    let n = base64url::decode(n).map_err(|_| KeyFault::Unreadable)?;
    let e = base64url::decode(e).map_err(|_| KeyFault::Unreadable)?;
    prepare_rsa(&RsaComponents::new(&n, &e)?, algorithms)
}

/// Prepares an RSA key once for each of the algorithms that is RSA's.
pub(crate) fn prepare_rsa(
    key: &RsaComponents,
    algorithms: AlgorithmSet,
) -> Result<Vec<(Algorithm, ParsedPublicKey)>, KeyFault> {
    Algorithm::ALL
        .into_iter()
        .filter(|algorithm| algorithms.contains(*algorithm))
        .filter(|algorithm| super::verifying_key::rsa_parameters(*algorithm).is_some())
        .map(|algorithm| Ok((algorithm, key.prepare(algorithm).ok_or(KeyFault::RsaModulus)?)))
        .collect()
}

fn coordinate(curve: Curve, text: &str) -> Result<Vec<u8>, KeyFault> {
    let bytes = base64url::decode(text).map_err(|_| KeyFault::Unreadable)?;
    if bytes.len() == curve.coordinate_len() { Ok(bytes) } else { Err(KeyFault::Point) }
}

fn on_curve(
    curve: Curve,
    point: &[u8],
    algorithms: AlgorithmSet,
) -> Result<Vec<(Algorithm, ParsedPublicKey)>, KeyFault> {
    if !algorithms.contains(curve.algorithm()) {
        return Err(KeyFault::Algorithm);
    }
    let key = curve.prepare(point).ok_or(KeyFault::Point)?;
    Ok(vec![(curve.algorithm(), key)])
}
