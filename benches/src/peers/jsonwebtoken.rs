//! `jsonwebtoken` alone: what a verifier that is built on it cannot go below.

use std::{error::Error, hint::black_box};

use jsonwebtoken::{DecodingKey, Validation, decode};

use super::{Claims, Peer};
use crate::{
    claims::{AUDIENCE, ISSUER},
    contender::Contender,
    token::SignedToken,
};

struct Decoder {
    key: DecodingKey,
    validation: Validation,
    token: String,
}

pub(super) fn peer(signed: &SignedToken) -> Result<Box<dyn Peer>, Box<dyn Error>> {
    let key = DecodingKey::from_jwk(&serde_json::from_value(signed.jwk.clone())?)?;
    let mut validation = Validation::new(signed.algorithm.name().parse()?);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.validate_nbf = true;
    Ok(Box::new(Decoder { key, validation, token: signed.token.clone() }))
}

impl Decoder {
    fn claims(&self, token: &str) -> Option<Claims> {
        let decoded = decode::<Claims>(black_box(token), &self.key, &self.validation).ok()?;
        decoded.claims.may_read().then_some(decoded.claims)
    }
}

impl Contender for Decoder {
    fn name(&self) -> &'static str {
        "jsonwebtoken 11, decode alone"
    }

    fn description(&self) -> &'static str {
        self.name()
    }

    #[inline(never)]
    fn once(&mut self) {
        black_box(self.claims(&self.token).expect("a good token").sub);
    }
}

impl Peer for Decoder {
    fn status(&mut self, token: &str) -> u16 {
        if self.claims(token).is_some() { 204 } else { 401 }
    }
}
