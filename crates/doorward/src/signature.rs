//! Stage 4, signature: verifies the token with its candidate keys and opens the payload.
//!
//! In: [`Jws`] and [`Candidates`]. Out: [`Payload`], which only this stage can create. Rejected: a
//! signature that no candidate made over the bytes as they were received
//! ([RFC 7515 §5.2](https://www.rfc-editor.org/rfc/rfc7515#section-5.2)).

use std::{fmt, string::FromUtf8Error, sync::Arc};

use crate::{
    key::{Candidates, VerifyingKey},
    terms::codes::codes,
    token::{Jws, TokenType},
};

/// Why a signature is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// No candidate key made the signature.
    #[error("the signature is not valid")]
    Invalid,
    /// The signature is not valid, and the header has a `nonce`: a token for one of Microsoft's own
    /// resources, whose signature covers another header than the one that is sent.
    #[error(
        "the signature is not valid, and the header has a `nonce`: a token for Microsoft Graph or another Microsoft resource, which no other API can verify; the client must request a scope of this API"
    )]
    MicrosoftResource,
}

codes!(SignatureError {
    Invalid => "signature.invalid",
    MicrosoftResource => "signature.microsoft_resource",
});

/// A token that no candidate has signed.
pub(crate) struct NotSigned<'t> {
    pub(crate) error: SignatureError,
    pub(crate) jws: Box<Jws<'t>>,
}

/// The payload of a token whose signature has been verified, the header's type, and the key that
/// verified it.
pub(crate) struct Payload {
    key: Arc<VerifyingKey>,
    token_type: TokenType,
    opened: Result<String, FromUtf8Error>,
}

impl Payload {
    /// Opens the token's payload if one of the candidates made the signature, else returns the token.
    pub(crate) fn verify<'t>(
        jws: Jws<'t>,
        candidates: &Candidates<'_>,
    ) -> Result<Self, NotSigned<'t>> {
        let (algorithm, message) = (jws.header.algorithm, jws.signing_input);
        let verifies = |key: &&Arc<VerifyingKey>| key.verifies(algorithm, message, &jws.signature);
        let Some(key) = candidates.iter().find(verifies).cloned() else {
            let error = if jws.header.has_nonce {
                SignatureError::MicrosoftResource
            } else {
                SignatureError::Invalid
            };
            return Err(NotSigned { error, jws: Box::new(jws) });
        };
        let token_type = jws.header.token_type.clone();
        Ok(Self { key, token_type, opened: jws.sealed().open() })
    }

    pub(crate) fn key(&self) -> &Arc<VerifyingKey> {
        &self.key
    }

    /// Returns the header's type, and the payload: its text, or an error that holds other octets.
    pub(crate) fn into_parts(self) -> (TokenType, Result<String, FromUtf8Error>) {
        (self.token_type, self.opened)
    }
}

/// Shows nothing of the payload.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload").finish_non_exhaustive()
    }
}
