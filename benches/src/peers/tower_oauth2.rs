//! `tower-oauth2-resource-server`: a layer that puts the claims into the request. It has no word for
//! scopes.

use std::hint::black_box;

use axum::{Extension, Router, http::StatusCode, routing::get};
use tower_oauth2_resource_server::{
    server::OAuth2ResourceServer, tenant::TenantConfiguration, validation::ClaimsValidationSpec,
};

use super::{Claims, Maybe, Served};
use crate::{
    claims::{AUDIENCE, ISSUER},
    contender::PATH,
    token::SignedToken,
};

pub(super) async fn peer(signed: &SignedToken) -> Maybe {
    // Without it, fixed keys go with no check of the issuer.
    let checks = ClaimsValidationSpec::recommended(ISSUER, &vec![AUDIENCE.to_owned()]);
    let tenant = TenantConfiguration::static_builder(signed.jwks().to_string())
        .claims_validation(checks)
        .allowed_algorithms(&[signed.algorithm.name().parse()?])
        .build()?;
    let server = OAuth2ResourceServer::<Claims>::builder().add_tenant(tenant).build().await?;
    let router: Router = Router::new().route(PATH, get(list)).layer(server.into_layer());
    Ok(Some(Served::axum("tower-oauth2-resource-server", router, signed)))
}

async fn list(Extension(token): Extension<Claims>) -> StatusCode {
    black_box(token.sub);
    StatusCode::NO_CONTENT
}
