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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::base64url;

    /// The modulus of Wycheproof, `json_web_key_test`, test 7.
    const BROKEN: &str = "\
        AanFpofbj7KjD4Lf-N2hVMKR7yewSyXhhbirIMTGpfYEhZ_lnt5UoK98DnKIgArXGTu3MaW_HhFw16HG\
        aTDUHqPrId7fe4r11CqRw09yBFuW79V8sYIwHdzCaWflUI6auImYbVfoN9_nD5n8N8SY9DwXw7mwZM9w\
        REPXoDPgOoIWl6q_MPsp7n0zs3Z5ZaiQWOOzl1S9OhwAfSiiOwz6efnXEaxuTEtPd7BjSx7NaFka8Dx9\
        U7YqXy2RFj1O9PjyaDGuRh7YXsX3iMUSP_wSyHQg_c_qHRtKUsNSGCT7OZg0hzm2KphtjnayKJvC64vA\
        bROBR4Ubg6Bxg9IQVZ-QYyE";

    /// The modulus of RFC 7515 A.2.
    const SOUND: &str = "\
        ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJ\
        PMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0\
        LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD\
        Zlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2\
        PAcDTW9gb54h4FRWyuXpoQ";

    #[test]
    fn a_key_of_the_broken_generator_is_left_out() {
        let modulus = |text| base64url::decode(text).unwrap();
        assert!(is_marked(&modulus(BROKEN)));
        assert!(!is_marked(&modulus(SOUND)));
        let mut next = modulus(BROKEN);
        *next.last_mut().unwrap() ^= 2;
        assert!(!is_marked(&next), "the mark is of the whole number");
    }
}
