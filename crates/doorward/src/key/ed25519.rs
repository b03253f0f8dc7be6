/// The `y` coordinates of the points whose order divides 8, little-endian. Under such a key anybody
/// can sign: `R` the identity and `S` zero verify for some messages or for all.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    one(),
    less_than_prime(0xec),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

const fn one() -> [u8; 32] {
    let mut y = [0; 32];
    y[0] = 1;
    y
}

/// 2²⁵⁵ − 256 plus the low byte; the prime is that with 0xed.
const fn less_than_prime(low: u8) -> [u8; 32] {
    let mut y = [0xff; 32];
    y[0] = low;
    y[31] = 0x7f;
    y
}

/// Returns whether the encoded point may be a public key: its `y` is canonical (RFC 8032 §5.1.3)
/// and its order not small. Whether it lies on the curve is for the crypto library to say.
pub(super) fn is_sound(point: &[u8; 32]) -> bool {
    const PRIME: [u8; 32] = less_than_prime(0xed);
    let mut y = *point;
    y[31] &= 0x7f;
    y.iter().rev().lt(PRIME.iter().rev()) && !SMALL_ORDER.contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_small_order_are_unsound_with_either_sign() {
        for mut point in SMALL_ORDER {
            assert!(!is_sound(&point));
            point[31] |= 0x80;
            assert!(!is_sound(&point));
        }
    }

    #[test]
    fn encodings_from_the_prime_on_are_unsound() {
        for low in 0xed..=0xff {
            assert!(!is_sound(&less_than_prime(low)), "{low:x}");
        }
        assert!(is_sound(&less_than_prime(0xeb)));
    }
}
