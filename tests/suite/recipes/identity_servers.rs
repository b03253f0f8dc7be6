//! Servers that an organization runs, or has run, for its users.

use doorward::{
    Issuer,
    keys::Algorithm,
    presets::Rfc9068,
    tokens::{Actor, ClaimList},
};
use serde_json::json;

use crate::{
    support::NOW,
    vendors::{Documents, Learned, accept, assert_refused, learned, refusal, token},
};

fn zitadel() -> Issuer {
    Issuer::discover("https://acme-x1y2z3.zitadel.cloud", "271828182845904523")
        .require_claim("jti")
        .roles_from([ClaimList::names_of("urn:zitadel:iam:org:project:271828182845904523:roles")])
}

/// `urn:zitadel:iam:org:project:roles` are the roles in the client's own project, whatever project
/// that is.
#[tokio::test]
async fn a_role_of_zitadel_counts_in_the_project_of_this_api_alone() {
    let server = Documents::metadata(
        "https://acme-x1y2z3.zitadel.cloud/.well-known/openid-configuration",
        "https://acme-x1y2z3.zitadel.cloud",
        "https://acme-x1y2z3.zitadel.cloud/oauth/v2/keys",
    )
    .await
    .server(zitadel())
    .await;
    let user = token(json!({
        "aud": ["161803398874989484@shop", "314159265358979323", "271828182845904523"],
        "client_id": "161803398874989484@shop",
        "exp": NOW + 43200, "iat": NOW, "nbf": NOW,
        "iss": "https://acme-x1y2z3.zitadel.cloud",
        "jti": "V2_271828299999999999-at_271828299999999998",
        "sub": "141421356237309504",
        "urn:zitadel:iam:org:project:roles": {"admin": {"577215664901532860": "acme.example"}},
        "urn:zitadel:iam:org:project:314159265358979323:roles":
            {"admin": {"577215664901532860": "acme.example"}},
        "urn:zitadel:iam:org:project:271828182845904523:roles":
            {"reader": {"577215664901532860": "acme.example"}},
    }))
    .await
    .header("typ", "JWT");
    let expected = Learned {
        subject: "141421356237309504",
        client_id: Some("161803398874989484@shop"),
        scopes: vec![],
        roles: vec!["reader"],
        actor: Actor::Unknown,
    };
    assert_eq!(learned(&accept(&server, &user).await), expected);
    assert_refused(
        &server,
        &user,
        &[
            ("another project", |t| t.audiences(["314159265358979323"]), "policy.audience"),
            (
                "roles as an array",
                |t| t.claim("urn:zitadel:iam:org:project:271828182845904523:roles", json!(["a"])),
                "claims.malformed",
            ),
            (
                "issuer with a slash",
                |t| t.claim("iss", "https://acme-x1y2z3.zitadel.cloud/"),
                "policy.untrusted_issuer",
            ),
        ],
    )
    .await;
    // An ID token has the same audience and no `jti`; `at_hash` only beside an access token.
    let id_token = user.without("jti").claim("azp", "161803398874989484@shop").claim("nonce", "n");
    assert_eq!(refusal(&server, id_token.clone()).await, "policy.required");
    let beside_access_token = id_token.claim("at_hash", "Ut5vKvuGVw0kPqZ2hLOLmg");
    assert_eq!(refusal(&server, beside_access_token).await, "policy.id_token");
}

fn hydra() -> Issuer {
    Issuer::discover("https://hydra.acme.example", "https://orders.acme.example").actor_by(
        |token| {
            if token.client_id() == Some(token.subject()) { Actor::AppOnly } else { Actor::Unknown }
        },
    )
}

#[tokio::test]
async fn a_token_of_ory_hydra_has_its_scopes_as_the_server_is_set_to_write_them() {
    let server = Documents::metadata(
        "https://hydra.acme.example/.well-known/openid-configuration",
        "https://hydra.acme.example",
        "https://hydra.acme.example/.well-known/jwks.json",
    )
    .await
    .server(hydra())
    .await;
    let app = token(json!({
        "aud": ["https://orders.acme.example"],
        "client_id": "a52a9e3e-6a0f-4a0a-9d43-0a9b1c2d3e4f",
        "exp": NOW + 3600, "iat": NOW, "nbf": NOW,
        "ext": {},
        "iss": "https://hydra.acme.example",
        "jti": "0d3b0a0e-2f4d-4f4b-8f0c-1a2b3c4d5e6f",
        "scp": ["orders.read", "orders.write"],
        "sub": "a52a9e3e-6a0f-4a0a-9d43-0a9b1c2d3e4f",
    }))
    .await
    .header("typ", "JWT");
    let expected = Learned {
        subject: "a52a9e3e-6a0f-4a0a-9d43-0a9b1c2d3e4f",
        client_id: Some("a52a9e3e-6a0f-4a0a-9d43-0a9b1c2d3e4f"),
        scopes: vec!["orders.read", "orders.write"],
        roles: vec![],
        actor: Actor::AppOnly,
    };
    assert_eq!(learned(&accept(&server, &app).await), expected);
    let as_string = app.clone().without("scp").scope("orders.read");
    assert_eq!(learned(&accept(&server, &as_string).await).scopes, ["orders.read"]);
    let user = app.clone().subject("jane");
    assert_eq!(accept(&server, &user).await.actor(), Actor::Unknown);
    assert_refused(
        &server,
        &app,
        &[
            // A client that asks for no audience gets a token for none.
            ("no audience asked for", |t| t.claim("aud", json!([])), "policy.audience"),
            ("scopes as a number", |t| t.claim("scp", 5), "claims.malformed"),
            (
                "ID token",
                |t| t.audiences(["a52a9e3e-6a0f-4a0a-9d43-0a9b1c2d3e4f"]).claim("at_hash", "x"),
                "policy.audience",
            ),
        ],
    )
    .await;
}

