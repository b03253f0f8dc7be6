use std::fmt;

use aws_lc_rs::{
    digest, hmac,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
        ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
        RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
        RSA_PSS_2048_8192_SHA512, RsaParameters, VerificationAlgorithm,
    },
};

use super::ed25519;
use crate::terms::{
    algorithm::{Algorithm, JwsAlgorithm, MacAlgorithm},
    key_id::KeyId,
};

/// A key made ready for checking signatures, once for each algorithm that it may be used with.
pub(crate) struct VerifyingKey {
    pub(crate) name: KeyName,
    /// The one tenant whose tokens it may verify, if its issuer has several and says so.
    tenant: Option<Box<str>>,
    /// Of its entry in the published set: by it the same key is known again in the next one.
    digest: Option<[u8; 32]>,
    prepared: Vec<(JwsAlgorithm, Prepared)>,
}

/// How tokens may name the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyName {
    /// By what its JWK says of itself.
    Jwk { id: Option<KeyId>, x5t: Option<KeyId>, x5t_s256: Option<KeyId> },
    /// In any way: a single key configured by hand, which has no name of its own.
    Any,
}

impl KeyName {
    /// Goes through the names that tokens may give the key.
    pub(crate) fn all(&self) -> impl Iterator<Item = &KeyId> {
        let names = match self {
            Self::Jwk { id, x5t, x5t_s256 } => [id.as_ref(), x5t.as_ref(), x5t_s256.as_ref()],
            Self::Any => [None; 3],
        };
        names.into_iter().flatten()
    }
}

enum Prepared {
    Public(ParsedPublicKey),
    Secret(Box<hmac::Key>),
}

impl VerifyingKey {
    /// Joins a name and the ready key for each algorithm; `None` without an algorithm.
    pub(crate) fn new(name: KeyName, prepared: Vec<(Algorithm, ParsedPublicKey)>) -> Option<Self> {
        let prepared: Vec<_> = prepared
            .into_iter()
            .map(|(algorithm, key)| (JwsAlgorithm::Signature(algorithm), Prepared::Public(key)))
            .collect();
        (!prepared.is_empty()).then_some(Self { name, tenant: None, digest: None, prepared })
    }

    pub(crate) fn symmetric(name: KeyName, algorithm: MacAlgorithm, secret: &[u8]) -> Self {
        let hash = match algorithm {
            MacAlgorithm::Hs256 => hmac::HMAC_SHA256,
            MacAlgorithm::Hs384 => hmac::HMAC_SHA384,
            MacAlgorithm::Hs512 => hmac::HMAC_SHA512,
        };
        let key = Prepared::Secret(Box::new(hmac::Key::new(hash, secret)));
        let prepared = vec![(JwsAlgorithm::Mac(algorithm), key)];
        Self { name, tenant: None, digest: None, prepared }
    }

    /// Returns the key ID that its JWK gives it.
    pub(crate) const fn id(&self) -> Option<&KeyId> {
        match &self.name {
            KeyName::Jwk { id, .. } => id.as_ref(),
            KeyName::Any => None,
        }
    }

    /// Remembers the entry of the published set that it was read from.
    pub(crate) fn of_entry(mut self, entry: &str) -> Self {
        let digest = digest::digest(&digest::SHA256, entry.as_bytes());
        self.digest = digest.as_ref().try_into().ok();
        self
    }

    /// Returns whether both were read from one and the same entry.
    pub(super) fn is_of_same_entry(&self, other: &Self) -> bool {
        self.digest.is_some() && self.digest == other.digest
    }

    /// Binds the key to the tokens of one tenant.
    pub(crate) fn of_tenant(mut self, tenant: Box<str>) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// Returns whether the key may verify tokens of the tenant, or of an issuer that has none.
    pub(crate) fn serves(&self, tenant: Option<&str>) -> bool {
        self.tenant.as_deref().is_none_or(|own| tenant == Some(own))
    }

    pub(crate) fn fits(&self, algorithm: JwsAlgorithm) -> bool {
        self.prepared.iter().any(|(of, _)| *of == algorithm)
    }

    /// Returns whether the signature over the message is this key's, by this algorithm.
    pub(crate) fn verifies(
        &self,
        algorithm: JwsAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        self.prepared.iter().filter(|(of, _)| *of == algorithm).any(|(_, key)| match key {
            Prepared::Public(key) => key.verify_sig(message, signature).is_ok(),
            Prepared::Secret(key) => hmac::verify(key, message, signature).is_ok(),
        })
    }
}

/// Shows the names alone; a symmetric key's bytes are a secret.
impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithms: Vec<_> = self.prepared.iter().map(|(of, _)| of.name()).collect();
        f.debug_struct("VerifyingKey")
            .field("name", &self.name)
            .field("tenant", &self.tenant)
            .field("algorithms", &algorithms)
            .finish_non_exhaustive()
    }
}

/// Returns how aws-lc-rs calls the RSA algorithm; `None` for other families.
pub(crate) fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &RSA_PSS_2048_8192_SHA512,
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 | Algorithm::EdDsa => return None,
    })
}

/// The curves, each with its one algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    Ed25519,
}

impl Curve {
    pub(crate) const ALL: [Self; 4] = [Self::P256, Self::P384, Self::P521, Self::Ed25519];

    pub(crate) const fn algorithm(self) -> Algorithm {
        match self {
            Self::P256 => Algorithm::Es256,
            Self::P384 => Algorithm::Es384,
            Self::P521 => Algorithm::Es512,
            Self::Ed25519 => Algorithm::EdDsa,
        }
    }

    /// Returns the exact length of a coordinate in bytes (RFC 7518 §6.2.1.2, RFC 8037 §2).
    pub(crate) const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 | Self::Ed25519 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// Prepares the encoded point or `SubjectPublicKeyInfo`; `None` unless it is a sound key of
    /// this curve.
    pub(crate) fn prepare(self, encoded: &[u8]) -> Option<ParsedPublicKey> {
        let algorithm: &'static dyn VerificationAlgorithm = match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED,
            Self::P384 => &ECDSA_P384_SHA384_FIXED,
            Self::P521 => &ECDSA_P521_SHA512_FIXED,
            Self::Ed25519 => {
                // Both forms end with the point.
                let (_, point) = encoded.split_last_chunk()?;
                if !ed25519::is_sound(point) {
                    return None;
                }
                &ED25519
            }
        };
        ParsedPublicKey::new(algorithm, encoded).ok()
    }
}
