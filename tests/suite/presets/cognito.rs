use doorward::{Actor, Issuer, ResourceServer};
use doorward_issuer::Algorithm as Signed;
use serde_json::{Value, json};

use super::{NOW, assert_refused, published, roles, scopes, server, token, verified};

const NAME: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_aB3dE5f7G";
const CLIENT: &str = "57cbishk4j24pabc1234567890";

fn described() -> Issuer {
    Issuer::cognito("eu-central-1", "eu-central-1_aB3dE5f7G", [CLIENT, "another"])
}

async fn pool() -> ResourceServer {
    server(described(), NAME).await
}

fn user() -> Value {
    json!({
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "cognito:groups": ["Orders.Admin"],
        "iss": NAME, "client_id": CLIENT, "origin_jti": "o", "event_id": "e",
        "token_use": "access", "scope": "openid orders/read", "auth_time": NOW,
        "exp": NOW + 3600, "iat": NOW, "jti": "j", "username": "frank",
    })
}

#[tokio::test]
async fn the_client_stands_in_the_place_of_the_audience() {
    let token = token(&user()).await.without_header("typ");
    let token = verified(&pool().await, token).await.unwrap();
    assert_eq!(token.client_id(), Some(CLIENT));
    assert_eq!(token.audience().collect::<Vec<_>>(), [CLIENT]);
    assert_eq!(
        (scopes(&token), roles(&token)),
        (vec!["openid", "orders/read"], vec!["Orders.Admin"])
    );
    assert_eq!(token.actor(), Actor::Delegated);
}

#[tokio::test]
async fn an_app_acts_for_itself_as_its_own_subject() {
    let app = token(&user()).await.without("username").without("cognito:groups").subject(CLIENT);
    assert_eq!(verified(&pool().await, app).await.unwrap().actor(), Actor::AppOnly);
}

#[tokio::test]
async fn what_is_no_access_token_of_this_pool_for_these_clients_is_refused() {
    let breaks = [
        (json!({ "token_use": "id" }), "policy.required"),
        (json!({ "token_use": "id", "aud": CLIENT, "client_id": null }), "policy.missing"),
        (json!({ "token_use": null }), "policy.required"),
        (json!({ "client_id": "stranger" }), "policy.audience"),
        (json!({ "client_id": null }), "policy.missing"),
        (json!({ "client_id": "stranger", "aud": CLIENT }), "policy.audience"),
        (json!({ "iss": NAME.replace("aB3dE5f7G", "Xxxxxxxxx") }), "policy.untrusted_issuer"),
        (json!({ "cognito:groups": { "Orders.Admin": 1 } }), "claims.malformed"),
    ];
    assert_refused(&pool().await, token(&user()).await, breaks).await;
}

#[tokio::test]
async fn signatures_are_rs256_and_keys_are_asked_for_at_the_pools_own_place() {
    let es256 = token(&user()).await.algorithm(Signed::Es256);
    assert_refused(&pool().await, es256.clone().algorithm(Signed::Rs256), []).await;
    let refused = verified(&pool().await, es256).await.unwrap_err();
    assert_eq!(refused.code(), "key.unknown");
    let elsewhere = published("https://unused.example").await;
    let refused = ResourceServer::builder().trust(described()).fetch(elsewhere).build().await;
    assert!(refused.unwrap_err().to_string().contains(NAME));
}
