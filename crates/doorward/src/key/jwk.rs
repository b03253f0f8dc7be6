use std::borrow::Cow;

use aws_lc_rs::signature::ParsedPublicKey;
use serde::{
    Deserialize,
    de::{IgnoredAny, MapAccess},
};

use super::{
    KeyFault, KeyRules, VerifyingKey,
    rsa::RsaComponents,
    verifying_key::{Curve, KeyName, rsa_parameters},
};
use crate::{
    codec::{
        base64url,
        json::{self, Members, Refused, Text, Value},
    },
    limits,
    terms::{
        algorithm::{Algorithm, AlgorithmSet},
        key_id::KeyId,
        tenancy::KeyScope,
    },
};

/// The members of one JWK (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2), read in one pass.
#[derive(Default)]
struct Jwk<'e> {
    kty: Option<Cow<'e, str>>,
    key_use: Option<Cow<'e, str>>,
    key_ops: Option<Vec<String>>,
    alg: Option<Cow<'e, str>>,
    kid: Option<Cow<'e, str>>,
    x5t: Option<Cow<'e, str>>,
    x5t_s256: Option<Cow<'e, str>>,
    n: Option<Cow<'e, str>>,
    e: Option<Cow<'e, str>>,
    crv: Option<Cow<'e, str>>,
    x: Option<Cow<'e, str>>,
    y: Option<Cow<'e, str>>,
    /// A member that only a private key has.
    is_private: bool,
    /// Whether the owner below is read: other issuers may use these names for anything.
    has_owner: bool,
    issuer: Option<Cow<'e, str>>,
    cloud_instance_name: Option<Cow<'e, str>>,
}

