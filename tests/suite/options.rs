//! What can be set of an issuer, each setting by itself.

use std::time::Duration;

use doorward::{ConfigError, Issuer, ResourceServer, keys::FixedKeysIssuer, tokens::ClaimList};
use serde_json::json;

use crate::support::{
    AUDIENCE, NOW, TestClock, code, good_token, issuer, server_with, shared_keys, verdict,
};

#[tokio::test]
async fn typ_is_that_of_an_access_token_unless_set_otherwise() {
    let usual = server_with(|issuer| issuer).await;
    let strict = server_with(FixedKeysIssuer::require_at_jwt).await;
    let any = server_with(FixedKeysIssuer::danger_any_type).await;
    for (typ, expected) in [
        ("at+jwt", [true, true, true]),
        ("application/at+jwt", [true, true, true]),
        ("JWT", [true, false, true]),
        ("logout+jwt", [false, false, true]),
        ("", [false, false, true]),
    ] {
        let token = good_token().await.header("typ", typ).sign().unwrap();
        for (server, accepted) in [&usual, &strict, &any].into_iter().zip(expected) {
            let expected = if accepted { "accepted" } else { "policy.token_type" };
            assert_eq!(code(server, &token).await, expected, "{typ}");
        }
    }
    let absent = good_token().await.without_header("typ").sign().unwrap();
    assert_eq!(code(&usual, &absent).await, "accepted");
    assert_eq!(code(&strict, &absent).await, "policy.token_type");
}

#[tokio::test]
async fn typ_may_be_one_of_a_list() {
    let listed = server_with(|issuer| issuer.token_types(["Application/x-at+jwt", "JWT"])).await;
    for (typ, expected) in [
        ("x-at+jwt", "accepted"),
        ("application/X-AT+JWT", "accepted"),
        ("JWT", "accepted"),
        ("at+jwt", "policy.token_type"),
        ("x-at+jwt2", "policy.token_type"),
        ("application/application/x-at+jwt", "policy.token_type"),
        ("", "policy.token_type"),
    ] {
        let token = good_token().await.header("typ", typ).sign().unwrap();
        assert_eq!(code(&listed, &token).await, expected, "{typ}");
    }
    let absent = good_token().await.without_header("typ").sign().unwrap();
    assert_eq!(code(&listed, &absent).await, "policy.token_type");
}

#[tokio::test]
async fn a_list_of_types_that_no_token_could_have_is_refused_when_the_server_is_built() {
    let nothing: [&str; 0] = [];
    let base = Issuer::fixed_keys("https://a.example", AUDIENCE, shared_keys().await);
    for types in [&nothing[..], &[" "], &["JWT", "application/"]] {
        let issuer = base.clone().token_types(types);
        let refused = ResourceServer::builder().trust(issuer).build().await.unwrap_err();
        assert_eq!(refused, ConfigError::NoTokenTypes { issuer: "https://a.example".to_owned() });
    }
}

#[tokio::test]
async fn the_subject_is_the_first_of_the_listed_claims_that_the_token_has() {
    let usual = server_with(|issuer| issuer).await;
    let server = server_with(|issuer| issuer.subject_from(["sub", "client_id"])).await;
    let app = good_token().await.without("sub").client_id("nightly");
    let (user, app_token) = (good_token().await.sign().unwrap(), app.clone().sign().unwrap());
    assert_eq!(verdict(&usual, &app_token).await.unwrap_err().code(), "policy.missing");
    assert_eq!(verdict(&server, &app_token).await, Ok("nightly".to_owned()));
    assert_eq!(verdict(&server, &user).await, Ok("u1".to_owned()));
    for (broken, expected) in [
        (app.clone().without("client_id"), "policy.missing"),
        (app.clone().claim("sub", ""), "claims.malformed"),
        (app.clone().claim("sub", json!(null)), "claims.malformed"),
        (app.clone().claim("client_id", ""), "claims.malformed"),
        (app.claim("client_id", json!(["nightly"])), "claims.malformed"),
    ] {
        assert_eq!(code(&server, &broken.sign().unwrap()).await, expected);
    }
    let nested = server_with(|issuer| issuer.subject_from([["ext", "user"]])).await;
    let token = good_token().await.claim("ext", json!({ "user": "jane" })).sign().unwrap();
    assert_eq!(verdict(&nested, &token).await, Ok("jane".to_owned()), "`sub` is not listed");
}

#[tokio::test]
async fn a_token_may_be_as_old_as_is_set_and_the_leeway_and_no_older() {
    let name = issuer().await.issuer();
    let clock = TestClock::at(NOW + 3660);
    let server = ResourceServer::builder()
        .trust(Issuer::fixed_keys(name, AUDIENCE, shared_keys().await))
        .max_token_age(Duration::from_secs(3600))
        .clock(clock.clone())
        .build()
        .await
        .unwrap();
    let token = good_token().await.lifetime(Duration::from_secs(86400));
    let signed = token.clone().sign().unwrap();
    assert_eq!(code(&server, &signed).await, "accepted");
    clock.advance(Duration::from_secs(1));
    let refused = verdict(&server, &signed).await.unwrap_err();
    assert_eq!(refused.code(), "policy.too_old", "although it was verified before");
    let reason = "the token is 3661 s old; at most 3600 s are accepted (`.max_token_age(…)`)";
    assert_eq!(refused.to_string(), reason);
    let undated = token.without("iat").sign().unwrap();
    assert_eq!(code(&server, &undated).await, "policy.too_old");
}

