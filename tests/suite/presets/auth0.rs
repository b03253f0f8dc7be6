use doorward::{ResourceServer, presets::Auth0, tokens::Actor};
use doorward_issuer::Mint;
use serde_json::json;

use crate::{
    support::NOW,
    vendors::{Documents, Learned, accept, assert_refused, learned, refusal, token},
};

const API: &str = "https://orders.acme.example/";

async fn server() -> ResourceServer {
    server_with(|issuer| issuer).await
}

async fn server_with(describe: impl FnOnce(Auth0) -> Auth0) -> ResourceServer {
    Documents::metadata(
        "https://acme.eu.auth0.com/.well-known/openid-configuration",
        "https://acme.eu.auth0.com/",
        "https://acme.eu.auth0.com/.well-known/jwks.json",
    )
    .await
    .server(describe(Auth0::domain("acme.eu.auth0.com").audience(API)))
    .await
}

async fn user() -> Mint {
    token(json!({
        "iss": "https://acme.eu.auth0.com/",
        "sub": "auth0|6553da60a54af58e29493993",
        "aud": [API, "https://acme.eu.auth0.com/userinfo"],
        "iat": NOW, "exp": NOW + 86400,
        "azp": "K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja",
        "scope": "openid profile read:orders",
        "permissions": ["read:orders", "write:orders"],
        "https://acme.example/roles": ["Clerk"],
    }))
    .await
    .header("typ", "JWT")
}

async fn app() -> Mint {
    token(json!({
        "iss": "https://acme.eu.auth0.com/",
        "sub": "awZfdIir8YFdGZWkvCejDoUb7SjTDicx@clients",
        "aud": API,
        "iat": NOW, "exp": NOW + 86400,
        "azp": "awZfdIir8YFdGZWkvCejDoUb7SjTDicx",
        "scope": "read:orders write:orders",
        "gty": "client-credentials",
    }))
    .await
    .header("typ", "JWT")
}

#[tokio::test]
async fn a_user_of_auth0_acts_through_an_app() {
    let token = accept(&server().await, &user().await).await;
    let expected = Learned {
        subject: "auth0|6553da60a54af58e29493993",
        client_id: Some("K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja"),
        scopes: vec!["openid", "profile", "read:orders"],
        roles: vec![],
        actor: Actor::Delegated,
    };
    assert_eq!(learned(&token), expected);
}

#[tokio::test]
async fn an_app_of_auth0_acts_for_itself() {
    let token = accept(&server().await, &app().await).await;
    let expected = Learned {
        subject: "awZfdIir8YFdGZWkvCejDoUb7SjTDicx@clients",
        client_id: Some("awZfdIir8YFdGZWkvCejDoUb7SjTDicx"),
        scopes: vec!["read:orders", "write:orders"],
        roles: vec![],
        actor: Actor::AppOnly,
    };
    assert_eq!(learned(&token), expected);
}

/// They say `client_id` in the place of `azp`, and nothing of the grant.
#[tokio::test]
async fn tokens_of_auth0_after_rfc_9068_are_accepted_too() {
    let server = server().await;
    for (token, actor) in [(user().await, Actor::Delegated), (app().await, Actor::AppOnly)] {
        let token = token
            .header("typ", "at+jwt")
            .without("azp")
            .without("gty")
            .claim("client_id", "c1")
            .claim("jti", "73WakrfVbNJBaAmhQtEeDv");
        let token = accept(&server, &token).await;
        assert_eq!((token.client_id(), token.actor()), (Some("c1"), actor));
    }
}

#[tokio::test]
async fn a_token_of_auth0_says_who_acts_by_its_grant_or_its_subject_or_not_at_all() {
    let server = server().await;
    for (token, actor) in [
        (app().await.subject("jane"), Actor::AppOnly),
        (app().await.without("gty"), Actor::AppOnly),
        (user().await.claim("gty", "password"), Actor::Delegated),
        (user().await.subject("google-oauth2|103547991597142817347"), Actor::Delegated),
        (user().await.subject("jane"), Actor::Unknown),
    ] {
        assert_eq!(accept(&server, &token).await.actor(), actor);
    }
}

#[tokio::test]
async fn permissions_are_scopes_and_a_claim_of_their_own_is_roles_where_that_is_asked_for() {
    let server = server_with(|issuer| {
        issuer.scopes_from(["permissions"]).roles_from(["https://acme.example/roles"])
    })
    .await;
    let user = user().await;
    let token = accept(&server, &user).await;
    assert_eq!(learned(&token).scopes, ["read:orders", "write:orders"]);
    assert_eq!(learned(&token).roles, ["Clerk"]);
    assert_refused(
        &server,
        &user,
        &[
            ("permissions", |t| t.claim("permissions", json!({"read": 1})), "claims.malformed"),
            ("roles", |t| t.claim("https://acme.example/roles", 5), "claims.malformed"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_custom_claim_of_auth0_named_scp_grants_nothing() {
    let token = user().await.without("scope").claim("scp", "write:orders");
    assert!(accept(&server().await, &token).await.scopes().is_empty());
}

#[tokio::test]
async fn a_token_of_auth0_with_one_fault_is_refused() {
    assert_refused(
        &server().await,
        &user().await,
        &[
            (
                "issuer without the slash",
                |t| t.claim("iss", "https://acme.eu.auth0.com"),
                "policy.untrusted_issuer",
            ),
            (
                "another tenant",
                |t| t.claim("iss", "https://evil.eu.auth0.com/"),
                "policy.untrusted_issuer",
            ),
            (
                "userinfo alone",
                |t| t.claim("aud", json!(["https://acme.eu.auth0.com/userinfo"])),
                "policy.audience",
            ),
            (
                "the management API",
                |t| t.audience("https://acme.eu.auth0.com/api/v2/"),
                "policy.audience",
            ),
            (
                "audience without the slash",
                |t| t.audience("https://orders.acme.example"),
                "policy.audience",
            ),
            ("no audience", |t| t.without("aud"), "policy.missing"),
            ("no subject", |t| t.without("sub"), "policy.missing"),
            ("no expiry", |t| t.without("exp"), "policy.missing"),
            ("scope as a number", |t| t.claim("scope", 5), "claims.malformed"),
            (
                "signed with the client's secret",
                |t| t.header("alg", "HS256"),
                "key.algorithm_mismatch",
            ),
            ("ID token", |t| t.claim("at_hash", "x"), "policy.id_token"),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_id_token_of_auth0_is_for_the_client() {
    let id_token = token(json!({
        "iss": "https://acme.eu.auth0.com/",
        "sub": "auth0|6553da60a54af58e29493993",
        "aud": "K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja",
        "iat": NOW, "exp": NOW + 36000,
        "name": "Jane Doe", "email": "jane@acme.example", "email_verified": true,
        "sid": "GNUWuoF7l0Rxe2GGRtwt5E_Ge0wUD8Zd", "nonce": "MTIzNDU2",
    }))
    .await
    .header("typ", "JWT");
    assert_eq!(refusal(&server().await, id_token).await, "policy.audience");
}
