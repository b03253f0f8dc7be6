//! Services that issue one token for each session of a user, to be sent to every API.

use doorward::{
    Issuer,
    keys::Algorithm,
    rules::{RequestInfo, delegated},
    tokens::{Actor, ClaimList},
};
use serde_json::json;

use crate::{
    support::NOW,
    vendors::{Documents, Learned, accept, assert_refused, learned, token},
};

fn clerk() -> Issuer {
    Issuer::discover("https://clerk.acme.example", "https://shop.acme.example")
        .audience_claim("azp")
        .require_claim("sid")
        .require_claim_value("fea", "o:orders")
        .scopes_from([ClaimList::separated_by(["o", "per"], ',')])
        .roles_from([["o", "rol"]])
        .actor_by(|token| match token.claim("sts") {
            None | Some("active") => Actor::Delegated,
            Some(_) => Actor::Unknown,
        })
}

/// `o.per` names the permissions of all features at once, and `o.fpm` says in bits which feature
/// has which: without reading it, `per` is only right while there is one feature.
#[tokio::test]
async fn a_session_of_clerk_names_the_origin_and_the_permissions_of_one_feature() {
    let server = Documents::metadata(
        "https://clerk.acme.example/.well-known/openid-configuration",
        "https://clerk.acme.example",
        "https://clerk.acme.example/.well-known/jwks.json",
    )
    .await
    .server(clerk())
    .await;
    let session = token(json!({
        "azp": "https://shop.acme.example",
        "exp": NOW + 60, "iat": NOW, "nbf": NOW - 10,
        "fea": "o:orders",
        "fva": [7, -1],
        "iss": "https://clerk.acme.example",
        "jti": "10db7f531a90cb2faea4",
        "o": {
            "id": "org_2b1c", "slg": "acme", "rol": "admin",
            "per": "manage,read", "fpm": "3",
        },
        "pla": "u:free,o:pro",
        "sid": "sess_2b1d", "sts": "active",
        "sub": "user_2b1e",
        "v": 2,
    }))
    .await
    .header("typ", "JWT");
    let expected = Learned {
        subject: "user_2b1e",
        client_id: Some("https://shop.acme.example"),
        scopes: vec!["manage", "read"],
        roles: vec!["admin"],
        actor: Actor::Delegated,
    };
    assert_eq!(learned(&accept(&server, &session).await), expected);
    let without_organization = accept(&server, &session.clone().without("o")).await;
    assert!(without_organization.scopes().is_empty());
    assert_eq!(without_organization.roles().count(), 0);
    let without_status = accept(&server, &session.clone().without("sts")).await;
    assert!(delegated().authorize(&without_status, &RequestInfo::new()).is_ok());
    let pending = accept(&server, &session.clone().claim("sts", "pending")).await;
    assert!(delegated().authorize(&pending, &RequestInfo::new()).is_err());
    assert_refused(
        &server,
        &session,
        &[
            ("another origin", |t| t.claim("azp", "https://evil.example"), "policy.audience"),
            (
                "origin with a slash",
                |t| t.claim("azp", "https://shop.acme.example/"),
                "policy.audience",
            ),
            (
                "another origin, though the audience is right",
                |t| {
                    t.claim("azp", "https://evil.example").claim("aud", "https://shop.acme.example")
                },
                "policy.audience",
            ),
            ("no origin", |t| t.without("azp"), "policy.required"),
            ("token of a template, for another service", |t| t.without("sid"), "policy.required"),
            (
                "permissions of several features",
                |t| t.claim("fea", "o:orders,o:billing"),
                "policy.required",
            ),
            (
                "permissions as an object",
                |t| t.claim("o", json!({"per": {"read": 1}})),
                "claims.malformed",
            ),
            ("role as a number", |t| t.claim("o", json!({"rol": 5})), "claims.malformed"),
        ],
    )
    .await;
}

fn supabase() -> Issuer {
    Issuer::jwks(
        "https://abcdefghijklmnop.supabase.co/auth/v1",
        "authenticated",
        "https://abcdefghijklmnop.supabase.co/auth/v1/.well-known/jwks.json",
    )
    .algorithms([Algorithm::Es256])
    .require_claim("session_id")
    .roles_from(["role"])
    .actor_by(|token| match token.claim("is_anonymous") {
        Some(false) => Actor::Delegated,
        _ => Actor::Unknown,
    })
}