#[tokio::test]
async fn a_claim_that_is_required_must_be_there_and_say_exactly_what_it_must() {
    let server = server_with(|issuer| {
        issuer.require_claim("org").require_claim_value(["app", "use"], "access")
    })
    .await;
    let token = good_token().await.claim("org", json!(null)).claim("app", json!({"use": "access"}));
    assert_eq!(code(&server, &token.clone().sign().unwrap()).await, "accepted");
    for broken in [
        token.clone().without("org"),
        token.clone().without("app"),
        token.clone().claim("app", json!({})),
        token.clone().claim("app", json!({"use": "id"})),
        token.clone().claim("app", json!({"use": ["access"]})),
        token.clone().claim("app", json!({"use": "access "})),
        token.clone().claim("app", json!("access")),
        token.clone().claim("app", json!({"use": true})),
        token.clone().claim("app.use", json!("access")).without("app"),
    ] {
        assert_eq!(code(&server, &broken.sign().unwrap()).await, "policy.required");
    }
}

#[tokio::test]
async fn what_is_required_of_a_claim_may_be_a_number_or_a_flag() {
    let server = server_with(|issuer| {
        issuer.require_claim_value("verified", true).require_claim_value("level", 2)
    })
    .await;
    let token = good_token().await.claim("verified", true).claim("level", 2);
    assert_eq!(code(&server, &token.clone().sign().unwrap()).await, "accepted");
    for broken in [
        token.clone().claim("verified", "true"),
        token.clone().claim("verified", false),
        token.clone().claim("level", "2"),
        token.clone().claim("level", 3),
    ] {
        assert_eq!(code(&server, &broken.sign().unwrap()).await, "policy.required");
    }
}

#[tokio::test]
async fn a_claim_may_stand_in_the_place_of_the_audience() {
    let server = server_with(|issuer| issuer.audience_claim(["for", "api"])).await;
    let token = good_token().await.without("aud");
    for (named, expected) in [
        (json!({ "api": AUDIENCE }), "accepted"),
        (json!({ "api": ["x", AUDIENCE] }), "accepted"),
        (json!({ "api": "x" }), "policy.audience"),
        (json!({ "api": [] }), "policy.audience"),
        (json!({ "api": 1 }), "claims.malformed"),
        (json!({}), "policy.required"),
    ] {
        let token = token.clone().claim("for", named.clone()).sign().unwrap();
        assert_eq!(code(&server, &token).await, expected, "{named}");
    }
    let by_aud = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &by_aud).await, "policy.required", "`aud` counts for nothing then");
}

#[tokio::test]
async fn an_issuer_may_have_further_names() {
    let server = server_with(|issuer| issuer.also_named("short")).await;
    for (name, expected) in [
        ("short", "accepted"),
        (issuer().await.issuer(), "accepted"),
        ("short/", "policy.untrusted_issuer"),
    ] {
        let token = good_token().await.claim("iss", name).sign().unwrap();
        assert_eq!(code(&server, &token).await, expected, "{name}");
    }
}

#[tokio::test]
async fn scopes_come_from_the_first_list_that_is_there_and_roles_from_all() {
    let server = server_with(|issuer| {
        issuer
            .scopes_from([ClaimList::at(["a", "scopes"]), ClaimList::at("scp")])
            .roles_from([ClaimList::names_of("projects"), ClaimList::separated_by("list", ',')])
    })
    .await;
    let token = good_token()
        .await
        .scope("ignored")
        .roles(["ignored"])
        .claim("scp", "second")
        .claim("projects", json!({ "p1": {}, "p2": null }))
        .claim("list", "l1, l2");
    let granted = async |token: doorward_issuer::Mint| {
        let field = format!("Bearer {}", token.sign().unwrap());
        let token = server.authenticate([field.as_bytes()]).await.unwrap();
        let scopes: Vec<_> = token.scopes().iter().map(str::to_owned).collect();
        let roles: Vec<_> = token.roles().map(str::to_owned).collect();
        (scopes.join(" "), roles.join(" "))
    };
    let roles = "p1 p2 l1 l2".to_owned();
    assert_eq!(granted(token.clone()).await, ("second".to_owned(), roles.clone()));
    let first = token.claim("a", json!({ "scopes": ["x", "y"] }));
    assert_eq!(granted(first.clone()).await, ("x y".to_owned(), roles));
    let fewer = first.without("list");
    assert_eq!(granted(fewer.clone()).await.1, "p1 p2");
    assert_eq!(granted(fewer.without("projects")).await.1, "");
}

#[tokio::test]
async fn a_claim_without_a_name_is_refused_when_the_server_is_built() {
    let base = Issuer::fixed_keys("https://a.example", AUDIENCE, shared_keys().await);
    let nothing: [&str; 0] = [];
    for blank in [
        base.clone().scopes_from([""]),
        base.clone().roles_from([ClaimList::at(["a", " "])]),
        base.clone().require_claim(nothing),
        base.clone().audience_claim(""),
        base.clone().app_id_uri("/"),
        base.clone().subject_from(["sub", " "]),
        base.clone().subject_from(nothing),
    ] {
        let refused = ResourceServer::builder().trust(blank).build().await.unwrap_err();
        assert_eq!(refused, ConfigError::BlankClaim { issuer: "https://a.example".to_owned() });
    }
}
