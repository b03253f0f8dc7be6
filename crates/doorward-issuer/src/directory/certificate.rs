use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use serde::{Deserialize, Deserializer};

use super::directory_error::DirectoryError;

/// A certificate that an application signs its assertions with; read from PEM.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// `SubjectPublicKeyInfo`, in DER.
    pub(crate) public_key: Vec<u8>,
    /// The hash of the certificate in base64url, as `x5t` names it (RFC 7515 §4.1.7).
    pub(crate) sha1: String,
    /// The same of `x5t#S256` (RFC 7515 §4.1.8).
    pub(crate) sha256: String,
}

impl Certificate {
    fn from_pem(text: &str) -> Result<Self, DirectoryError> {
        let der = CertificateDer::from_pem_slice(text.as_bytes())
            .map_err(|_| DirectoryError::Certificate)?;
        let certificate =
            webpki::EndEntityCert::try_from(&der).map_err(|_| DirectoryError::Certificate)?;
        let hash = |algorithm| URL_SAFE_NO_PAD.encode(digest::digest(algorithm, &der));
        Ok(Self {
            public_key: certificate.subject_public_key_info().to_vec(),
            sha1: hash(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            sha256: hash(&digest::SHA256),
        })
    }
}

impl<'de> Deserialize<'de> for Certificate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_pem(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
