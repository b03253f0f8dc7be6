//! Whether a user or an app acts, as far as a token of Entra says it.

use doorward::{
    AccessToken, ResourceServer,
    presets::Entra,
    rules::{RequestInfo, app_only, authenticated, client, delegated, role},
    scope,
    tokens::Actor,
};
use serde_json::{Value, json};

use super::{
    API, CLIENT, Documents, NOW, TENANT, entra_metadata, key, trusting, v2_claims, v2_name,
    v2_token, with,
};
use crate::support::code;

const OBJECT: &str = "68389ae2-62fa-4b18-91fe-53dd109d74f5";

fn entra() -> Entra {
    Entra::tenant(TENANT).client_id(API)
}

async fn server(entra: Entra) -> ResourceServer {
    let keys = json!([key(json!({ "kid": "k1" })).await]);
    let documents = Documents::of(&entra_metadata(TENANT), &v2_name(TENANT), keys);
    trusting(entra, documents, NOW).build().await.unwrap()
}

/// The verified token with these claims changed.
async fn token(server: &ResourceServer, changes: &Value) -> AccessToken {
    let field = format!("Bearer {}", v2_token(&with(v2_claims(TENANT), changes.clone())).await);
    server.authenticate([field.as_bytes()]).await.unwrap()
}

#[tokio::test]
async fn who_acts_is_decided_by_idtyp_then_by_scopes_roles_and_object() {
    let server = server(entra().allow_apps_without_roles()).await;
    for (changes, expected) in [
        (json!({}), Actor::Delegated),
        (json!({ "roles": ["Orders.Admin"] }), Actor::Delegated),
        (json!({ "idtyp": "user", "scp": null }), Actor::Delegated),
        (json!({ "idtyp": "app" }), Actor::AppOnly),
        (json!({ "scp": null, "sub": OBJECT, "roles": ["Orders.Admin"] }), Actor::AppOnly),
        (json!({ "scp": null, "oid": null, "roles": ["Orders.Admin"] }), Actor::AppOnly),
        (json!({ "scp": null, "sub": OBJECT }), Actor::AppOnly),
        (json!({ "scp": null, "idtyp": "app" }), Actor::AppOnly),
        (json!({ "idtyp": "device" }), Actor::Unknown),
        (json!({ "scp": null }), Actor::Unknown),
        (json!({ "scp": null, "roles": [] }), Actor::Unknown),
        (json!({ "scp": null, "oid": null, "roles": null }), Actor::Unknown),
        (json!({ "scp": "", "sub": OBJECT, "roles": ["Orders.Admin"] }), Actor::Unknown),
    ] {
        let token = token(&server, &changes).await;
        assert_eq!(token.actor(), expected, "{changes}");
        assert_eq!(
            delegated().authorize(&token, &RequestInfo::new()).is_ok(),
            expected == Actor::Delegated,
            "{changes}"
        );
        assert_eq!(
            app_only().authorize(&token, &RequestInfo::new()).is_ok(),
            expected == Actor::AppOnly,
            "{changes}"
        );
    }
}

#[tokio::test]
async fn a_user_with_roles_and_without_scopes_is_no_app() {
    let server = server(entra()).await;
    let user = token(&server, &json!({ "scp": null, "roles": ["Orders.Admin"] })).await;
    assert_ne!(user.object_id(), Some(user.subject()));
    assert_eq!(user.actor(), Actor::Unknown);
    assert!(app_only().authorize(&user, &RequestInfo::new()).is_err());
}

#[tokio::test]
async fn an_app_whose_roles_are_taken_as_scopes_too_stays_an_app_and_keeps_its_roles() {
    let server = server(entra().scopes_from(["scp", "roles"])).await;
    let app = json!({ "scp": null, "sub": OBJECT, "roles": ["Orders.Read.All"] });
    let app = token(&server, &app).await;
    assert_eq!(app.actor(), Actor::AppOnly);
    assert_eq!(app.roles().collect::<Vec<_>>(), ["Orders.Read.All"]);
    assert_eq!(app.scopes().iter().collect::<Vec<_>>(), ["Orders.Read.All"]);
    assert!((app_only() & role("Orders.Read.All")).authorize(&app, &RequestInfo::new()).is_ok());
    let user = token(&server, &json!({ "roles": ["Orders.Admin"] })).await;
    assert_eq!(user.actor(), Actor::Delegated);
    assert_eq!(user.scopes().iter().collect::<Vec<_>>(), ["Orders.Read"]);
    assert_eq!(user.roles().collect::<Vec<_>>(), ["Orders.Admin"]);
}

#[tokio::test]
async fn an_app_without_scopes_and_roles_is_refused_unless_such_apps_are_allowed() {
    let refused = "policy.app_without_roles";
    let usual = server(entra()).await;
    let groups = server(entra().roles_from(["roles", "groups"])).await;
    let allowing = server(entra().allow_apps_without_roles()).await;
    for (changes, expected) in [
        (json!({ "scp": null, "sub": OBJECT }), refused),
        (json!({ "scp": null, "sub": OBJECT, "roles": [] }), refused),
        (json!({ "scp": " ", "sub": OBJECT, "roles": [""] }), refused),
        (json!({ "scp": null, "sub": OBJECT, "idtyp": "app" }), refused),
        (json!({ "scp": null, "sub": OBJECT, "groups": ["g1"] }), refused),
        (json!({ "scp": null, "sub": OBJECT, "roles": ["Orders.Read.All"] }), "accepted"),
        (json!({}), "accepted"),
    ] {
        let token = v2_token(&with(v2_claims(TENANT), changes.clone())).await;
        assert_eq!(code(&usual, &token).await, expected, "{changes}");
        assert_eq!(code(&groups, &token).await, expected, "{changes}");
        assert_eq!(code(&allowing, &token).await, "accepted", "{changes}");
    }
    let app = v2_token(&with(v2_claims(TENANT), json!({ "scp": null, "sub": OBJECT }))).await;
    let reason = super::refusal(&usual, &app).await.to_string();
    assert!(reason.contains("`.allow_apps_without_roles()`"), "{reason}");
    let app = token(&allowing, &json!({ "scp": null, "sub": OBJECT })).await;
    for (rule, met) in [
        (authenticated(), true),
        (app_only(), true),
        (client(CLIENT), true),
        (scope!("Orders.Read"), false),
        (role("Orders.Read.All"), false),
        (delegated(), false),
    ] {
        assert_eq!(rule.authorize(&app, &RequestInfo::new()).is_ok(), met, "{rule}");
    }
}

#[tokio::test]
async fn a_client_is_known_by_azp_and_appid() {
    let server = server(entra()).await;
    for changes in [json!({}), json!({ "azp": null, "appid": CLIENT })] {
        let field = format!("Bearer {}", v2_token(&with(v2_claims(TENANT), changes)).await);
        let token = server.authenticate([field.as_bytes()]).await.unwrap();
        assert!(client(CLIENT).authorize(&token, &RequestInfo::new()).is_ok());
        for other in [API, "", &CLIENT.to_uppercase()] {
            assert!(client(other).authorize(&token, &RequestInfo::new()).is_err(), "{other}");
        }
    }
}

#[tokio::test]
async fn the_id_token_of_a_client_that_shares_the_apis_registration_is_refused() {
    let server = server(entra()).await;
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
