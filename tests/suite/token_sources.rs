//! Where a server takes tokens from besides `Authorization`, cookies and bare fields.

use doorward::{ResourceServer, adapter::Access, rules::authenticated, tokens::TokenSource};

use crate::{
    adapters::{Asked, ask_all},
    support::{AUDIENCE, NOW, TestClock, good_token, issuer, shared_keys},
};

#[tokio::test]
async fn a_token_after_a_scheme_in_a_field_of_a_gateway_is_accepted() {
    let server = ResourceServer::builder()
        .trust(doorward::Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, shared_keys().await))
        .tokens_from([TokenSource::field_with_scheme("X-Auth", "Bearer")])
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap();
    let token = good_token().await.sign().unwrap();
    for (field, value, status, code) in [
        ("x-auth", format!("Bearer {token}"), 200, None),
        ("x-auth", format!("bearer  {token}"), 200, None),
        ("x-auth", token.clone(), 400, Some("credentials.malformed")),
        ("x-auth", format!("Token {token}"), 400, Some("credentials.malformed")),
        ("authorization", format!("Bearer {token}"), 401, Some("credentials.missing")),
    ] {
        let asked = Asked { fields: vec![(field, value.clone())], ..Asked::default() };
        let answer = ask_all(&server, &Access::Require(authenticated()), &asked).await;
        assert_eq!((answer.status, answer.code), (status, code), "{field}: {value}");
    }
}
