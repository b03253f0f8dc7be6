//! `aliri_tower`: two layers, for the token and for its scope; and `aliri_actix`: an extractor for
//! both. They know no EdDSA.

use std::{error::Error, hint::black_box, sync::LazyLock};

use actix_web::{App, HttpResponse, test, web};
use aliri::{Jwks, jwt};
use aliri_actix::jwt::{ScopeGuard, Scoped};
use aliri_clock::UnixTime;
use aliri_oauth2::{Authority, HasScope, Scope, ScopePolicy};
use aliri_tower::Oauth2Authorizer;
use axum::{Extension, Router, body::Body, http::StatusCode, routing::get};
use doorward_issuer::Algorithm;
use serde::Deserialize;

use super::{Maybe, SCOPE, Served};
use crate::{
    claims::{AUDIENCE, ISSUER},
    contender::PATH,
    token::SignedToken,
};

pub(super) fn tower(signed: &SignedToken) -> Maybe {
    let Some(authority) = authority(signed)? else { return Ok(None) };
    let authorizer =
        Oauth2Authorizer::new().with_claims::<Claims>().with_terse_error_handler::<Body>();
    let router: Router = Router::new()
        .route(PATH, get(list))
        .layer(authorizer.scope_layer(ScopePolicy::allow_one_from_static(SCOPE)))
        .layer(authorizer.jwt_layer(authority));
    Ok(Some(Served::axum("aliri_tower", router, signed)))
}

async fn list(Extension(token): Extension<Claims>) -> StatusCode {
    black_box(token.sub);
    StatusCode::NO_CONTENT
}

pub(super) async fn actix(signed: &SignedToken) -> Maybe {
    let Some(authority) = authority(signed)? else { return Ok(None) };
    let app = App::new().app_data(authority).route(PATH, web::get().to(list_of_actix));
    Ok(Some(Served::actix("aliri_actix", test::init_service(app).await, signed)))
}

async fn list_of_actix(token: Scoped<ReadOrders>) -> HttpResponse {
    black_box(token.take_claims().sub);
    HttpResponse::NoContent().finish()
}

struct ReadOrders;

impl ScopeGuard for ReadOrders {
    type Claims = Claims;

    fn scope_policy() -> &'static ScopePolicy {
        static POLICY: LazyLock<ScopePolicy> =
            LazyLock::new(|| ScopePolicy::allow_one_from_static(SCOPE));
        &POLICY
    }
}

/// Returns the keys and the checks, if the algorithm is known.
fn authority(signed: &SignedToken) -> Result<Option<Authority>, Box<dyn Error>> {
    if signed.algorithm == Algorithm::EdDsa {
        return Ok(None);
    }
    let keys: Jwks = serde_json::from_str(&signed.jwks().to_string())?;
    let validator = jwt::CoreValidator::default()
        .add_approved_algorithm(serde_json::from_value(signed.algorithm.name().into())?)
        .add_allowed_audience(jwt::Audience::new(AUDIENCE.to_owned()))
        .require_issuer(jwt::Issuer::new(ISSUER.to_owned()))
        .check_expiration()
        .check_not_before();
    Ok(Some(Authority::new(keys, validator)))
}

#[derive(Clone, Debug, Deserialize)]
struct Claims {
    iss: jwt::Issuer,
    aud: jwt::Audiences,
    sub: jwt::Subject,
    exp: UnixTime,
    nbf: UnixTime,
    scp: Scope,
}

impl jwt::CoreClaims for Claims {
    fn nbf(&self) -> Option<UnixTime> {
        Some(self.nbf)
    }

    fn exp(&self) -> Option<UnixTime> {
        Some(self.exp)
    }

    fn aud(&self) -> &jwt::Audiences {
        &self.aud
    }

    fn iss(&self) -> Option<&jwt::IssuerRef> {
        Some(&self.iss)
    }

    fn sub(&self) -> Option<&jwt::SubjectRef> {
        Some(&self.sub)
    }
}

impl HasScope for Claims {
    fn scope(&self) -> &Scope {
        &self.scp
    }
}
