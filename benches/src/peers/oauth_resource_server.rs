//! `oauth-resource-server`: a layer and an extractor, with the scope among the settings.

use std::{error::Error, hint::black_box, sync::Arc};

use axum::{Router, http::StatusCode, routing::get};
use doorward_issuer::Algorithm;
use oauth_resource_server::{
    AuthorizedToken, KeyNaming, OAuthConfig, OAuthValidator, axum::AuthLayer,
};
use serde_json::Value;

use super::{Maybe, SCOPE, Served};
use crate::{
    claims::{AUDIENCE, ISSUER},
    contender::PATH,
    token::SignedToken,
};

pub(super) fn peer(signed: &SignedToken) -> Maybe {
    let layer = layer(ISSUER, &signed.jwks(), signed.algorithm)?;
    let router: Router = Router::new().route(PATH, get(list)).route_layer(layer);
    Ok(Some(Served::axum("oauth-resource-server", router, signed)))
}

/// Prepares what verifies the tokens of one issuer.
pub(super) fn layer(
    issuer: &str,
    jwks: &Value,
    algorithm: Algorithm,
) -> Result<AuthLayer, Box<dyn Error>> {
    let settings = OAuthConfig {
        enabled: true,
        issuer: issuer.to_owned(),
        audience: AUDIENCE.to_owned(),
        resource: "https://api.example.com/".to_owned(),
        required_scope: Some(SCOPE.to_owned()),
        algorithms: vec![algorithm.name().to_owned()],
        ..OAuthConfig::default()
    };
    let settings = settings.resolve(KeyNaming::Dotted("peer"))?.ok_or("enabled")?;
    let keys = jwks.to_string();
    let validator = OAuthValidator::builder(&settings).initial_jwks(&keys).build()?;
    Ok(AuthLayer::builder().oauth(Arc::new(validator)).build()?)
}

async fn list(token: AuthorizedToken) -> StatusCode {
    black_box(token.subject);
    StatusCode::NO_CONTENT
}
