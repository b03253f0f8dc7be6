//! `jwt-authorizer`: a layer and an extractor, for axum 0.7. The scope is checked by its claims checker.

use std::hint::black_box;

use axum_0_7::{Router, body::Body, http::StatusCode, routing::get};
use jwt_authorizer::{IntoLayer as _, JwtAuthorizer, JwtClaims, Validation};

use super::{Claims, Maybe, Served};
use crate::{
    claims::{AUDIENCE, ISSUER},
    contender::PATH,
    token::SignedToken,
};

pub(super) async fn peer(signed: &SignedToken) -> Maybe {
    let validation = Validation::new().iss(&[ISSUER]).aud(&[AUDIENCE]).nbf(true);
    let authorizer = JwtAuthorizer::from_jwks_text(&signed.jwks().to_string())
        .validation(validation)
        .check(Claims::may_read)
        .build()
        .await?;
    let router: Router = Router::new().route(PATH, get(list)).layer(authorizer.into_layer());
    Ok(Some(Served::<http::Request<Body>>::routed("jwt-authorizer", router, signed)))
}

async fn list(JwtClaims(token): JwtClaims<Claims>) -> StatusCode {
    black_box(token.sub);
    StatusCode::NO_CONTENT
}