fn logto() -> Rfc9068 {
    Rfc9068::issuer("https://acme.logto.app/oidc")
        .audience("https://orders.acme.example")
        .algorithms([Algorithm::Es384])
        .actor_by(|token| {
            if token.client_id() == Some(token.subject()) {
                Actor::AppOnly
            } else {
                Actor::Delegated
            }
        })
}

#[tokio::test]
async fn an_app_of_logto_is_its_own_subject() {
    let server = Documents::metadata(
        "https://acme.logto.app/oidc/.well-known/openid-configuration",
        "https://acme.logto.app/oidc",
        "https://acme.logto.app/oidc/jwks",
    )
    .await
    .server(logto())
    .await;
    let user = token(json!({
        "jti": "W1tDCa2dMHSRGEdRbq0cQ",
        "sub": "r7f3k1m9x2pq",
        "iat": NOW, "exp": NOW + 3600,
        "scope": "read:orders write:orders",
        "client_id": "5j0y1f2h3k4m6n7p8q9r0",
        "iss": "https://acme.logto.app/oidc",
        "aud": "https://orders.acme.example",
    }))
    .await
    .header("typ", "at+jwt")
    .algorithm(doorward_issuer::Algorithm::Es384);
    let expected = Learned {
        subject: "r7f3k1m9x2pq",
        client_id: Some("5j0y1f2h3k4m6n7p8q9r0"),
        scopes: vec!["read:orders", "write:orders"],
        roles: vec![],
        actor: Actor::Delegated,
    };
    assert_eq!(learned(&accept(&server, &user).await), expected);
    let app = user.clone().subject("5j0y1f2h3k4m6n7p8q9r0");
    assert_eq!(accept(&server, &app).await.actor(), Actor::AppOnly);
    assert_refused(
        &server,
        &user,
        &[
            (
                "token for an organization",
                |t| t.audience("urn:logto:organization:p2a9x7"),
                "policy.audience",
            ),
            ("ID token, which has no typ", |t| t.without_header("typ"), "policy.token_type"),
            (
                "another algorithm",
                |t| t.algorithm(doorward_issuer::Algorithm::Rs256),
                "key.unknown",
            ),
        ],
    )
    .await;
}

fn authentik() -> Issuer {
    Issuer::discover("https://id.acme.example/application/o/orders/", "Zl3kQ8vX2rT6yB1n")
        .require_claim("uid")
        .roles_from(["groups"])
}

/// Its ID tokens are access tokens without `azp` and `uid`, often without `at_hash` too.
#[tokio::test]
async fn an_id_token_of_authentik_is_told_by_the_claims_that_it_lacks() {
    let server = Documents::metadata(
        "https://id.acme.example/application/o/orders/.well-known/openid-configuration",
        "https://id.acme.example/application/o/orders/",
        "https://id.acme.example/application/o/orders/jwks/",
    )
    .await
    .server(authentik())
    .await;
    let user = token(json!({
        "iss": "https://id.acme.example/application/o/orders/",
        "sub": "c7f24a9b0d3e1f5a6b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c",
        "aud": "Zl3kQ8vX2rT6yB1n",
        "exp": NOW + 300, "iat": NOW, "auth_time": NOW - 30,
        "acr": "goauthentik.io/providers/oauth2/default",
        "amr": ["pwd"],
        "nonce": "n-0S6_WzA2Mj",
        "sid": "9c1e5b0d4f3a2b1c",
        "email": "jane@acme.example", "email_verified": true,
        "name": "Jane Doe", "preferred_username": "jane", "nickname": "jane",
        "groups": ["authentik Admins", "Clerks"],
        "azp": "Zl3kQ8vX2rT6yB1n",
        "uid": "vq3kT0n8Xw1sZ5rY7bL2mC9dF4gH6jK0pQ8aS1eU",
    }))
    .await
    .header("typ", "JWT");
    let expected = Learned {
        subject: "c7f24a9b0d3e1f5a6b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c",
        client_id: Some("Zl3kQ8vX2rT6yB1n"),
        scopes: vec![],
        roles: vec!["authentik Admins", "Clerks"],
        actor: Actor::Unknown,
    };
    assert_eq!(learned(&accept(&server, &user).await), expected);
    assert_refused(
        &server,
        &user,
        &[
            ("ID token", |t| t.without("azp").without("uid"), "policy.required"),
            (
                "ID token of the implicit flow",
                |t| t.without("azp").without("uid").claim("at_hash", "x"),
                "policy.id_token",
            ),
            (
                "issuer without the slash",
                |t| t.claim("iss", "https://id.acme.example/application/o/orders"),
                "policy.untrusted_issuer",
            ),
            (
                "another application",
                |t| t.claim("iss", "https://id.acme.example/application/o/billing/"),
                "policy.untrusted_issuer",
            ),
            ("another client", |t| t.audience("Qm9p1L4k7J2h5G8f"), "policy.audience"),
            ("groups as an object", |t| t.claim("groups", json!({"a": 1})), "claims.malformed"),
        ],
    )
    .await;
}
