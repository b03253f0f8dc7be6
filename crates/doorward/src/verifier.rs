//! The corridor: rooms 2 to 6 in a row, for the tokens of one issuer. Pure: keys and time are
//! arguments.

use std::sync::Arc;

use crate::{
    claims::{ClaimMap, ClaimsSet, unverified_claims},
    error::Error,
    key::{Candidates, KeySetView, VerifyingKey},
    policy::{AccessToken, ClaimsView, Policy},
    signature::Payload,
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
}

impl Verifier {
    /// Verifies the token with the issuer's keys at the given time, and returns the key that did.
    pub(crate) fn verify(
        &self,
        jws: Jws<'_>,
        keys: KeySetView<'_>,
        now: UnixTime,
    ) -> Result<(AccessToken, Arc<VerifyingKey>), Error> {
        let candidates = Candidates::select(&jws.header, keys)?;
        let raw = jws.raw;
        let payload = Payload::verify(jws, &candidates)?;
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
