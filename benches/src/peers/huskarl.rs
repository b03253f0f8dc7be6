//! `huskarl-resource-server` with `huskarl-axum`: a layer for the token and its scope, and an extractor.
//!
//! The verifier of the one key stands in the place of its key source, which would look whether its
//! keys are fresh.

use std::{hint::black_box, sync::Arc};

use axum::{Router, http::StatusCode, routing::get};
use huskarl_axum::{
    extractors::ValidatedToken,
    layers::{HasScopes, ValidatorLayer},
};
use huskarl_resource_server::{
    core::{
        EndpointUrl, Error, RetryAdvice,
        crypto::verifier::{JwsVerifier, JwsVerifierPlatform},
        jwk::PublicJwk,
        platform::MaybeSendBoxFuture,
    },
    validator::custom::CustomValidator,
};
use serde::Deserialize;

use super::{Maybe, SCOPE, Served, has_scope};
use crate::{
    claims::{AUDIENCE, ISSUER},
    contender::PATH,
    token::SignedToken,
};

pub(super) async fn peer(signed: &SignedToken) -> Maybe {
    let key: PublicJwk = serde_json::from_value(signed.jwk.clone())?;
    let keys = move |_: Option<&EndpointUrl>,
                     platform: Arc<dyn JwsVerifierPlatform>|
          -> MaybeSendBoxFuture<'static, Result<Arc<dyn JwsVerifier>, Error>> {
        let key = key.clone();
        Box::pin(async move {
            let verifier = platform.create_verifier_from_jwk(key).await;
            verifier.map_err(|error| Error::new(RetryAdvice::No, error))
        })
    };
    let validator = CustomValidator::builder()
        .iss(ISSUER)
        .aud(AUDIENCE)
        .require_jti(false) // Entra's tokens have none.
        .allowed_signing_algorithms(vec![signed.algorithm.name().to_owned()])
        .with_claims::<Claims>()
        .jws_verifier_factory(keys)
        .build()
        .await?;
    let layer = ValidatorLayer::builder().validator(validator).build();
    let router: Router = Router::new().route(PATH, get(list)).layer(layer.require_scopes([SCOPE]));
    Ok(Some(Served::axum("huskarl-axum", router, signed)))
}

async fn list(token: ValidatedToken<Claims>) -> StatusCode {
    black_box(&token.sub);
    StatusCode::NO_CONTENT
}

/// The claims that the library does not hand over by itself.
#[derive(Clone, Debug, Deserialize)]
struct Claims {
    scp: String,
}

impl HasScopes for Claims {
    fn has_scope(&self, scope: &str) -> bool {
        has_scope(&self.scp, scope)
    }
}
