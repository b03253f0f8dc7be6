//! Whether a user or an app acts, as far as a token of Entra says it.

use doorward::{
    ResourceServer,
    presets::Entra,
    rules::{app_only, client, delegated},
    tokens::Actor,
};
use serde_json::json;

use super::{
    API, CLIENT, Documents, NOW, TENANT, entra_metadata, key, trusting, v2_claims, v2_name,
    v2_token, with,
};
use crate::support::code;

const OBJECT: &str = "68389ae2-62fa-4b18-91fe-53dd109d74f5";

async fn server() -> ResourceServer {
    let keys = json!([key(json!({ "kid": "k1" })).await]);
    let documents = Documents::of(&entra_metadata(TENANT), &v2_name(TENANT), keys);
    trusting(Entra::tenant(TENANT).client_id(API), documents, NOW).build().await.unwrap()
}

#[tokio::test]
async fn who_acts_is_told_by_idtyp_then_by_scopes_roles_and_object() {
    let server = server().await;
    for (changes, expected) in [
        (json!({}), Actor::Delegated),
        (json!({ "roles": ["Orders.Admin"] }), Actor::Delegated),
        (json!({ "idtyp": "user", "scp": null }), Actor::Delegated),
        (json!({ "idtyp": "app" }), Actor::AppOnly),
        (json!({ "scp": null, "roles": ["Orders.Admin"] }), Actor::AppOnly),
        (json!({ "scp": null, "sub": OBJECT }), Actor::AppOnly),
        (json!({ "scp": null, "idtyp": "app" }), Actor::AppOnly),
        (json!({ "idtyp": "device" }), Actor::Unknown),
        (json!({ "scp": null }), Actor::Unknown),
        (json!({ "scp": null, "roles": [] }), Actor::Unknown),
        (json!({ "scp": null, "oid": null, "roles": null }), Actor::Unknown),
        (json!({ "scp": "", "sub": OBJECT, "roles": ["Orders.Admin"] }), Actor::Unknown),
    ] {
        let field = format!("Bearer {}", v2_token(&with(v2_claims(TENANT), changes.clone())).await);
        let token = server.authenticate([field.as_bytes()]).await.unwrap();
        assert_eq!(token.actor(), expected, "{changes}");
        assert_eq!(
            delegated().authorize(&token).is_ok(),
            expected == Actor::Delegated,
            "{changes}"
        );
        assert_eq!(app_only().authorize(&token).is_ok(), expected == Actor::AppOnly, "{changes}");
    }
}

#[tokio::test]
async fn a_client_is_known_by_azp_and_appid() {
    let server = server().await;
    for changes in [json!({}), json!({ "azp": null, "appid": CLIENT })] {
        let field = format!("Bearer {}", v2_token(&with(v2_claims(TENANT), changes)).await);
        let token = server.authenticate([field.as_bytes()]).await.unwrap();
        assert!(client(CLIENT).authorize(&token).is_ok());
        for other in [API, "", &CLIENT.to_uppercase()] {
            assert!(client(other).authorize(&token).is_err(), "{other}");
        }
    }
}

#[tokio::test]
async fn the_id_token_of_a_client_that_shares_the_apis_registration_is_refused() {
    let server = server().await;
    let v2 = json!({ "azp": null, "azpacr": null, "scp": null, "nonce": "n", "aud": API });
    let v1 = json!({ "azp": null, "azpacr": null, "scp": null, "nonce": "n", "ver": "1.0",
        "iss": super::v1_name(TENANT), "amr": ["pwd"] });
    let hybrid = json!({ "c_hash": "x" });
    for changes in [v2, v1, hybrid, json!({ "at_hash": "x" })] {
        let id_token = v2_token(&with(v2_claims(TENANT), changes.clone())).await;
        assert_eq!(code(&server, &id_token).await, "policy.id_token", "{changes}");
    }
    let own = with(v2_claims(TENANT), json!({ "azp": API }));
    assert_eq!(
        code(&server, &v2_token(&own).await).await,
        "accepted",
        "an access token of its own"
    );
}
