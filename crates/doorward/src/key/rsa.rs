use aws_lc_rs::{rsa::PublicKeyComponents, signature::ParsedPublicKey};

use super::{KeyFault, KeyThumbprint, roca, verifying_key::rsa_parameters};
use crate::{limits, terms::algorithm::Algorithm};

/// The modulus and exponent of an RSA key, big-endian without leading zeros, within the limits.
pub(crate) struct RsaComponents {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl RsaComponents {
    /// Checks the size of the modulus and the soundness of the exponent.
    pub(crate) fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyFault> {
        let (modulus, exponent) = (without_leading_zeros(modulus), without_leading_zeros(exponent));
        let odd = |bytes: &[u8]| bytes.last().is_some_and(|last| last % 2 == 1);
        if !limits::RSA_BITS.contains(&bits(modulus)) || !odd(modulus) {
            return Err(KeyFault::RsaModulus);
        }
        if roca::is_marked(modulus) {
            return Err(KeyFault::Roca);
        }
        let large = bits(exponent) <= limits::RSA_EXPONENT_BITS
            && exponent.iter().fold(0, |value: u64, byte| (value << 8) | u64::from(*byte))
                >= limits::RSA_EXPONENT;
        if !large || !odd(exponent) {
            return Err(KeyFault::RsaExponent);
        }
        Ok(Self { modulus: modulus.to_vec(), exponent: exponent.to_vec() })
    }

    pub(crate) fn thumbprint(&self) -> KeyThumbprint {
        KeyThumbprint::rsa(&self.modulus, &self.exponent)
    }

    /// Prepares the key for an RSA algorithm.
    pub(crate) fn prepare(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        let components = PublicKeyComponents { n: &self.modulus, e: &self.exponent };
        components.to_parsed_public_key(rsa_parameters(algorithm)?).ok()
    }
}

fn without_leading_zeros(mut bytes: &[u8]) -> &[u8] {
    while let [0, tail @ ..] = bytes {
        bytes = tail;
    }
    bytes
}

/// Returns the bits of a number without leading zero bytes.
fn bits(bytes: &[u8]) -> usize {
    let unused = bytes.first().map_or(0, |first| first.leading_zeros());
    let unused = usize::try_from(unused).unwrap_or_default();
    bytes.len().saturating_mul(8).saturating_sub(unused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bytes: usize, first: u8, last: u8) -> Vec<u8> {
        let mut number = vec![0; bytes];
        *number.first_mut().unwrap() = first;
        *number.last_mut().unwrap() = last;
        number
    }

    fn fault(modulus: &[u8], exponent: &[u8]) -> Option<KeyFault> {
        RsaComponents::new(modulus, exponent).err()
    }

    #[test]
    fn modulus_is_2048_to_8192_bits_and_odd() {
        let e = [1, 0, 1];
        assert_eq!(fault(&number(256, 0x80, 1), &e), None);
        assert_eq!(fault(&number(1024, 0xff, 1), &e), None);
        assert_eq!(fault(&number(256, 0x7f, 1), &e), Some(KeyFault::RsaModulus));
        assert_eq!(fault(&number(1025, 0x01, 1), &e), Some(KeyFault::RsaModulus));
        assert_eq!(fault(&number(256, 0x80, 2), &e), Some(KeyFault::RsaModulus));
        assert_eq!(fault(&[], &e), Some(KeyFault::RsaModulus));
    }

    #[test]
    fn exponent_is_odd_and_65537_or_more_up_to_33_bits() {
        let n = number(256, 0x80, 1);
        for good in [&[1u8, 0, 1][..], &[0, 1, 0, 1], &[1, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(fault(&n, good), None, "{good:?}");
        }
        for bad in [&[][..], &[0], &[1], &[2], &[3], &[1, 0, 0], &[1, 0, 2], &[2, 0, 0, 0, 1]] {
            assert_eq!(fault(&n, bad), Some(KeyFault::RsaExponent), "{bad:?}");
        }
    }
}
