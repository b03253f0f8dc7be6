//! Stages 3 to 6 in a row, for the tokens of one issuer. Pure: keys and time are arguments.

use std::sync::Arc;

use crate::{
    claims::{ClaimMap, ClaimsSet, unverified_claims},
    error::Error,
    key::{Candidates, KeySetView, VerifyingKey, WithoutKeyId},
    policy::{AccessToken, ClaimsView, Policy},
    signature::{NotSigned, Payload, SignatureError},
    terms::{
        algorithm::{AlgorithmSet, JwsAlgorithm},
        time::UnixTime,
    },
    token::Jws,
};

/// Verifies tokens of one issuer.
#[derive(Clone, Debug)]
pub(crate) struct Verifier {
    pub(crate) policy: Policy,
    pub(crate) claims: ClaimMap,
    /// The algorithms that the issuer's keys may have.
    pub(crate) accepted: AlgorithmSet,
    pub(crate) without_key_id: WithoutKeyId,
}

/// Why a token is not verified.
pub(crate) enum NotVerified<'t> {
    Refused(Error),
    /// The key is not in the set, and may be in a newer one.
    UnknownKey {
        error: Error,
        jws: Box<Jws<'t>>,
    },
}

impl<E: Into<Error>> From<E> for NotVerified<'_> {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

impl Verifier {
    /// Verifies the token with the issuer's keys at the given time. Returns the token and its key.
    pub(crate) fn verify<'t>(
        &self,
        jws: Jws<'t>,
        keys: KeySetView<'_>,
        now: UnixTime,
    ) -> Result<(AccessToken, Arc<VerifyingKey>), NotVerified<'t>> {
        let candidates = match Candidates::select(&jws.header, keys, self.without_key_id) {
            Ok(candidates) => candidates,
            Err(error) if error.may_be_new() => {
                return Err(NotVerified::UnknownKey { error: error.into(), jws: Box::new(jws) });
            }
            Err(error) => return Err(error.into()),
        };
        let raw = jws.raw;
        let payload = match Payload::verify(jws, &candidates) {
            Ok(payload) => payload,
            Err(NotSigned { error: error @ SignatureError::Invalid, jws })
                if candidates.may_be_outdated() =>
            {
                return Err(NotVerified::UnknownKey { error: error.into(), jws });
            }
            Err(NotSigned { error, .. }) => return Err(error.into()),
        };
        let key = Arc::clone(payload.key());
        let claims = ClaimsSet::read(payload, &self.claims)?;
        Ok((self.policy.admit(claims, now)?.with_raw(raw.into()), key))
    }

    /// Returns whether the token would pass if its signature were valid, required claims aside: only
    /// then is an unknown key worth a request to the issuer. Nothing of the token leaves.
    pub(crate) fn unverified_would_pass(&self, jws: &Jws<'_>, now: UnixTime) -> bool {
        let accepted = match jws.header.algorithm {
            JwsAlgorithm::Signature(algorithm) => self.accepted.contains(algorithm),
            JwsAlgorithm::Mac(_) => false,
        };
        accepted
            && unverified_claims(jws.unverified_payload(), &self.claims).is_ok_and(
                |(known, text)| {
                    let claims =
                        ClaimsView { token_type: &jws.header.token_type, known: &known, text };
                    self.policy.unverified_check(&claims, now).is_ok()
                },
            )
    }
}
