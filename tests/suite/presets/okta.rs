use doorward::{ResourceServer, presets::Okta, tokens::Actor};
use doorward_issuer::Mint;
use serde_json::json;

use crate::{
    support::NOW,
    vendors::{Documents, Learned, accept, assert_refused, learned, refusal, token},
};

async fn server() -> ResourceServer {
    server_with(|issuer| issuer).await
}

async fn server_with(describe: impl FnOnce(Okta) -> Okta) -> ResourceServer {
    Documents::metadata(
        "https://acme.okta.com/oauth2/aus1a2b3c/.well-known/openid-configuration",
        "https://acme.okta.com/oauth2/aus1a2b3c",
        "https://acme.okta.com/oauth2/aus1a2b3c/v1/keys",
    )
    .await
    .server(describe(
        Okta::domain("acme.okta.com").authorization_server("aus1a2b3c").audience("api://orders"),
    ))
    .await
}

async fn user() -> Mint {
    token(json!({
        "ver": 1,
        "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
        "iss": "https://acme.okta.com/oauth2/aus1a2b3c",
        "aud": "api://orders",
        "iat": NOW, "exp": NOW + 3600,
        "cid": "0oa2web9client",
        "uid": "00uljiud3lbDYPXGH0g7",
        "scp": ["openid", "orders.read"],
        "auth_time": NOW - 30,
        "sub": "john.doe@acme.example",
        "groups": ["Everyone", "Clerks"],
    }))
    .await
}

async fn app() -> Mint {
    token(json!({
        "ver": 1,
        "jti": "AT.CcQGvXTHJLfnkWAnUhbSEcwsZTSPoVTmxp4fHRdHHc4",
        "iss": "https://acme.okta.com/oauth2/aus1a2b3c",
        "aud": "api://orders",
        "iat": NOW, "exp": NOW + 3600,
        "cid": "0oa7service1client",
        "scp": ["orders.read", "orders.write"],
        "sub": "0oa7service1client",
    }))
    .await
}

#[tokio::test]
async fn a_user_of_okta_acts_through_an_app() {
    let token = accept(&server().await, &user().await).await;
    let expected = Learned {
        subject: "john.doe@acme.example",
        client_id: Some("0oa2web9client"),
        scopes: vec!["openid", "orders.read"],
        roles: vec![],
        actor: Actor::Delegated,
    };
    assert_eq!(learned(&token), expected);
}

#[tokio::test]
async fn an_app_of_okta_acts_for_itself() {
    let token = accept(&server().await, &app().await).await;
    let expected = Learned {
        subject: "0oa7service1client",
        client_id: Some("0oa7service1client"),
        scopes: vec!["orders.read", "orders.write"],
        roles: vec![],
        actor: Actor::AppOnly,
    };
    assert_eq!(learned(&token), expected);
}

#[tokio::test]
async fn a_token_of_okta_without_a_user_and_of_another_subject_does_not_say_who_acts() {
    let token = app().await.subject("john.doe@acme.example");
    assert_eq!(accept(&server().await, &token).await.actor(), Actor::Unknown);
}

#[tokio::test]
async fn groups_of_okta_are_roles_where_that_is_asked_for() {
    let server = server_with(|issuer| issuer.roles_from(["groups"])).await;
    let token = accept(&server, &user().await).await;
    assert_eq!(learned(&token).roles, ["Everyone", "Clerks"]);
    let malformed = user().await.claim("groups", json!({"Clerks": true}));
    assert_eq!(refusal(&server, malformed).await, "claims.malformed");
}

#[tokio::test]
async fn a_token_of_okta_with_one_fault_is_refused() {
    assert_refused(
        &server().await,
        &user().await,
        &[
            (
                "issuer with a slash",
                |t| t.claim("iss", "https://acme.okta.com/oauth2/aus1a2b3c/"),
                "policy.untrusted_issuer",
            ),
            (
                "the organization's own server",
                |t| t.claim("iss", "https://acme.okta.com"),
                "policy.untrusted_issuer",
            ),
            (
                "another server of the organization",
                |t| t.claim("iss", "https://acme.okta.com/oauth2/default"),
                "policy.untrusted_issuer",
            ),
            ("audience by default", |t| t.audience("api://default"), "policy.audience"),
            ("no audience", |t| t.without("aud"), "policy.missing"),
            ("no subject", |t| t.without("sub"), "policy.missing"),
            ("no expiry", |t| t.without("exp"), "policy.missing"),
            ("scopes as a number", |t| t.claim("scp", 5), "claims.malformed"),
            ("a scope as a number", |t| t.claim("scp", json!(["a", 5])), "claims.malformed"),
            ("client as a number", |t| t.claim("cid", 5), "claims.malformed"),
            ("signed with a secret", |t| t.header("alg", "HS256"), "key.algorithm_mismatch"),
            ("ID token", |t| t.claim("at_hash", "x"), "policy.id_token"),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_id_token_of_okta_is_for_the_client() {
    let id_token = token(json!({
        "sub": "00uljiud3lbDYPXGH0g7", "name": "John Doe", "ver": 1,
        "iss": "https://acme.okta.com/oauth2/aus1a2b3c",
        "aud": "0oa2web9client",
        "iat": NOW, "exp": NOW + 3600,
        "jti": "ID.oUh6Cp6MWmbLvD-DGmSNpOzpQDkYPlRYEvEaNIWzY2w",
        "amr": ["pwd"], "idp": "00o1idpofacme", "nonce": "n-0S6_WzA2Mj",
        "preferred_username": "john.doe@acme.example", "auth_time": NOW - 30,
        "at_hash": "preyqr8hPdLQnjPHbXRBbg",
    }))
    .await;
    assert_eq!(refusal(&server().await, id_token.clone()).await, "policy.audience");
    assert_eq!(
        refusal(&server().await, id_token.audience("api://orders")).await,
        "policy.id_token"
    );
}

/// Only `scp` grants: Okta writes no `scope`, and a custom claim may have that name.
#[tokio::test]
async fn a_custom_claim_of_okta_named_scope_grants_nothing() {
    let token = user().await.without("scp").claim("scope", "orders.write");
    assert!(accept(&server().await, &token).await.scopes().is_empty());
}
