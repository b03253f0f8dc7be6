//! Platforms that issue tokens to what runs on them: no user, no client, no scopes.

use doorward::{Issuer, tokens::Actor};
use doorward_issuer::{Algorithm, Mint};
use serde_json::json;

use crate::{
    support::NOW,
    vendors::{Documents, Learned, accept, assert_refused, learned, refusal, token},
};

const CLUSTER: &str = "https://oidc.eks.eu-central-1.amazonaws.com/id/D539D4633E53DE1B";

fn kubernetes() -> Issuer {
    Issuer::discover(CLUSTER, "orders")
        .require_claim_value(["kubernetes.io", "namespace"], "shop")
        .roles_from([["kubernetes.io", "serviceaccount", "name"]])
        .actor_by(|_| Actor::AppOnly)
}

async fn service_account() -> Mint {
    token(json!({
        "aud": ["orders"],
        "exp": NOW + 3607, "iat": NOW, "nbf": NOW,
        "iss": CLUSTER,
        "jti": "aed34954-b33a-4142-b1ec-389d6bbb4936",
        "kubernetes.io": {
            "namespace": "shop",
            "node": {"name": "ip-10-0-1-23", "uid": "646e7c5e-32d6-4d42-9dbd-e504e6cbe6b1"},
            "pod": {"name": "checkout-0", "uid": "5e0bd49b-f040-43b0-99b7-22765a53f7f3"},
            "serviceaccount": {"name": "checkout", "uid": "14ee3fa4-a7e2-420f-9f9a-dbc4507c3798"},
            "warnafter": NOW + 3607,
        },
        "sub": "system:serviceaccount:shop:checkout",
    }))
    .await
}

#[tokio::test]
async fn a_service_account_of_kubernetes_is_a_role_in_its_namespace() {
    let server = Documents::metadata(
        &format!("{CLUSTER}/.well-known/openid-configuration"),
        CLUSTER,
        &format!("{CLUSTER}/keys"),
    )
    .await
    .server(kubernetes())
    .await;
    let pod = service_account().await;
    let expected = Learned {
        subject: "system:serviceaccount:shop:checkout",
        client_id: None,
        scopes: vec![],
        roles: vec!["checkout"],
        actor: Actor::AppOnly,
    };
    assert_eq!(learned(&accept(&server, &pod).await), expected);
    assert_refused(
        &server,
        &pod,
        &[
            (
                "another namespace",
                |t| t.claim("kubernetes.io", json!({"namespace": "default"})),
                "policy.required",
            ),
            (
                "the namespace at the top",
                |t| t.without("kubernetes.io").claim("namespace", "shop"),
                "policy.required",
            ),
            (
                "the namespace as one name",
                |t| t.without("kubernetes.io").claim("kubernetes.io.namespace", "shop"),
                "policy.required",
            ),
            (
                "token for the cluster itself",
                |t| t.audiences(["https://kubernetes.default.svc"]),
                "policy.audience",
            ),
            (
                "token of a secret, which never expires",
                |t| {
                    t.claim("iss", "kubernetes/serviceaccount")
                        .without("aud")
                        .without("exp")
                        .without("kubernetes.io")
                },
                "policy.untrusted_issuer",
            ),
            (
                "account as a number",
                |t| {
                    let named = json!({"namespace": "shop", "serviceaccount": {"name": 5}});
                    t.claim("kubernetes.io", named)
                },
                "claims.malformed",
            ),
        ],
    )
    .await;
}

fn kubernetes_without_url() -> Issuer {
    Issuer::jwks("rke", "orders", "https://10.43.0.1/openid/v1/jwks")
        .require_claim_value(["kubernetes.io", "namespace"], "shop")
}

#[tokio::test]
async fn a_cluster_whose_issuer_is_no_url_is_known_by_its_keys() {
    let server = Documents::keys("https://10.43.0.1/openid/v1/jwks")
        .await
        .server(kubernetes_without_url())
        .await;
    let pod = service_account().await.claim("iss", "rke").algorithm(Algorithm::Es256);
    assert_eq!(accept(&server, &pod).await.issuer(), "rke");
    let elsewhere = pod.claim("kubernetes.io", json!({"namespace": "default"}));
    assert_eq!(refusal(&server, elsewhere).await, "policy.required");
    assert_eq!(refusal(&server, service_account().await).await, "policy.untrusted_issuer");
}

fn github_actions() -> Issuer {
    Issuer::discover("https://token.actions.githubusercontent.com", "https://orders.acme.example")
        .require_claim_value("repository_id", "74")
        .require_claim_value("ref", "refs/heads/main")
        .roles_from(["environment"])
        .actor_by(|_| Actor::AppOnly)
}

