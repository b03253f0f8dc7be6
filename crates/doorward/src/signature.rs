//! Room 4: from a token and its candidate keys to a payload that can be believed.
//!
//! In: [`Jws`] and [`Candidates`]. Out: [`Payload`], which nothing else can make. Refused: a
//! signature that is none of the candidates' over the bytes as they were received
//! ([RFC 7515 §5.2](https://www.rfc-editor.org/rfc/rfc7515#section-5.2)).

use std::{fmt, string::FromUtf8Error, sync::Arc};

use crate::{
    key::{Candidates, VerifyingKey},
    terms::codes::codes,
    token::{Jws, TokenType},
};

/// Why a signature is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The signature is not that of the key which the token names.
    #[error("the signature is not valid")]
    Invalid,
    /// The signature is not valid, and the header has a `nonce`: so look tokens for Microsoft's own
    /// resources, whose signature is over another header than the one that is sent.
    #[error(
        "the signature is not valid, and the header has a `nonce`: a token for Microsoft Graph or another resource of Microsoft's, which no other API can verify; the client must ask for a scope of this API"
    )]
    MicrosoftResource,
}

codes!(SignatureError {
    Invalid => "signature.invalid",
    MicrosoftResource => "signature.microsoft_resource",
});

/// The payload of a token whose signature has passed, with the header's type, and the key that has
/// verified it.
pub(crate) struct Payload {
    key: Arc<VerifyingKey>,
    token_type: TokenType,
    opened: Result<String, FromUtf8Error>,
}

impl Payload {
    /// Opens the token's payload when one of the candidates has signed it.
    pub(crate) fn verify(
        jws: Jws<'_>,
        candidates: &Candidates<'_>,
    ) -> Result<Self, SignatureError> {
        let (algorithm, message) = (jws.header.algorithm, jws.signing_input);
        let verifies = |key: &&Arc<VerifyingKey>| key.verifies(algorithm, message, &jws.signature);
        let Some(key) = candidates.iter().find(verifies).cloned() else {
            return Err(if jws.header.has_nonce {
                SignatureError::MicrosoftResource
            } else {
                SignatureError::Invalid
            });
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
