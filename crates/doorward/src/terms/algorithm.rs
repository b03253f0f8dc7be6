use std::{fmt, str::FromStr};

use super::unknown_name::UnknownName;

/// A digital signature algorithm that a key of an issuer may be used with
/// ([RFC 7518 §3.1](https://www.rfc-editor.org/rfc/rfc7518#section-3.1),
/// [RFC 8037 §3.1](https://www.rfc-editor.org/rfc/rfc8037#section-3.1)).
///
/// `none` and the symmetric algorithms have no value here, so a key that comes from a key set can
/// never be used with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    Ps256,
    /// RSASSA-PSS with SHA-384 and a salt of 48 bytes.
    Ps384,
    /// RSASSA-PSS with SHA-512 and a salt of 64 bytes.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// EdDSA on Curve25519; `Ed25519` is the same algorithm's fully specified name (RFC 9864).
    EdDsa,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 10] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// Returns the name that a JOSE header carries, such as `RS256`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Returns the algorithm of exactly this name, case included; `None` for any other text.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        if name == "Ed25519" {
            return Some(Self::EdDsa);
        }
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    const fn bit(self) -> u16 {
        match self {
            Self::Rs256 => 1,
            Self::Rs384 => 1 << 1,
            Self::Rs512 => 1 << 2,
            Self::Ps256 => 1 << 3,
            Self::Ps384 => 1 << 4,
            Self::Ps512 => 1 << 5,
            Self::Es256 => 1 << 6,
            Self::Es384 => 1 << 7,
            Self::Es512 => 1 << 8,
            Self::EdDsa => 1 << 9,
        }
    }
}

/// Parses the name that a JOSE header carries, case included. `Ed25519` is another name of `EdDSA`.
///
/// ```
/// use doorward::keys::Algorithm;
///
/// assert_eq!("ES256".parse(), Ok(Algorithm::Es256));
/// let error = "none".parse::<Algorithm>().unwrap_err();
/// assert!(error.to_string().starts_with("\"none\" is not a signature algorithm: expected one of RS256, "));
/// ```
impl FromStr for Algorithm {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let accepted = || Self::ALL.into_iter().map(Self::name);
        Self::from_name(name)
            .ok_or_else(|| UnknownName::new(name, "a signature algorithm", accepted()))
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A message authentication code, usable only with a [`SymmetricKey`](crate::keys::SymmetricKey) that
/// was configured by hand ([RFC 7518 §3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum MacAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

impl MacAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::Hs256, Self::Hs384, Self::Hs512];

    /// Returns the name that a JOSE header carries, such as `HS256`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// Returns the length of the hash in bytes, which is the least length of a key.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Hs256 => 32,
            Self::Hs384 => 48,
            Self::Hs512 => 64,
        }
    }
}

impl fmt::Display for MacAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Parses the name that a JOSE header carries, case included.
impl FromStr for MacAlgorithm {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let named = Self::ALL.into_iter().find(|algorithm| algorithm.name() == name);
        let accepted = || Self::ALL.into_iter().map(Self::name);
        named.ok_or_else(|| UnknownName::new(name, "a MAC algorithm", accepted()))
    }
}

/// An algorithm that the `alg` of a header may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JwsAlgorithm {
    Signature(Algorithm),
    Mac(MacAlgorithm),
}

impl JwsAlgorithm {
    /// Returns the algorithm of exactly this name; `none` is not among them.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let mac = MacAlgorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name);
        mac.map(Self::Mac).or_else(|| Algorithm::from_name(name).map(Self::Signature))
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Signature(algorithm) => algorithm.name(),
            Self::Mac(algorithm) => algorithm.name(),
        }
    }
}

/// A set of signature algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AlgorithmSet(u16);

impl AlgorithmSet {
    /// What a key that names no algorithm may be used with by default: one algorithm for each kind of
    /// key (RFC 8725 §3.1).
    pub(crate) const DEFAULT: Self = Self(
        Algorithm::Rs256.bit()
            | Algorithm::Es256.bit()
            | Algorithm::Es384.bit()
            | Algorithm::Es512.bit()
            | Algorithm::EdDsa.bit(),
    );

    pub(crate) const ALL: Self = Self((Algorithm::EdDsa.bit() << 1).wrapping_sub(1));

    pub(crate) const fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & algorithm.bit() != 0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Algorithm> for AlgorithmSet {
    fn from_iter<I: IntoIterator<Item = Algorithm>>(algorithms: I) -> Self {
        Self(algorithms.into_iter().fold(0, |bits, algorithm| bits | algorithm.bit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_matched_exactly() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(algorithm));
            assert_eq!(Algorithm::from_name(&algorithm.name().to_lowercase()), None);
        }
        assert_eq!(Algorithm::from_name("Ed25519"), Some(Algorithm::EdDsa));
    }

    #[test]
    fn none_is_no_algorithm_in_any_spelling() {
        for name in ["none", "None", "NONE", "nOnE", "", "none\0", " none"] {
            assert_eq!(JwsAlgorithm::from_name(name), None);
        }
    }

    #[test]
    fn a_mac_algorithm_is_parsed_by_its_name() {
        for algorithm in MacAlgorithm::ALL {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
            assert_eq!(
                JwsAlgorithm::from_name(algorithm.name()),
                Some(JwsAlgorithm::Mac(algorithm))
            );
        }
        let error = "HS1".parse::<MacAlgorithm>().unwrap_err();
        assert_eq!(error.accepted(), ["HS256", "HS384", "HS512"]);
    }

    #[test]
    fn default_set_has_one_algorithm_for_each_kind_of_key() {
        let default: Vec<_> =
            Algorithm::ALL.into_iter().filter(|a| AlgorithmSet::DEFAULT.contains(*a)).collect();
        assert_eq!(
            default,
            [
                Algorithm::Rs256,
                Algorithm::Es256,
                Algorithm::Es384,
                Algorithm::Es512,
                Algorithm::EdDsa
            ]
        );
    }
}
