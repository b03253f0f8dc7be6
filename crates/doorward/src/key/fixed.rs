use std::{collections::HashSet, fmt, sync::Arc};

use rustls_pki_types::{
    CertificateDer, SubjectPublicKeyInfoDer,
    pem::{PemObject as _, SectionKind},
};

use super::{
    Jwks, JwksError, KeyFault, KeyRules, VerifyingKey, jwk,
    rsa::RsaComponents,
    verifying_key::{Curve, KeyName},
};
use crate::{
    limits,
    terms::{
        algorithm::{AlgorithmSet, MacAlgorithm},
        key_id::KeyId,
    },
};

/// Keys that are configured by hand instead of fetched. They are read when the server is built and
/// never change.
///
/// ```
/// use doorward::Keys;
///
/// let published = Keys::jwks(r#"{"keys":[…]}"#);
/// let from_disk = Keys::pem("-----BEGIN CERTIFICATE-----\n…");
/// # let _ = (published, from_disk);
/// ```
#[derive(Clone, Debug)]
pub struct Keys(Source);

#[derive(Clone)]
enum Source {
    Jwks(String),
    Pem(String),
    Symmetric(Vec<SymmetricKey>),
    #[cfg(feature = "conformance")]
    Nothing,
}

/// Shows the kind of source, without the keys.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jwks(_) => "Jwks",
            Self::Pem(_) => "Pem",
            Self::Symmetric(_) => "Symmetric",
            #[cfg(feature = "conformance")]
            Self::Nothing => "Nothing",
        })
    }
}

