//! `axum-jwt-auth`: an extractor. It has no word for scopes.
//!
//! It switches on the backend of `jsonwebtoken` 10 that is written in Rust; the quicker one must be
//! installed.

use std::{hint::black_box, sync::Arc};

use axum::{Router, http::StatusCode, routing::get};
use axum_jwt_auth::{Decoder, LocalDecoder};
use jsonwebtoken_10::{
    DecodingKey, Validation,
    crypto::{CryptoProvider, aws_lc},
};

use super::{Claims, Maybe, Served};
use crate::{
    claims::{AUDIENCE, ISSUER},
    contender::PATH,
    token::SignedToken,
};

pub(super) fn peer(signed: &SignedToken) -> Maybe {
    // Fails when it is installed already, by the peer for the algorithm before.
    CryptoProvider::install_default(&aws_lc::DEFAULT_PROVIDER).ok();
    let key = DecodingKey::from_jwk(&serde_json::from_value(signed.jwk.clone())?)?;
    let mut validation = Validation::new(signed.algorithm.name().parse()?);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.validate_nbf = true;
    let decoder: Decoder<Claims> = Arc::new(LocalDecoder::new(vec![key], validation)?);
    let router = Router::new().route(PATH, get(list)).with_state(decoder);
    Ok(Some(Served::axum("axum-jwt-auth", router, signed)))
}

async fn list(token: axum_jwt_auth::Claims<Claims>) -> StatusCode {
    black_box(&token.claims.sub);
    StatusCode::NO_CONTENT
}
