//! External tenants of Entra (CIAM): the metadata is under the tenant's name, the issuer under its
//! GUID.

use doorward::{ResourceServer, presets::ExternalId, tokens::Actor};
use serde_json::{Value, json};

use super::{
    API, Documents, NOW, OTHER_TENANT, TENANT, key, trusting, v2_claims, v2_name, v2_token, with,
};
use crate::support::code;

async fn server() -> ResourceServer {
    let metadata =
        format!("https://contoso.ciamlogin.com/{TENANT}/v2.0/.well-known/openid-configuration");
    let keys = json!([key(json!({ "kid": "k1" })).await]);
    let documents = Documents::of(&metadata, &name(TENANT), keys);
    trusting(ExternalId::tenant("contoso", TENANT).client_id(API), documents, NOW)
        .build()
        .await
        .unwrap()
}

fn name(tenant: &str) -> String {
    format!("https://{tenant}.ciamlogin.com/{tenant}/v2.0")
}

fn claims() -> Value {
    with(v2_claims(TENANT), json!({ "iss": name(TENANT) }))
}

#[tokio::test]
async fn tokens_of_the_tenant_are_accepted_and_say_who_acts() {
    let server = server().await;
    let field = format!("Bearer {}", v2_token(&claims()).await);
    let token = server.authenticate([field.as_bytes()]).await.unwrap();
    assert_eq!(token.actor(), Actor::Delegated);
    assert_eq!(token.tenant_id(), Some(TENANT));
}

#[tokio::test]
async fn tokens_under_any_other_name_are_refused() {
    let server = server().await;
    for (changes, expected) in [
        (json!({ "iss": v2_name(TENANT) }), "policy.untrusted_issuer"),
        (json!({ "iss": name(OTHER_TENANT) }), "policy.untrusted_issuer"),
        (
            json!({ "iss": format!("https://contoso.ciamlogin.com/{TENANT}/v2.0") }),
            "policy.untrusted_issuer",
        ),
        (json!({ "tid": OTHER_TENANT }), "policy.tenant_mismatch"),
        (json!({ "tid": null }), "policy.missing"),
        (json!({ "azp": null }), "policy.id_token"),
        (json!({ "aud": "api://elsewhere" }), "policy.audience"),
    ] {
        let token = v2_token(&with(claims(), changes.clone())).await;
        assert_eq!(code(&server, &token).await, expected, "{changes}");
    }
}
