//! Single stages of the pipeline, for test vectors that begin or end in the middle of it.
//!
//! This module exists with the feature `conformance` only, and nothing here creates a verified token:
//! what an API needs is [`ResourceServer`].

use std::{string::FromUtf8Error, time::Duration};

use crate::{
    Error, Keys, ResourceServer,
    adapter::Denial,
    credentials::BearerToken,
    denial::ChallengeSettings,
    key::{
        Candidates, JwksError, KeyFault, KeyRules, KeySet, KeySetView, KeysError, VerifyingKey,
        WithoutKeyId,
    },
    limits::TokenLimits,
    server::Verification,
    signature::Payload,
    terms::algorithm::{Algorithm, JwsAlgorithm},
    token::Jws,
};

/// Verifies a token with any characters: stages 2 to 6, without the
/// `Authorization` field around it.
pub fn verify_token(server: &ResourceServer, token: &str) -> Verification {
    server.verify(BearerToken::unchecked(token))
}

/// Verifies the signature of a token whose payload need not be claims: stages 2 to 4. Returns the
/// payload.
///
/// # Errors
///
/// [`SignatureRefusal::Keys`] when the keys cannot be used with these algorithms,
/// [`SignatureRefusal::Token`] when the token is refused.
pub fn verify_signature(
    token: &str,
    keys: &Keys,
    algorithms: Option<&[Algorithm]>,
) -> Result<Vec<u8>, SignatureRefusal> {
    let key_set = KeySet::new(keys.prepare(&key_rules(algorithms))?);
    let keys = KeySetView { key_set: &key_set, tenant: None, now: Duration::ZERO };
    let verify = || -> Result<Vec<u8>, Error> {
        let jws = Jws::parse(BearerToken::unchecked(token), TokenLimits::default())?;
        let candidates = Candidates::select(&jws.header, keys, WithoutKeyId::Refuse)?;
        let payload = Payload::verify(jws, &candidates).map_err(|not_signed| not_signed.error)?;
        let (_, opened) = payload.into_parts();
        Ok(opened.map_or_else(FromUtf8Error::into_bytes, String::into_bytes))
    };
    Ok(verify()?)
}

/// Checks whether the keys could be used with these algorithms.
///
/// # Errors
///
/// [`KeysError`], as when a server is built.
pub fn check_keys(keys: &Keys, algorithms: Option<&[Algorithm]>) -> Result<(), KeysError> {
    keys.prepare(&key_rules(algorithms)).map(drop)
}

/// Returns how many keys can be used with the default algorithms; `None` where the document is
/// refused as a whole.
#[must_use]
pub fn usable_keys(keys: &Keys) -> Option<usize> {
    match keys.prepare(&KeyRules::default()) {
        Ok(jwks) => Some(jwks.keys.len()),
        Err(KeysError::Jwks(JwksError::NoneUsable(_))) => Some(0),
        Err(_) => None,
    }
}

/// Returns the answer of a server with default settings to a request that is rejected for this reason.
#[must_use]
pub fn deny(error: &Error) -> Denial {
    Denial::new(error, None, &ChallengeSettings::default())
}

/// Returns the status and the error code of the answer to a refusal.
#[must_use]
pub fn answer(error: &Error) -> (u16, Option<&'static str>) {
    let denial = deny(error);
    (denial.status(), denial.error())
}

fn key_rules(algorithms: Option<&[Algorithm]>) -> KeyRules {
    let accepted = algorithms.map(|list| list.iter().copied().collect());
    KeyRules { accepted, ..KeyRules::default() }
}

/// Why a signature is not verified.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefusal {
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The token is refused.
    #[error(transparent)]
    Token(#[from] Error),
}

/// Returns the keys of an issuer that publishes none that could be used.
#[must_use]
pub const fn no_keys() -> Keys {
    Keys::nothing()
}

/// A public key as the library prepares it, for vectors of the primitives.
#[derive(Debug)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads one JWK, as an entry of a published set would be, to be used with these algorithms.
    ///
    /// # Errors
    ///
    /// [`KeyFault`] when the entry would be left out.
    pub fn from_jwk(
        jwk: &str,
        algorithms: impl IntoIterator<Item = Algorithm>,
    ) -> Result<Self, KeyFault> {
        let accepted = Some(algorithms.into_iter().collect());
        crate::key::read_jwk(jwk, &KeyRules { accepted, ..KeyRules::default() }).map(Self)
    }

    /// Returns whether the signature over the message is this key's, by this algorithm.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.0.verifies(JwsAlgorithm::Signature(algorithm), message, signature)
    }
}