/// Who signs in anonymously has the audience and the role of everybody else.
#[tokio::test]
async fn a_user_of_supabase_is_told_from_one_who_is_anonymous() {
    let server =
        Documents::keys("https://abcdefghijklmnop.supabase.co/auth/v1/.well-known/jwks.json")
            .await
            .server(supabase())
            .await;
    let session = token(json!({
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": NOW - 30}],
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "aud": "authenticated",
        "email": "jane@acme.example", "phone": "",
        "exp": NOW + 3600, "iat": NOW,
        "is_anonymous": false,
        "iss": "https://abcdefghijklmnop.supabase.co/auth/v1",
        "role": "authenticated",
        "session_id": "4b938a09-5372-4177-a314-cfa292099ea2",
        "sub": "9d31f1f0-7f3c-4a2b-8a0a-1f0e2d3c4b5a",
        "user_metadata": {"role": "admin"},
    }))
    .await
    .header("typ", "JWT")
    .algorithm(doorward_issuer::Algorithm::Es256);
    let expected = Learned {
        subject: "9d31f1f0-7f3c-4a2b-8a0a-1f0e2d3c4b5a",
        client_id: None,
        scopes: vec![],
        roles: vec!["authenticated"],
        actor: Actor::Delegated,
    };
    assert_eq!(learned(&accept(&server, &session).await), expected);
    for anonymous in
        [session.clone().claim("is_anonymous", true), session.clone().without("is_anonymous")]
    {
        let token = accept(&server, &anonymous).await;
        assert!(delegated().authorize(&token, &RequestInfo::new()).is_err());
    }
    assert_refused(
        &server,
        &session,
        &[
            (
                "another project",
                |t| t.claim("iss", "https://ponmlkjihgfedcba.supabase.co/auth/v1"),
                "policy.untrusted_issuer",
            ),
            (
                "the key of anonymous callers",
                |t| t.claim("iss", "supabase"),
                "policy.untrusted_issuer",
            ),
            (
                "ID token of a client",
                |t| t.audience("8f14e45f-ceea-467f-a8d3-6c0b9a1d2e3f").claim("nonce", "n"),
                "policy.audience",
            ),
            ("no session", |t| t.without("session_id"), "policy.required"),
            ("roles as an object", |t| t.claim("role", json!({"a": 1})), "claims.malformed"),
            ("with the old secret", |t| t.header("alg", "HS256"), "key.algorithm_mismatch"),
            (
                "another algorithm",
                |t| t.algorithm(doorward_issuer::Algorithm::Rs256),
                "key.unknown",
            ),
        ],
    )
    .await;
}

fn workos() -> Issuer {
    Issuer::jwks(
        "https://api.workos.com/user_management/client_01HBEQKA6K4QJAS93VPE39W1JT",
        "client_01HBEQKA6K4QJAS93VPE39W1JT",
        "https://api.workos.com/sso/jwks/client_01HBEQKA6K4QJAS93VPE39W1JT",
    )
    .danger_any_audience()
    .require_claim("sid")
    .scopes_from(["permissions"])
    .roles_from(["role", "roles"])
    .actor_by(|_| Actor::Delegated)
}

/// It names no audience, but its issuer names the client, and each client has one issuer.
#[tokio::test]
async fn a_session_of_workos_is_for_the_client_that_its_issuer_names() {
    let server =
        Documents::keys("https://api.workos.com/sso/jwks/client_01HBEQKA6K4QJAS93VPE39W1JT")
            .await
            .server(workos())
            .await;
    let session = token(json!({
        "iss": "https://api.workos.com/user_management/client_01HBEQKA6K4QJAS93VPE39W1JT",
        "sub": "user_01HBEQKA6K4QJAS93VPE39W1JT",
        "org_id": "org_01HRDMC6CM357W30QMHMQ96Q0S",
        "role": "member",
        "roles": ["member", "buyer"],
        "permissions": ["posts:read", "posts:write"],
        "entitlements": ["audit-logs"],
        "sid": "session_01HQSXZGF8FHF7A9ZZFCW4387R",
        "jti": "01HQSXZXPPFPKMDD32RKTFY6PV",
        "exp": NOW + 300, "iat": NOW,
    }))
    .await
    .header("typ", "JWT");
    let expected = Learned {
        subject: "user_01HBEQKA6K4QJAS93VPE39W1JT",
        client_id: None,
        scopes: vec!["posts:read", "posts:write"],
        roles: vec!["member", "member", "buyer"],
        actor: Actor::Delegated,
    };
    assert_eq!(learned(&accept(&server, &session).await), expected);
    let of_one_role = accept(&server, &session.clone().without("roles")).await;
    assert_eq!(learned(&of_one_role).roles, ["member"]);
    assert_refused(
        &server,
        &session,
        &[
            (
                "another client",
                |t| {
                    t.claim(
                        "iss",
                        "https://api.workos.com/user_management/client_01HXYZHXYZHXYZHXYZHXYZHXYZ",
                    )
                },
                "policy.untrusted_issuer",
            ),
            (
                "the issuer of all clients",
                |t| t.claim("iss", "https://api.workos.com"),
                "policy.untrusted_issuer",
            ),
            ("no session", |t| t.without("sid"), "policy.required"),
            (
                "permissions as an object",
                |t| t.claim("permissions", json!({"posts:read": true})),
                "claims.malformed",
            ),
            ("roles as a number", |t| t.claim("roles", 5), "claims.malformed"),
        ],
    )
    .await;
}
