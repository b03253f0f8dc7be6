//! `oauth-resource-server`: a layer and an extractor, with the scope among the settings.

use std::{hint::black_box, sync::Arc};

use axum::{Router, http::StatusCode, routing::get};
use oauth_resource_server::{
    AuthorizedToken, KeyNaming, OAuthConfig, OAuthValidator, axum::AuthLayer,
};

use super::{Maybe, SCOPE, Served};
use crate::{
    claims::{AUDIENCE, ISSUER},
    contender::PATH,
    token::SignedToken,
};

pub(super) fn peer(signed: &SignedToken) -> Maybe {
    let settings = OAuthConfig {
        enabled: true,
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        resource: "https://api.example.com/".to_owned(),
        required_scope: Some(SCOPE.to_owned()),
        algorithms: vec![signed.algorithm.name().to_owned()],
        ..OAuthConfig::default()
    };
    let settings = settings.resolve(KeyNaming::Dotted("peer"))?.ok_or("enabled")?;
    let keys = signed.jwks().to_string();
    let validator = OAuthValidator::builder(&settings).initial_jwks(&keys).build()?;
    let layer = AuthLayer::builder().oauth(Arc::new(validator)).build()?;
    let router: Router = Router::new().route(PATH, get(list)).route_layer(layer);
    Ok(Some(Served::axum("oauth-resource-server", router, signed)))
}

async fn list(token: AuthorizedToken) -> StatusCode {
    black_box(token.subject);
    StatusCode::NO_CONTENT
}