impl<'e> Members<'e> for Jwk<'e> {
    fn member<A: MapAccess<'e>>(
        &mut self,
        name: &str,
        value: Value<'_, 'e, A>,
    ) -> Result<(), Refused> {
        match name {
            "kty" => self.kty = Some(value.take::<Text<'e>>("kty")?.0),
            "use" => self.key_use = Some(value.take::<Text<'e>>("use")?.0),
            "key_ops" => self.key_ops = Some(value.take("key_ops")?),
            "alg" => self.alg = Some(value.take::<Text<'e>>("alg")?.0),
            "kid" => self.kid = Some(value.take::<Text<'e>>("kid")?.0),
            "x5t" => self.x5t = take_or_null(value, "x5t")?,
            "x5t#S256" => self.x5t_s256 = take_or_null(value, "x5t#S256")?,
            "n" => self.n = take_string(value, "n")?,
            "e" => self.e = take_string(value, "e")?,
            "crv" => self.crv = take_string(value, "crv")?,
            "x" => self.x = take_string(value, "x")?,
            "y" => self.y = take_string(value, "y")?,
            "d" | "p" | "q" | "dp" | "dq" | "qi" | "oth" | "priv" => {
                self.is_private |= value.take::<Option<IgnoredAny>>("d")?.is_some();
            }
            "issuer" if self.has_owner => self.issuer = take_or_null(value, "issuer")?,
            "cloud_instance_name" if self.has_owner => {
                self.cloud_instance_name = take_or_null(value, "cloud_instance_name")?;
            }
            _ => value.skip()?,
        }
        Ok(())
    }
}

/// Reads a string. Some issuers write `null` where a member is absent.
fn take_or_null<'e, A: MapAccess<'e>>(
    value: Value<'_, 'e, A>,
    name: &'static str,
) -> Result<Option<Cow<'e, str>>, Refused> {
    Ok(value.take::<Option<Text<'e>>>(name)?.map(|text| text.0))
}

/// Reads a string, and nothing where the value is no string: the key's type may give the name another
/// meaning, or none. A member that the type needs is then missing.
fn take_string<'e, A: MapAccess<'e>>(
    value: Value<'_, 'e, A>,
    name: &'static str,
) -> Result<Option<Cow<'e, str>>, Refused> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Material<'e> {
        #[serde(borrow)]
        Text(Text<'e>),
        Other(IgnoredAny),
    }
    Ok(match value.take::<Material<'e>>(name)? {
        Material::Text(text) => Some(text.0),
        Material::Other(_) => None,
    })
}

/// Reads one entry of a published set and prepares it for the accepted algorithms.
pub(crate) fn read(entry: &str, rules: &KeyRules) -> Result<VerifyingKey, KeyFault> {
    let mut jwk = Jwk { has_owner: rules.tenancy.is_some(), ..Jwk::default() };
    json::read_object(entry, limits::JSON_DEPTH, &mut jwk).map_err(|_| KeyFault::Unreadable)?;
    let key = jwk.prepare(rules.accepted)?;
    let Some(tenancy) = &rules.tenancy else {
        return Ok(key);
    };
    match tenancy.scope_of_key(jwk.issuer.as_deref(), jwk.cloud_instance_name.as_deref()) {
        KeyScope::All => Ok(key),
        KeyScope::Tenant(tenant) => Ok(key.of_tenant(tenant)),
        KeyScope::Elsewhere => Err(KeyFault::OtherIssuer),
    }
}

impl Jwk<'_> {
    fn prepare(&self, accepted: Option<AlgorithmSet>) -> Result<VerifyingKey, KeyFault> {
        let key_type = self.kty.as_deref().ok_or(KeyFault::Unreadable)?;
        match key_type {
            "RSA" | "EC" | "OKP" => {}
            "oct" => return Err(KeyFault::Symmetric),
            _ => return Err(KeyFault::Unsupported),
        }
        if self.is_private {
            return Err(KeyFault::Private);
        }
        if !self.verifies_signatures() {
            return Err(KeyFault::OtherUse);
        }
        let algorithms = self.algorithms(accepted);
        if algorithms.is_empty() {
            return Err(KeyFault::Algorithm);
        }
        let name = self.name()?;
        if key_type == "RSA" {
            let components = RsaComponents::new(&decode(&self.n)?, &decode(&self.e)?)?;
            return prepare_rsa(name, &components, algorithms);
        }
        let curve = self.curve(key_type)?;
        let mut point = coordinate(curve, &self.x)?;
        if key_type == "EC" {
            // Uncompressed (SEC 1 §2.3.3).
            point.insert(0, 4);
            point.extend(coordinate(curve, &self.y)?);
        }
        if !algorithms.contains(curve.algorithm()) {
            return Err(KeyFault::Algorithm);
        }
        let key = curve.prepare(point.as_slice()).ok_or(KeyFault::Point)?;
        prepare_on_curve(name, curve, key, algorithms)
    }

    /// RFC 7517 §4.2 and §4.3: both members are optional, and no operation may be repeated.
    fn verifies_signatures(&self) -> bool {
        let by_use = self.key_use.as_deref().is_none_or(|key_use| key_use == "sig");
        let by_operations = self.key_ops.as_deref().is_none_or(|operations| {
            let rest = |at: usize| operations.iter().skip(at.saturating_add(1));
            let repeats = operations.iter().enumerate().any(|(at, one)| rest(at).any(|o| o == one));
            !repeats && operations.iter().any(|operation| operation == "verify")
        });
        by_use && by_operations
    }

    /// Returns the algorithms that the key may be used with: its own `alg` where it has one, else one
    /// for each kind of key, or those that the issuer is configured for (RFC 8725 §3.1).
    fn algorithms(&self, accepted: Option<AlgorithmSet>) -> AlgorithmSet {
        let Some(alg) = self.alg.as_deref() else {
            return accepted.unwrap_or(AlgorithmSet::DEFAULT);
        };
        Algorithm::from_name(alg)
            .filter(|own| accepted.is_none_or(|accepted| accepted.contains(*own)))
            .into_iter()
            .collect()
    }

    fn name(&self) -> Result<KeyName, KeyFault> {
        let id = match self.kid.as_deref() {
            Some(id) => Some(KeyId::new(id).ok_or(KeyFault::Unreadable)?),
            None => None,
        };
        Ok(KeyName::Jwk {
            id,
            x5t: self.x5t.as_deref().and_then(KeyId::thumbprint),
            x5t_s256: self.x5t_s256.as_deref().and_then(KeyId::thumbprint),
        })
    }

    fn curve(&self, key_type: &str) -> Result<Curve, KeyFault> {
        let curve = self.crv.as_deref().ok_or(KeyFault::Unreadable)?;
        let curve = Curve::ALL.into_iter().find(|known| known.name() == curve);
        let is_okp = key_type == "OKP";
        curve.filter(|curve| matches!(curve, Curve::Ed25519) == is_okp).ok_or(KeyFault::Unsupported)
    }
}

/// Decodes a member that the key type requires.
fn decode(member: &Option<Cow<'_, str>>) -> Result<Vec<u8>, KeyFault> {
    let text = member.as_deref().ok_or(KeyFault::Unreadable)?;
    base64url::decode(text).map_err(|_| KeyFault::Unreadable)
}

fn coordinate(curve: Curve, member: &Option<Cow<'_, str>>) -> Result<Vec<u8>, KeyFault> {
    let bytes = decode(member)?;
    if bytes.len() == curve.coordinate_len() { Ok(bytes) } else { Err(KeyFault::Point) }
}

/// Prepares an RSA key once for each of the algorithms that is an RSA algorithm.
pub(crate) fn prepare_rsa(
    name: KeyName,
    key: &RsaComponents,
    algorithms: AlgorithmSet,
) -> Result<VerifyingKey, KeyFault> {
    let prepared: Result<Vec<(Algorithm, ParsedPublicKey)>, KeyFault> = Algorithm::ALL
        .into_iter()
        .filter(|algorithm| algorithms.contains(*algorithm))
        .filter(|algorithm| rsa_parameters(*algorithm).is_some())
        .map(|algorithm| Ok((algorithm, key.prepare(algorithm).ok_or(KeyFault::RsaModulus)?)))
        .collect();
    VerifyingKey::new(name, key.thumbprint(), prepared?).ok_or(KeyFault::Algorithm)
}

/// Prepares a key of a curve for the curve's one algorithm, if that is accepted.
pub(crate) fn prepare_on_curve(
    name: KeyName,
    curve: Curve,
    key: ParsedPublicKey,
    algorithms: AlgorithmSet,
) -> Result<VerifyingKey, KeyFault> {
    if !algorithms.contains(curve.algorithm()) {
        return Err(KeyFault::Algorithm);
    }
    let thumbprint = curve.thumbprint(&key).ok_or(KeyFault::Point)?;
    let prepared = vec![(curve.algorithm(), key)];
    VerifyingKey::new(name, thumbprint, prepared).ok_or(KeyFault::Algorithm)
}
