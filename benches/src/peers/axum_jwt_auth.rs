//! `axum-jwt-auth`: an extractor. It has no word for scopes.
//!
//! It switches on the backend of `jsonwebtoken` 10 that is written in Rust; the quicker one must be
//! installed.

use std::{error::Error, hint::black_box, sync::Arc};

use axum::{Router, http::StatusCode, routing::get};
use axum_jwt_auth::{Decoder, LocalDecoder};
use doorward_issuer::Algorithm;
use jsonwebtoken_10::{
    DecodingKey, Validation,
    crypto::{CryptoProvider, aws_lc},
};
use serde_json::Value;

use super::{Claims, Maybe, Served};
use crate::{
    claims::{AUDIENCE, ISSUER},
    contender::PATH,
    token::SignedToken,
};

pub(super) fn peer(signed: &SignedToken) -> Maybe {
    let decoder = decoder(ISSUER, &signed.jwk, signed.algorithm)?;
    let router = Router::new().route(PATH, get(list)).with_state(decoder);
    Ok(Some(Served::axum("axum-jwt-auth", router, signed)))
}

/// Prepares what verifies the tokens of one key.
pub(super) fn decoder(
    issuer: &str,
    jwk: &Value,
    algorithm: Algorithm,
) -> Result<Decoder<Claims>, Box<dyn Error>> {
    // Fails when it is installed already, by the peer for the algorithm before.
    CryptoProvider::install_default(&aws_lc::DEFAULT_PROVIDER).ok();
    let key = DecodingKey::from_jwk(&serde_json::from_value(jwk.clone())?)?;
    let mut validation = Validation::new(algorithm.name().parse()?);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[issuer]);
    validation.validate_nbf = true;
    Ok(Arc::new(LocalDecoder::new(vec![key], validation)?))
}

async fn list(token: axum_jwt_auth::Claims<Claims>) -> StatusCode {
    black_box(&token.claims.sub);
    StatusCode::NO_CONTENT
}
