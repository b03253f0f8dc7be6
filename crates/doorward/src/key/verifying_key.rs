use std::fmt;

use aws_lc_rs::{
    digest,
    encoding::AsDer as _,
    hmac,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
        ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
        RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
        RSA_PSS_2048_8192_SHA512, RsaParameters, VerificationAlgorithm,
    },
};

use super::{KeyThumbprint, ed25519};
use crate::terms::{
    algorithm::{Algorithm, JwsAlgorithm, MacAlgorithm},
    key_id::KeyId,
};

/// A key prepared for verifying signatures, once for each algorithm that it may be used with.
pub(crate) struct VerifyingKey {
    pub(crate) name: KeyName,
    pub(crate) thumbprint: KeyThumbprint,
    /// The one tenant whose tokens it may verify, if its issuer has several and publishes which.
    tenant: Option<Box<str>>,
    /// The digest of its entry in the published set, by which the next set is compared with this one.
    digest: Option<[u8; 32]>,
    prepared: Vec<(JwsAlgorithm, Prepared)>,
}

/// The names that tokens may use for the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyName {
    /// The names in its JWK.
    Jwk { id: Option<KeyId>, x5t: Option<KeyId>, x5t_s256: Option<KeyId> },
    /// Any name: a key configured by hand, without a name of its own.
    Any,
}

impl KeyName {
    /// Iterates over the key's own names.
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
    /// Creates a key from the prepared form for each algorithm; `None` without an algorithm.
    pub(crate) fn new(
        name: KeyName,
        thumbprint: KeyThumbprint,
        prepared: Vec<(Algorithm, ParsedPublicKey)>,
    ) -> Option<Self> {
        let prepared: Vec<_> = prepared
            .into_iter()
            .map(|(algorithm, key)| (JwsAlgorithm::Signature(algorithm), Prepared::Public(key)))
            .collect();
        let (tenant, digest) = (None, None);
        (!prepared.is_empty()).then_some(Self { name, thumbprint, tenant, digest, prepared })
    }

    pub(crate) fn symmetric(name: KeyName, algorithm: MacAlgorithm, secret: &[u8]) -> Self {
        let hash = match algorithm {
            MacAlgorithm::Hs256 => hmac::HMAC_SHA256,
            MacAlgorithm::Hs384 => hmac::HMAC_SHA384,
            MacAlgorithm::Hs512 => hmac::HMAC_SHA512,
        };
        let key = Prepared::Secret(Box::new(hmac::Key::new(hash, secret)));
        let prepared = vec![(JwsAlgorithm::Mac(algorithm), key)];
        let thumbprint = KeyThumbprint::symmetric(secret);
        Self { name, thumbprint, tenant: None, digest: None, prepared }
    }

    /// Returns the `kid` of its JWK.
    pub(crate) const fn id(&self) -> Option<&KeyId> {
        match &self.name {
            KeyName::Jwk { id, .. } => id.as_ref(),
            KeyName::Any => None,
        }
    }

    /// Sets the entry of the published set that the key was read from.
    pub(crate) fn of_entry(mut self, entry: &str) -> Self {
        let digest = digest::digest(&digest::SHA256, entry.as_bytes());
        self.digest = digest.as_ref().try_into().ok();
        self
    }

    /// Returns whether both were read from the same text.
    pub(super) fn is_of_same_entry(&self, other: &Self) -> bool {
        self.digest.is_some() && self.digest == other.digest
    }

    /// Restricts the key to the tokens of one tenant.
    pub(crate) fn of_tenant(mut self, tenant: Box<str>) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// Returns whether the key may verify tokens of the tenant, or of an issuer without tenants.
    pub(crate) fn may_verify_for(&self, tenant: Option<&str>) -> bool {
        self.tenant.as_deref().is_none_or(|own| tenant == Some(own))
    }

    /// Iterates over the algorithms that the key may be used with.
    pub(super) fn algorithms(&self) -> impl Iterator<Item = JwsAlgorithm> {
        self.prepared.iter().map(|(algorithm, _)| *algorithm)
    }

    pub(crate) fn fits(&self, algorithm: JwsAlgorithm) -> bool {
        self.prepared.iter().any(|(of, _)| *of == algorithm)
    }

    /// Returns whether this key has signed the message with this algorithm.
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
        let algorithms: Vec<_> = self.algorithms().map(JwsAlgorithm::name).collect();
        f.debug_struct("VerifyingKey")
            .field("name", &self.name)
            .field("tenant", &self.tenant)
            .field("algorithms", &algorithms)
            .finish_non_exhaustive()
    }
}

/// Returns the parameters of an RSA algorithm; `None` for other families.
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

/// The supported curves, each with its one algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    Ed25519,
}

impl Curve {
    pub(crate) const ALL: [Self; 4] = [Self::P256, Self::P384, Self::P521, Self::Ed25519];

    /// Returns the `crv` of its keys.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Ed25519 => "Ed25519",
        }
    }

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

    /// Returns the thumbprint of a key of this curve. It does not depend on the encoding.
    pub(crate) fn thumbprint(self, key: &ParsedPublicKey) -> Option<KeyThumbprint> {
        // Written out anew, so the point is uncompressed and stands at the end.
        let der = key.as_der().ok()?;
        let len = self.coordinate_len();
        let (before, last) = der.as_ref().split_at_checked(der.as_ref().len().checked_sub(len)?)?;
        Some(match self {
            Self::Ed25519 => KeyThumbprint::octet_key_pair(self.name(), last),
            Self::P256 | Self::P384 | Self::P521 => {
                let x = before.get(before.len().checked_sub(len)?..)?;
                KeyThumbprint::elliptic_curve(self.name(), x, last)
            }
        })
    }
}
