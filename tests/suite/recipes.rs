//! Issuers without a preset, each described with public options alone, on tokens in their shapes.
//! The descriptions are those of the manual.

use doorward::{AccessToken, Actor, Algorithm, ClaimList, Issuer, ResourceServer};
use doorward_issuer::{Algorithm as Signed, DevIssuer, Mint};
use serde_json::{Value, json};

use crate::{
    presets::{assert_refused, roles, scopes, server, token, verified},
    support::{Documents, NOW, TestClock},
};

const API: &str = "api://orders";

async fn accepted(server: &ResourceServer, token: Mint) -> AccessToken {
    verified(server, token).await.unwrap()
}

#[tokio::test]
async fn zitadel_roles_are_the_names_of_an_object() {
    let name = "https://acme.zitadel.cloud";
    let described = Issuer::discover(name, "orders-project-id")
        .roles_from([ClaimList::names_of("urn:zitadel:iam:org:project:roles")]);
    let server = server(described, name).await;
    let good = token(&json!({
        "iss": name, "sub": "77776025198584418", "jti": "j", "iat": NOW, "nbf": NOW,
        "exp": NOW + 3600, "aud": ["web@orders", "orders-project-id"], "client_id": "web@orders",
        "urn:zitadel:iam:org:project:roles": {
            "reader": { "165467338479501569": "acme.zitadel.cloud" },
            "admin": { "165467338479501569": "acme.zitadel.cloud" },
        },
    }))
    .await;
    assert_eq!(roles(&accepted(&server, good.clone()).await), ["admin", "reader"]);
    let breaks = [
        (json!({ "aud": ["web@orders"] }), "policy.audience"),
        (json!({ "urn:zitadel:iam:org:project:roles": ["admin"] }), "claims.malformed"),
    ];
    assert_refused(&server, good, breaks).await;
}

#[tokio::test]
async fn ory_hydra_lists_scopes_in_an_array() {
    let name = "https://hydra.example.com/";
    let server = server(Issuer::discover(name, API).scopes_from(["scp"]), name).await;
    let good = token(&json!({
        "aud": [API], "client_id": "web", "exp": NOW + 3600, "ext": {}, "iat": NOW, "iss": name,
        "jti": "j", "nbf": NOW, "scp": ["offline", "orders.read"], "sub": "u1",
    }))
    .await;
    assert_eq!(scopes(&accepted(&server, good.clone()).await), ["offline", "orders.read"]);
    assert_refused(&server, good, [(json!({ "aud": [] }), "policy.audience")]).await;
}

#[tokio::test]
async fn kubernetes_tells_the_namespace_of_a_service_account() {
    let name = "https://kubernetes.default.svc.cluster.local";
    let described = Issuer::discover(name, API)
        .algorithms([Algorithm::Rs256])
        .require_claim_value(["kubernetes.io", "namespace"], "orders");
    let server = server(described, name).await;
    let good = token(&json!({
        "aud": [API], "exp": NOW + 3600, "iat": NOW, "iss": name, "jti": "j", "nbf": NOW,
        "kubernetes.io": {
            "namespace": "orders", "node": { "name": "n" }, "pod": { "name": "p", "uid": "u" },
            "serviceaccount": { "name": "caller", "uid": "u" }, "warnafter": NOW + 3607,
        },
        "sub": "system:serviceaccount:orders:caller",
    }))
    .await
    .without_header("typ");
    let verified = accepted(&server, good.clone()).await;
    assert_eq!(verified.subject(), "system:serviceaccount:orders:caller");
    let breaks = [
        (json!({ "kubernetes.io": { "namespace": "default" } }), "policy.required"),
        (json!({ "kubernetes.io": null }), "policy.required"),
        (json!({ "aud": ["https://kubernetes.default.svc"] }), "policy.audience"),
    ];
    assert_refused(&server, good, breaks).await;
}

