//! RSA moduli of a generator that was broken: keys that Infineon's smart cards made until 2017
//! (CVE-2017-15361, "ROCA"). Their primes are powers of 65537 in a subgroup, and so is the modulus,
//! modulo every small prime.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "all numbers are below 2^18, and no prime is zero"
)]

/// The small primes are those up to this one; for keys of 2048 bits and more the generator used all
/// of them. A sound modulus passes for a broken one with a chance of 2⁻¹⁶⁷.
const LAST_PRIME: u32 = 701;

const GENERATOR: u32 = 65537;

/// Returns whether the modulus, big-endian, bears the mark of the generator.
pub(super) fn is_marked(modulus: &[u8]) -> bool {
    (3..=LAST_PRIME)
        .filter(|candidate| is_prime(*candidate))
        .all(|prime| is_power_of_generator(remainder(modulus, prime), prime))
}

fn is_prime(candidate: u32) -> bool {
    (2..candidate)
        .take_while(|divisor| divisor * divisor <= candidate)
        .all(|d| !candidate.is_multiple_of(d))
}

fn remainder(modulus: &[u8], prime: u32) -> u32 {
    modulus.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime)
}

fn is_power_of_generator(value: u32, prime: u32) -> bool {
    let step = GENERATOR % prime;
    let mut power = 1;
    for _ in 0..prime {
        if power == value {
            return true;
        }
        power = power * step % prime;
    }
    false
}
