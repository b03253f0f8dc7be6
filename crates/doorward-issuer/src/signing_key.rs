use std::{
    collections::BTreeMap,
    fmt, iter,
    sync::{Arc, Mutex, PoisonError},
    thread, vec,
};

use aws_lc_rs::{
    error::Unspecified,
    rand::SystemRandom,
    rsa::{self, KeySize},
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaSignatureEncoding},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::sync::oneshot;

use crate::{
    Algorithm, MintError,
    jwk::{KeyMaterial, PublicJwk},
};

/// The error of a signing key that could not be generated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot generate a signing key for {algorithm}")]
pub struct KeyGenerationError {
    algorithm: Algorithm,
}

impl KeyGenerationError {
    /// Returns the algorithm that the key was for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// A private key, its algorithm and its public key.
pub(crate) struct SigningKey {
    algorithm: Algorithm,
    private: PrivateKey,
    public: PublicJwk,
}

enum PrivateKey {
    Rsa(rsa::KeyPair, &'static RsaSignatureEncoding),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A key to generate.
#[derive(Clone, Debug)]
pub(crate) struct WantedKey {
    pub(crate) algorithm: Algorithm,
    /// `None` uses the thumbprint.
    pub(crate) key_id: Option<String>,
}

/// Generates one key for each of `algorithms`, in their order.
pub(crate) async fn generate_keys(
    algorithms: &[Algorithm],
) -> Result<Vec<SigningKey>, KeyGenerationError> {
    let own = |&algorithm: &Algorithm| WantedKey { algorithm, key_id: None };
    generate_all(algorithms.iter().map(own).collect()).await
}

/// Generates the keys on one thread per core, and returns them in the given order.
///
/// An RSA key takes tens of milliseconds, which would block the caller's runtime.
pub(crate) async fn generate_all(
    wanted: Vec<WantedKey>,
) -> Result<Vec<SigningKey>, KeyGenerationError> {
    let Some(first) = wanted.first() else {
        return Ok(Vec::new());
    };
    let failed = KeyGenerationError { algorithm: first.algorithm };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(wanted.len());
    let queue = Arc::new(Mutex::new(wanted.into_iter().enumerate()));
    let mut receivers = Vec::with_capacity(threads);
    for _ in 0..threads {
        let (sender, receiver) = oneshot::channel();
        let queue = Arc::clone(&queue);
        thread::Builder::new()
            .name("generate keys".to_owned())
            .spawn(move || drop(sender.send(generate_from(&queue))))
            .map_err(|_| failed.clone())?;
        receivers.push(receiver);
    }
    let mut keys = BTreeMap::new();
    for receiver in receivers {
        keys.extend(receiver.await.map_err(|_| failed.clone())??);
    }
    Ok(keys.into_values().collect())
}

type Queue = Mutex<iter::Enumerate<vec::IntoIter<WantedKey>>>;

/// Generates keys until the queue is empty, and returns each with its index in the queue.
fn generate_from(queue: &Queue) -> Result<Vec<(usize, SigningKey)>, KeyGenerationError> {
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    iter::from_fn(next).map(|(index, wanted)| Ok((index, SigningKey::generate(wanted)?))).collect()
}

impl SigningKey {
    pub(crate) fn generate(
        WantedKey { algorithm, key_id }: WantedKey,
    ) -> Result<Self, KeyGenerationError> {
        PrivateKey::generate(algorithm)
            .and_then(|private| {
                let public = PublicJwk::new(algorithm, key_id, private.public_material()?);
                Ok(Self { algorithm, private, public })
            })
            .map_err(|Unspecified| KeyGenerationError { algorithm })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn is_named(&self, key_id: &str) -> bool {
        self.public.key_id() == key_id
    }

    pub(crate) fn public(&self) -> &PublicJwk {
        &self.public
    }

    /// Signs header and payload and returns their compact serialization (RFC 7515 §3.1).
    pub(crate) fn sign_compact(&self, header: &str, payload: &[u8]) -> Result<String, MintError> {
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = self
            .sign(token.as_bytes())
            .map_err(|Unspecified| MintError::Unsigned { algorithm: self.algorithm })?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// Returns the JWS signature of `message`; for ECDSA in the fixed-length format of RFC 7518 §3.4, not
    /// in DER.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match &self.private {
            PrivateKey::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
            PrivateKey::Ecdsa(pair) => {
                Ok(pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec())
            }
            PrivateKey::Ed25519(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.public.key_id())
            .finish_non_exhaustive()
    }
}

impl PrivateKey {
    fn generate(algorithm: Algorithm) -> Result<Self, Unspecified> {
        let rsa =
            |encoding| rsa::KeyPair::generate(KeySize::Rsa2048).map(|k| Self::Rsa(k, encoding));
        let ecdsa = |scheme| EcdsaKeyPair::generate(scheme).map(Self::Ecdsa);
        match algorithm {
            Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_SHA256),
            Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_SHA384),
            Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_SHA512),
            Algorithm::Ps256 => rsa(&signature::RSA_PSS_SHA256),
            Algorithm::Ps384 => rsa(&signature::RSA_PSS_SHA384),
            Algorithm::Ps512 => rsa(&signature::RSA_PSS_SHA512),
            Algorithm::Es256 => ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::Es512 => ecdsa(&signature::ECDSA_P521_SHA512_FIXED_SIGNING),
            Algorithm::EdDsa => Ed25519KeyPair::generate().map(Self::Ed25519),
        }
    }

    fn public_material(&self) -> Result<KeyMaterial, Unspecified> {
        match self {
            Self::Rsa(pair, _) => {
                let public = pair.public_key();
                Ok(KeyMaterial::Rsa {
                    n: base64url(public.modulus().big_endian_without_leading_zero()),
                    e: base64url(public.exponent().big_endian_without_leading_zero()),
                })
            }
            Self::Ecdsa(pair) => ec_material(pair.public_key().as_ref()),
            Self::Ed25519(pair) => {
                Ok(KeyMaterial::Okp { crv: "Ed25519", x: base64url(pair.public_key().as_ref()) })
            }
        }
    }
}

/// Splits an uncompressed point (SEC 1 §2.3.3: `04 || X || Y`, each coordinate padded to the
/// field's length), which is the length that RFC 7518 §6.2.1.2 requires of `x` and `y`.
fn ec_material(point: &[u8]) -> Result<KeyMaterial, Unspecified> {
    let (4, coordinates) =
        point.split_first().map(|(tag, rest)| (*tag, rest)).ok_or(Unspecified)?
    else {
        return Err(Unspecified);
    };
    let (crv, length) = match coordinates.len() {
        64 => ("P-256", 32),
        96 => ("P-384", 48),
        132 => ("P-521", 66),
        _ => return Err(Unspecified),
    };
    let (x, y) = coordinates.split_at_checked(length).ok_or(Unspecified)?;
    Ok(KeyMaterial::Ec { crv, x: base64url(x), y: base64url(y) })
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
