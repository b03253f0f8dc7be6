use std::time::{Duration, SystemTime, UNIX_EPOCH};

use doorward_issuer::{Algorithm, DevIssuer};
use serde_json::{Value, json};

use crate::wire::{claims, header, quick_issuer};

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

fn number(claims: &Value, name: &str) -> i64 {
    claims[name].as_i64().unwrap()
}

#[tokio::test]
async fn default_token_has_the_claims_of_rfc_9068() {
    let issuer = quick_issuer().await;
    let before = now();
    let token = issuer.mint().sign().unwrap();
    let key = &issuer.jwks()["keys"][0];
    assert_eq!(header(&token), json!({ "alg": "ES256", "kid": key["kid"], "typ": "at+jwt" }));

    let mut claims = claims(&token);
    let issued_at = number(&claims, "iat");
    assert!((before..=now()).contains(&issued_at));
    let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(jti.as_str().unwrap().len(), 22);
    assert_eq!(
        claims,
        json!({
            "iss": issuer.url(),
            "sub": "dev-user",
            "aud": "api://orders",
            "client_id": "dev-client",
            "iat": issued_at,
            "exp": issued_at + 3600,
        })
    );
}

#[tokio::test]
async fn every_token_has_an_id_of_its_own() {
    let issuer = quick_issuer().await;
    let mint = issuer.mint();
    let ids =
        [mint.clone().sign().unwrap(), mint.sign().unwrap()].map(|t| claims(&t)["jti"].clone());
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn named_claims_are_set() {
    let issuer = quick_issuer().await;
    let token = issuer
        .mint()
        .subject("u1")
        .client_id("c1")
        .audience("api://billing")
        .scope("orders.read orders.write")
        .roles(["Orders.Admin"])
        .sign()
        .unwrap();
    let claims = claims(&token);
    assert_eq!(claims["sub"], "u1");
    assert_eq!(claims["client_id"], "c1");
    assert_eq!(claims["aud"], "api://billing");
    assert_eq!(claims["scope"], "orders.read orders.write");
    assert_eq!(claims["roles"], json!(["Orders.Admin"]));
}

#[tokio::test]
async fn several_audiences_are_an_array_even_of_one() {
    let issuer = quick_issuer().await;
    let audience = |audiences: &[&str]| {
        claims(&issuer.mint().audiences(audiences.iter().copied()).sign().unwrap())["aud"].clone()
    };
    assert_eq!(audience(&["a", "b"]), json!(["a", "b"]));
    assert_eq!(audience(&["a"]), json!(["a"]));
    assert_eq!(audience(&[]), json!([]));
}

#[tokio::test]
async fn any_claim_can_have_any_value() {
    let issuer = quick_issuer().await;
    let token = issuer.mint().claim("exp", "soon").claim("nested", json!({ "a": [1] })).sign();
    let claims = claims(&token.unwrap());
    assert_eq!(claims["exp"], "soon");
    assert_eq!(claims["nested"], json!({ "a": [1] }));
}

#[tokio::test]
async fn claims_that_are_unwanted_are_left_out() {
    let issuer = quick_issuer().await;
    let mut mint = issuer.mint();
    for name in ["iss", "sub", "aud", "client_id", "iat", "exp", "jti"] {
        mint = mint.without(name);
    }
    assert_eq!(claims(&mint.sign().unwrap()), json!({}));
}

#[tokio::test]
async fn header_members_are_set_and_left_out() {
    let issuer = quick_issuer().await;
    let token = issuer
        .mint()
        .header("typ", "JWT")
        .header("crit", json!(["b64"]))
        .without_header("kid")
        .sign()
        .unwrap();
    assert_eq!(header(&token), json!({ "alg": "ES256", "typ": "JWT", "crit": ["b64"] }));
}

#[tokio::test]
async fn later_call_wins_over_an_earlier_one() {
    let issuer = quick_issuer().await;
    let token = issuer.mint().without("sub").subject("u1").audience("a").without("aud").sign();
    let claims = claims(&token.unwrap());
    assert_eq!(claims["sub"], "u1");
    assert_eq!(claims.get("aud"), None);
    let token = issuer.mint().without("exp").issued_at(5).lifetime(Duration::from_secs(1)).sign();
    assert_eq!(number(&self::claims(&token.unwrap()), "exp"), 6);
}

#[tokio::test]
async fn lifetime_sets_exp() {
    let issuer = quick_issuer().await;
    let claims = claims(&issuer.mint().lifetime(Duration::from_secs(90)).sign().unwrap());
    assert_eq!(number(&claims, "exp"), number(&claims, "iat") + 90);
}

#[tokio::test]
async fn issued_at_sets_iat() {
    let issuer = quick_issuer().await;
    for time in [-5, 0, 1_700_000_000] {
        let claims = claims(&issuer.mint().issued_at(time).sign().unwrap());
        assert_eq!((number(&claims, "iat"), number(&claims, "exp")), (time, time + 3600));
    }
}

#[tokio::test]
async fn times_beyond_the_calendar_saturate() {
    let issuer = quick_issuer().await;
    let claims = claims(&issuer.mint().issued_at(5).lifetime(Duration::MAX).sign().unwrap());
    assert_eq!(number(&claims, "exp"), i64::MAX);
}

#[tokio::test]
async fn expired_token_expired_an_hour_ago_and_was_issued_before() {
    let issuer = quick_issuer().await;
    let before = now();
    let claims = claims(&issuer.mint().expired().lifetime(Duration::from_secs(60)).sign().unwrap());
    assert!((before - 3600..=now() - 3600).contains(&number(&claims, "exp")));
    assert_eq!(number(&claims, "iat"), number(&claims, "exp") - 60);
}

#[tokio::test]
async fn first_algorithm_of_the_issuer_signs_by_default() {
    let algorithms = [Algorithm::EdDsa, Algorithm::Es256];
    let issuer = DevIssuer::builder().algorithms(algorithms).start().await.unwrap();
    assert_eq!(header(&issuer.mint().sign().unwrap())["alg"], "EdDSA");
}
