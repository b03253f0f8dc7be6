//! What an operator reads of a token that does not fit the configuration: both sides of the comparison.

use std::time::Duration;

use doorward::{Issuer, ResourceServer};

use crate::support::{
    AUDIENCE, NOW, TestClock, good_token, issuer, server, server_with, shared_keys, verdict,
};

async fn reason(server: &ResourceServer, token: doorward_issuer::Mint) -> String {
    verdict(server, &token.sign().unwrap()).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_wrong_audience_is_shown_with_those_that_are_accepted() {
    let server = server().await;
    let token = good_token().await.audience("api://billing");
    assert_eq!(
        reason(&server, token).await,
        r#"the token is for another API: its audience is "api://billing"; accepted: "api://orders""#
    );
    let token = good_token().await.audience("api://orders/");
    assert_eq!(
        reason(&server, token).await,
        r#"the token is for another API: its audience is "api://orders/"; accepted: "api://orders", which differs only by the slash at the end"#
    );
    let several = server_with(|issuer| issuer.audience("b").audience("c").audience("d")).await;
    assert_eq!(
        reason(&several, good_token().await.audience("x")).await,
        r#"the token is for another API: its audience is "x"; accepted: "api://orders", "b", "c" and more"#
    );
}

#[tokio::test]
async fn an_issuer_that_is_not_trusted_is_shown_with_those_that_are() {
    let server = ResourceServer::builder()
        .trust(Issuer::fixed_keys("https://a.example", AUDIENCE, shared_keys().await))
        .trust(Issuer::fixed_keys("https://b.example/", AUDIENCE, shared_keys().await))
        .build()
        .await
        .unwrap();
    for (seen, expected) in [
        (
            "https://evil.example",
            r#"the issuer "https://evil.example" is not trusted; trusted: "https://a.example", "https://b.example/""#,
        ),
        (
            "https://b.example",
            r#"the issuer "https://b.example" is not trusted; trusted: "https://b.example/", which differs only by the slash at the end"#,
        ),
        (
            "http://a.example",
            r#"the issuer "http://a.example" is not trusted; trusted: "https://a.example", which differs only by the scheme"#,
        ),
        (
            "https://A.example",
            r#"the issuer "https://A.example" is not trusted; trusted: "https://a.example", which differs only by case"#,
        ),
    ] {
        assert_eq!(reason(&server, good_token().await.claim("iss", seen)).await, expected);
    }
}

#[tokio::test]
async fn a_time_that_is_wrong_is_shown_by_how_many_seconds() {
    let server = server().await;
    let token = good_token().await;
    for (token, expected) in [
        (token.clone().claim("exp", NOW - 90), "the token expired 90 s ago; the leeway is 60 s"),
        (
            token.clone().claim("nbf", NOW + 90),
            "the token becomes valid in 90 s, beyond the leeway of 60 s",
        ),
        (
            token.clone().claim("iat", NOW + 90),
            "the token was issued 90 s in the future, beyond the leeway of 60 s: compare the issuer's clock with this host's",
        ),
    ] {
        assert_eq!(reason(&server, token).await, expected);
    }
    let strict = ResourceServer::builder()
        .trust(Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, shared_keys().await))
        .max_lifetime(Duration::from_secs(3600))
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap();
    assert_eq!(
        reason(&strict, token.clone().lifetime(Duration::from_secs(7200))).await,
        "the token is valid for 7200 s; at most 3600 s are accepted (`.max_lifetime(…)`)"
    );
    assert_eq!(
        reason(&strict, token.without("iat")).await,
        "the token is valid for an unknown time (no `iat`); at most 3600 s are accepted (`.max_lifetime(…)`)"
    );
}