#[tokio::test]
async fn github_actions_names_the_repository_and_the_branch() {
    let name = "https://token.actions.githubusercontent.com";
    let described = Issuer::discover(name, API)
        .require_claim_value("repository", "acme/orders")
        .require_claim_value("ref", "refs/heads/main");
    let server = server(described, name).await;
    let good = token(&json!({
        "jti": "j", "sub": "repo:acme/orders:ref:refs/heads/main", "aud": API,
        "ref": "refs/heads/main", "sha": "s", "repository": "acme/orders",
        "repository_owner": "acme", "repository_id": "1", "run_id": "2", "actor": "frank",
        "workflow": "deploy", "event_name": "push", "ref_type": "branch",
        "job_workflow_ref": "acme/orders/.github/workflows/deploy.yml@refs/heads/main",
        "iss": name, "nbf": NOW - 600, "exp": NOW + 300, "iat": NOW,
    }))
    .await
    .header("x5t", "aaaa");
    accepted(&server, good.clone()).await;
    let breaks = [
        (json!({ "repository": "acme/orders-fork" }), "policy.required"),
        (json!({ "ref": "refs/heads/feature" }), "policy.required"),
        (json!({ "aud": "https://github.com/acme" }), "policy.audience"),
    ];
    assert_refused(&server, good, breaks).await;
}

#[tokio::test]
async fn gitlab_ci_names_the_project_and_whether_its_branch_is_protected() {
    let name = "https://gitlab.com";
    let described = Issuer::discover(name, API)
        .require_claim_value("project_path", "acme/orders")
        .require_claim_value("ref_protected", "true");
    let server = server(described, name).await;
    let good = token(&json!({
        "namespace_id": "72", "namespace_path": "acme", "project_id": "20",
        "project_path": "acme/orders", "user_id": "1", "pipeline_id": "574", "job_id": "302",
        "ref": "main", "ref_type": "branch", "ref_protected": "true", "jti": "j", "iss": name,
        "iat": NOW, "nbf": NOW - 5, "exp": NOW + 3600,
        "sub": "project_path:acme/orders:ref_type:branch:ref:main", "aud": API,
    }))
    .await;
    accepted(&server, good.clone()).await;
    let breaks = [
        (json!({ "project_path": "acme/other" }), "policy.required"),
        (json!({ "ref_protected": "false" }), "policy.required"),
        (json!({ "ref_protected": true }), "policy.required"),
        (json!({ "aud": "https://gitlab.com" }), "policy.audience"),
    ];
    assert_refused(&server, good, breaks).await;
}

#[tokio::test]
async fn clerk_names_the_origin_in_the_place_of_an_audience() {
    let name = "https://clerk.acme.example";
    let described = Issuer::discover(name, "https://app.acme.example")
        .audience_claim("azp")
        .scopes_from([ClaimList::separated_by(["o", "per"], ',')])
        .roles_from([["o", "rol"]]);
    let server = server(described, name).await;
    let good = token(&json!({
        "azp": "https://app.acme.example", "exp": NOW + 60, "fva": [1, -1], "iat": NOW, "iss": name,
        "jti": "j", "nbf": NOW - 10, "sid": "sess_1", "sts": "active", "sub": "user_1", "v": 2,
        "o": { "id": "org_1", "slg": "acme", "rol": "admin", "per": "read,manage", "fpm": "3" },
    }))
    .await;
    let verified = accepted(&server, good.clone()).await;
    assert_eq!((scopes(&verified), roles(&verified)), (vec!["read", "manage"], vec!["admin"]));
    let breaks = [
        (json!({ "azp": "https://evil.example" }), "policy.audience"),
        (json!({ "azp": null }), "policy.missing"),
        (json!({ "o": { "per": 3 } }), "claims.malformed"),
    ];
    assert_refused(&server, good, breaks).await;
}

/// An issuer that signs with one algorithm alone.
async fn signing(algorithm: Signed, described: Issuer, name: &str) -> (DevIssuer, ResourceServer) {
    let signer = DevIssuer::builder().algorithms([algorithm]).start().await.unwrap();
    let metadata = format!("{name}/.well-known/openid-configuration");
    let documents = Documents::of(&metadata, name, signer.jwks()["keys"].clone());
    let server = ResourceServer::builder()
        .trust(described)
        .fetch(documents)
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap();
    (signer, server)
}

