//! The orders API behind two of the peers, for requests over the wire: the one that is quickest, and one
//! that checks the scope.

use std::error::Error;

use axum::{
    Json, Router,
    extract::{FromRef, State},
    routing::get,
};
use axum_jwt_auth::Decoder;
use doorward_examples::orders::{Order, Orders};
use doorward_issuer::Algorithm;
use oauth_resource_server::AuthorizedToken;
use serde_json::Value;

use super::{Claims, axum_jwt_auth as quickest, oauth_resource_server as with_scopes};

/// Returns the API behind the peer of this name, for tokens of RS256 of an issuer with one key; `None`
/// where no such peer is asked over the wire.
///
/// # Errors
///
/// When the peer refuses its settings.
pub fn api(name: &str, issuer: &str, jwks: &Value) -> Result<Option<Router>, Box<dyn Error>> {
    let orders = Orders::with_samples();
    match name {
        "axum-jwt-auth" => {
            let decoder = quickest::decoder(issuer, &jwks["keys"][0], Algorithm::Rs256)?;
            let state = AppState { decoder, orders };
            Ok(Some(Router::new().route("/orders", get(list_for_claims)).with_state(state)))
        }
        "oauth-resource-server" => {
            let layer = with_scopes::layer(issuer, jwks, Algorithm::Rs256)?;
            let router = Router::new().route("/orders", get(list_for_token)).route_layer(layer);
            Ok(Some(router.with_state(orders)))
        }
        _ => Ok(None),
    }
}

#[derive(Clone, FromRef)]
struct AppState {
    decoder: Decoder<Claims>,
    orders: Orders,
}

async fn list_for_claims(
    _: axum_jwt_auth::Claims<Claims>,
    State(orders): State<Orders>,
) -> Json<Vec<Order>> {
    Json(orders.list())
}

async fn list_for_token(_: AuthorizedToken, State(orders): State<Orders>) -> Json<Vec<Order>> {
    Json(orders.list())
}
