/// Why an entry of a key set is left out. The rest of the set stays usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFault {
    /// The entry is not one strict JSON object with the members of its key type.
    #[error("not a readable JWK")]
    Unreadable,
    /// The key type or curve is not one that this library verifies with.
    #[error("key type or curve not supported")]
    Unsupported,
    /// The key is symmetric: a secret must not be in a published set.
    #[error("symmetric key in a published set")]
    Symmetric,
    /// The entry holds the private key: treat it as compromised.
    #[error("private key published; treat it as compromised")]
    Private,
    /// `use` or `key_ops` excludes the verification of signatures.
    #[error("not a key for verifying signatures")]
    OtherUse,
    /// The key's `alg`, or every algorithm of its type, is not accepted for this issuer.
    #[error("no accepted algorithm for this key")]
    Algorithm,
    /// The RSA modulus is not 2048 to 8192 bits, or even.
    #[error("RSA modulus not 2048 to 8192 bits")]
    RsaModulus,
    /// The RSA modulus was made by a broken generator (CVE-2017-15361).
    #[error(
        "RSA key of a broken generator (ROCA, CVE-2017-15361); whoever holds it must replace it"
    )]
    Roca,
    /// The RSA exponent is even, less than 65537 or longer than 33 bits.
    #[error("RSA exponent unsound")]
    RsaExponent,
    /// The key belongs to another issuer or cloud (Microsoft's `issuer` and `cloud_instance_name`).
    #[error("key of another issuer or cloud")]
    OtherIssuer,
    /// The coordinates have a wrong length, are not a point of the curve, or one of small order.
    #[error("not a sound point of the curve")]
    Point,
}