/// Everybody's workflows have this issuer, and choose their audience.
#[tokio::test]
async fn a_workflow_of_github_is_known_by_its_repository_and_branch() {
    let server = Documents::metadata(
        "https://token.actions.githubusercontent.com/.well-known/openid-configuration",
        "https://token.actions.githubusercontent.com",
        "https://token.actions.githubusercontent.com/.well-known/jwks",
    )
    .await
    .server(github_actions())
    .await;
    let job = token(json!({
        "jti": "4a576b35-ff09-41c5-af2c-ca62dd89b76a",
        "sub": "repo:acme/shop:environment:production",
        "environment": "production",
        "aud": "https://orders.acme.example",
        "ref": "refs/heads/main", "ref_type": "branch", "ref_protected": "true",
        "sha": "7f93a73b8273af5d35fcd70661704c1cadc57054",
        "repository": "acme/shop", "repository_id": "74", "repository_visibility": "private",
        "repository_owner": "acme", "repository_owner_id": "65",
        "actor": "octocat", "actor_id": "12",
        "run_id": "16058423", "run_number": "10", "run_attempt": "2",
        "runner_environment": "github-hosted",
        "event_name": "workflow_dispatch", "head_ref": "", "base_ref": "",
        "workflow": "deploy",
        "job_workflow_ref": "acme/shop/.github/workflows/deploy.yml@refs/heads/main",
        "iss": "https://token.actions.githubusercontent.com",
        "nbf": NOW - 600, "exp": NOW + 300, "iat": NOW,
    }))
    .await
    .header("typ", "JWT")
    .header("x5t", "eBZ_cn3sXYAd0ch4THBKHIgOwOE");
    let expected = Learned {
        subject: "repo:acme/shop:environment:production",
        client_id: None,
        scopes: vec![],
        roles: vec!["production"],
        actor: Actor::AppOnly,
    };
    assert_eq!(learned(&accept(&server, &job).await), expected);
    assert_refused(
        &server,
        &job,
        &[
            (
                "a repository that was registered anew under the name",
                |t| t.claim("repository_id", "75"),
                "policy.required",
            ),
            ("a longer ID", |t| t.claim("repository_id", "741"), "policy.required"),
            ("a number", |t| t.claim("repository_id", 74), "policy.required"),
            ("repositories", |t| t.claim("repository_id", json!(["74"])), "policy.required"),
            ("no repository", |t| t.without("repository_id"), "policy.required"),
            ("a pull request", |t| t.claim("ref", "refs/pull/27/merge"), "policy.required"),
            ("audience by default", |t| t.audience("https://github.com/acme"), "policy.audience"),
            (
                "an enterprise's own issuer",
                |t| t.claim("iss", "https://token.actions.githubusercontent.com/acme"),
                "policy.untrusted_issuer",
            ),
        ],
    )
    .await;
}

fn gitlab_ci() -> Issuer {
    Issuer::discover("https://gitlab.com", "https://orders.acme.example")
        .require_claim_value("project_id", "20")
        .require_claim_value("ref_protected", "true")
        .roles_from(["environment"])
        .actor_by(|_| Actor::AppOnly)
}

#[tokio::test]
async fn a_job_of_gitlab_is_known_by_its_project_and_protected_branch() {
    let server = Documents::metadata(
        "https://gitlab.com/.well-known/openid-configuration",
        "https://gitlab.com",
        "https://gitlab.com/oauth/discovery/keys",
    )
    .await
    .server(gitlab_ci())
    .await;
    let job = token(json!({
        "namespace_id": "72", "namespace_path": "acme",
        "project_id": "20", "project_path": "acme/shop",
        "user_id": "1", "user_login": "jane", "user_email": "jane@acme.example",
        "user_access_level": "developer",
        "pipeline_id": "574", "pipeline_source": "push", "job_id": "302",
        "ref": "main", "ref_type": "branch", "ref_path": "refs/heads/main",
        "ref_protected": "true",
        "groups_direct": ["acme"],
        "environment": "production", "environment_protected": "true",
        "runner_id": 1, "runner_environment": "gitlab-hosted",
        "sha": "714a629c0b401fdce83e847fc9589983fc6f46bc",
        "ci_config_ref_uri": "gitlab.com/acme/shop//.gitlab-ci.yml@refs/heads/main",
        "project_visibility": "private",
        "jti": "235b3a54-b797-45c7-ae9a-f72d7bc6ef5b",
        "iat": NOW, "nbf": NOW - 5, "exp": NOW + 3600,
        "iss": "https://gitlab.com",
        "sub": "project_path:acme/shop:ref_type:branch:ref:main",
        "aud": "https://orders.acme.example",
    }))
    .await
    .header("typ", "JWT");
    let expected = Learned {
        subject: "project_path:acme/shop:ref_type:branch:ref:main",
        client_id: None,
        scopes: vec![],
        roles: vec!["production"],
        actor: Actor::AppOnly,
    };
    assert_eq!(learned(&accept(&server, &job).await), expected);
    accept(&server, &job.clone().audiences(["https://a.example", "https://orders.acme.example"]))
        .await;
    assert_refused(
        &server,
        &job,
        &[
            (
                "a project that was registered anew under the path",
                |t| t.claim("project_id", "21"),
                "policy.required",
            ),
            (
                "a fork",
                |t| t.claim("project_path", "jane/shop").claim("project_id", "22"),
                "policy.required",
            ),
            ("a branch of anybody's", |t| t.claim("ref_protected", "false"), "policy.required"),
            ("another service", |t| t.audience("https://vault.acme.example"), "policy.audience"),
            (
                "ID token of a user",
                |t| t.without("project_id").audience("2d4d11a2f81446a7"),
                "policy.audience",
            ),
            (
                "another GitLab",
                |t| t.claim("iss", "https://gitlab.acme.example"),
                "policy.untrusted_issuer",
            ),
        ],
    )
    .await;
}