fn claiming(signer: &DevIssuer, claims: &Value) -> Mint {
    let mint = ["client_id", "jti"].iter().fold(signer.mint(), |mint, name| mint.without(*name));
    let members = claims.as_object().unwrap().iter();
    members.fold(mint, |mint, (name, value)| mint.claim(name, value.clone()))
}

#[tokio::test]
async fn supabase_has_one_audience_for_who_signed_in_and_a_role() {
    let name = "https://acme.supabase.co/auth/v1";
    let described =
        Issuer::discover(name, "authenticated").algorithms([Algorithm::Es256]).roles_from(["role"]);
    let (signer, server) = signing(Signed::Es256, described, name).await;
    let good = claiming(
        &signer,
        &json!({
            "aal": "aal1", "amr": [{ "method": "password", "timestamp": NOW }],
            "app_metadata": { "provider": "email" }, "aud": "authenticated", "email": "a@b.example",
            "exp": NOW + 3600, "iat": NOW, "is_anonymous": false, "iss": name, "phone": "",
            "role": "authenticated", "session_id": "s", "sub": "1f2e", "user_metadata": {},
        }),
    )
    .header("typ", "JWT");
    assert_eq!(roles(&accepted(&server, good.clone()).await), ["authenticated"]);
    assert_refused(&server, good, [(json!({ "aud": "anon" }), "policy.audience")]).await;
}

#[tokio::test]
async fn workos_names_the_client_in_its_issuer_and_no_audience() {
    let name = "https://api.workos.com/user_management/client_01H";
    let described = Issuer::jwks_url(name, "client_01H", "https://keys.example/")
        .danger_any_audience()
        .scopes_from(["permissions"])
        .roles_from(["role", "roles"]);
    let server = server(described, name).await;
    let good = token(&json!({
        "iss": name, "sub": "user_01H", "sid": "session_01H", "org_id": "org_01H",
        "role": "member", "roles": ["member", "Orders.Admin"], "permissions": ["orders:read"],
        "entitlements": [], "exp": NOW + 300, "iat": NOW, "jti": "j",
    }))
    .await;
    let verified = accepted(&server, good.clone()).await;
    assert_eq!(scopes(&verified), ["orders:read"]);
    assert_eq!(roles(&verified), ["member", "member", "Orders.Admin"]);
    let other = name.replace("client_01H", "client_02X");
    assert_refused(&server, good, [(json!({ "iss": other }), "policy.untrusted_issuer")]).await;
}

#[tokio::test]
async fn logto_follows_rfc_9068_with_es384() {
    let name = "https://acme.logto.app/oidc";
    let described = Issuer::rfc9068(name, API).algorithms([Algorithm::Es384]);
    let (signer, server) = signing(Signed::Es384, described, name).await;
    let good = claiming(
        &signer,
        &json!({
            "jti": "j", "sub": "u1", "iat": NOW, "exp": NOW + 3600, "scope": "orders.read",
            "client_id": "web", "iss": name, "aud": API,
        }),
    );
    assert_eq!(scopes(&accepted(&server, good.clone()).await), ["orders.read"]);
    let app = accepted(&server, good.clone().subject("web")).await;
    assert_eq!(app.actor(), Actor::AppOnly);
    assert_refused(&server, good, [(json!({ "header typ": "JWT" }), "policy.token_type")]).await;
}

#[tokio::test]
async fn authentik_has_a_slash_at_its_end_and_groups_for_roles() {
    let name = "https://auth.example.com/application/o/orders/";
    let server = server(Issuer::discover(name, "orders-client").roles_from(["groups"]), name).await;
    let good = token(&json!({
        "iss": name, "sub": "h", "aud": "orders-client", "exp": NOW + 300, "iat": NOW,
        "auth_time": NOW, "acr": "goauthentik.io/providers/oauth2/default", "azp": "orders-client",
        "uid": "u", "groups": ["staff"], "email": "a@b.example",
    }))
    .await;
    assert_eq!(roles(&accepted(&server, good.clone()).await), ["staff"]);
    let bare = name.trim_end_matches('/');
    assert_refused(&server, good, [(json!({ "iss": bare }), "policy.untrusted_issuer")]).await;
}