/// Why keys configured by hand cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The JWKS document yields no usable key.
    #[error(transparent)]
    Jwks(#[from] JwksError),
    /// The text is not PEM, or holds neither a public key nor a certificate.
    #[error("no `PUBLIC KEY` and no `CERTIFICATE` section in the PEM text")]
    Pem,
    /// A key of the PEM text cannot be used.
    #[error("a key of the PEM text cannot be used")]
    Key(#[from] KeyFault),
    /// The PEM text holds more keys than are tried on one token.
    #[error("more than four keys in the PEM text; name them by a JWKS document")]
    TooMany,
    /// A certificate of the PEM text cannot be read.
    #[error("a certificate of the PEM text cannot be read")]
    Certificate,
    /// Signature algorithms are set for a symmetric key, which has one algorithm of its own.
    #[error("a symmetric key has its one algorithm, and yet `.algorithms(…)` names others")]
    SymmetricAlgorithms,
    /// A key ID is longer than 256 bytes.
    #[error("a key ID is longer than 256 bytes")]
    KeyId,
    /// There is no symmetric key, or several whose key IDs are not all different.
    #[error("of several symmetric keys each needs a key ID of its own, and at least one is needed")]
    SymmetricKeyIds,
    /// The symmetric key is shorter than the hash.
    #[error("a key for {algorithm} needs at least {least} bytes of randomness (RFC 7518 §3.2)")]
    TooShort {
        /// The algorithm's name.
        algorithm: &'static str,
        /// The least length, in bytes.
        least: usize,
    },
}

impl Keys {
    /// Creates the keys from a JWKS document ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)).
    #[must_use]
    pub fn jwks(document: impl Into<String>) -> Self {
        Self(Source::Jwks(document.into()))
    }

    /// Creates the keys from every `PUBLIC KEY` (SubjectPublicKeyInfo) and `CERTIFICATE` of a PEM text,
    /// four at most. Of a certificate only the key is used; its dates and chain are ignored.
    ///
    /// Such a key has no ID, so it is tried on tokens with any key ID. For a token without one, see
    /// [`Issuer::try_all_keys`](crate::Issuer::try_all_keys).
    #[must_use]
    pub fn pem(text: impl Into<String>) -> Self {
        Self(Source::Pem(text.into()))
    }

    /// Creates the keys from secrets, the only way to verify HS256, HS384 and HS512: they are never
    /// accepted from a key set. Whoever can verify with them can also sign. If there are several, each
    /// needs a [`key_id`](SymmetricKey::key_id) of its own.
    #[must_use]
    pub fn symmetric(keys: impl IntoIterator<Item = SymmetricKey>) -> Self {
        Self(Source::Symmetric(keys.into_iter().collect()))
    }

    /// Creates no key, as of an issuer whose published keys are all unusable.
    #[cfg(feature = "conformance")]
    pub(crate) const fn nothing() -> Self {
        Self(Source::Nothing)
    }

    /// Prepares the keys for the accepted algorithms.
    pub(crate) fn prepare(&self, rules: &KeyRules) -> Result<Jwks, KeysError> {
        let accepted = rules.accepted;
        match &self.0 {
            Source::Jwks(document) => Ok(Jwks::parse(document, rules)?),
            Source::Pem(text) => read_pem(text, accepted.unwrap_or(AlgorithmSet::DEFAULT)),
            Source::Symmetric(_) if accepted.is_some() => Err(KeysError::SymmetricAlgorithms),
            Source::Symmetric(keys) => prepare_symmetric(keys),
            #[cfg(feature = "conformance")]
            Source::Nothing => Ok(Jwks { keys: Vec::new() }),
        }
    }
}

/// A secret that this API and its issuer share, for one algorithm.
#[derive(Clone)]
pub struct SymmetricKey {
    algorithm: MacAlgorithm,
    id: Option<KeyId>,
    secret: Box<[u8]>,
}

impl SymmetricKey {
    /// Creates a key from the secret's bytes.
    ///
    /// # Errors
    ///
    /// [`KeysError::TooShort`] when the secret is shorter than the algorithm's hash
    /// ([RFC 7518 §3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2)).
    pub fn new(algorithm: MacAlgorithm, secret: &[u8]) -> Result<Self, KeysError> {
        let least = algorithm.key_len();
        if secret.len() < least {
            return Err(KeysError::TooShort { algorithm: algorithm.name(), least });
        }
        Ok(Self { algorithm, id: None, secret: secret.into() })
    }

    /// Sets the key ID: only tokens with this `kid` are verified with the key. Default: none; the key is
    /// tried on tokens with any key ID.
    ///
    /// # Errors
    ///
    /// [`KeysError::KeyId`] when the name is longer than 256 bytes.
    pub fn key_id(mut self, id: impl Into<Box<str>>) -> Result<Self, KeysError> {
        self.id = Some(KeyId::new(id).ok_or(KeysError::KeyId)?);
        Ok(self)
    }
}

/// Shows the algorithm alone: the bytes are a secret.
impl fmt::Debug for SymmetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SymmetricKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

fn prepare_symmetric(keys: &[SymmetricKey]) -> Result<Jwks, KeysError> {
    let ids: HashSet<_> = keys.iter().filter_map(|key| key.id.as_ref()).collect();
    if keys.is_empty() || (keys.len() > 1 && ids.len() != keys.len()) {
        return Err(KeysError::SymmetricKeyIds);
    }
    let name = |id: &KeyId| KeyName::Jwk { id: Some(id.clone()), x5t: None, x5t_s256: None };
    let prepare = |key: &SymmetricKey| {
        let name = key.id.as_ref().map_or(KeyName::Any, name);
        VerifyingKey::symmetric(name, key.algorithm, &key.secret)
    };
    Ok(Jwks { keys: keys.iter().map(prepare).map(Arc::new).collect() })
}

fn read_pem(text: &str, algorithms: AlgorithmSet) -> Result<Jwks, KeysError> {
    let mut keys = Vec::new();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(text.as_bytes()) {
        match section.map_err(|_| KeysError::Pem)? {
            (SectionKind::PublicKey, der) => keys.push(read_key_info(&der.into(), algorithms)?),
            (SectionKind::Certificate, der) => {
                let der = CertificateDer::from(der);
                let certificate =
                    webpki::EndEntityCert::try_from(&der).map_err(|_| KeysError::Certificate)?;
                keys.push(read_key_info(&certificate.subject_public_key_info(), algorithms)?);
            }
            _ => return Err(KeysError::Pem),
        }
    }
    match keys.len() {
        0 => Err(KeysError::Pem),
        1..=limits::CANDIDATES => Ok(Jwks { keys: keys.into_iter().map(Arc::new).collect() }),
        _ => Err(KeysError::TooMany),
    }
}

/// Reads a `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7) of any supported type.
fn read_key_info(
    der: &SubjectPublicKeyInfoDer<'_>,
    algorithms: AlgorithmSet,
) -> Result<VerifyingKey, KeyFault> {
    if let Ok(key) = aws_lc_rs::rsa::PublicKey::from_der(der) {
        let components = RsaComponents::new(
            key.modulus().big_endian_without_leading_zero(),
            key.exponent().big_endian_without_leading_zero(),
        )?;
        return jwk::prepare_rsa(KeyName::Any, &components, algorithms);
    }
    let (curve, key) = Curve::ALL
        .into_iter()
        .find_map(|curve| Some((curve, curve.prepare(der)?)))
        .ok_or(KeyFault::Unsupported)?;
    jwk::prepare_on_curve(KeyName::Any, curve, key, algorithms)
}
