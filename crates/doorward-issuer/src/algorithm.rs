use std::fmt;

/// An algorithm that the issuer signs tokens with
/// ([RFC 7518 §3.1](https://www.rfc-editor.org/rfc/rfc7518#section-3.1),
/// [RFC 8037 §3.1](https://www.rfc-editor.org/rfc/rfc8037#section-3.1)).
///
/// Each algorithm has a key of its own
/// ([RFC 8725 §3.1](https://www.rfc-editor.org/rfc/rfc8725#section-3.1)).
///
/// This type is not the one of the `doorward` crate, and this crate does not depend on it. The issuer is
/// the peer that doorward is tested against: with a shared type, a wrong name or a missing algorithm
/// would be wrong on both sides and no test would fail.
///
/// ```
/// use doorward_issuer::{Algorithm, DevIssuer};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = DevIssuer::builder().algorithms([Algorithm::Es256]).start().await?;
/// let token = issuer.mint().algorithm(Algorithm::Es256).sign()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 and a key of 2048 bits.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384 and a key of 2048 bits.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512 and a key of 2048 bits.
    Rs512,
    /// RSASSA-PSS with SHA-256, a salt of 32 bytes and a key of 2048 bits.
    Ps256,
    /// RSASSA-PSS with SHA-384, a salt of 48 bytes and a key of 2048 bits.
    Ps384,
    /// RSASSA-PSS with SHA-512, a salt of 64 bytes and a key of 2048 bits.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// EdDSA with Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Every algorithm, which is the default of
    /// [`DevIssuerBuilder::algorithms`](crate::DevIssuerBuilder::algorithms).
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

    /// Returns the value of `alg` in the header and in the key set, such as `RS256`.
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
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
