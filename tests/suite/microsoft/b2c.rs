//! Tenants of Azure AD B2C: their names, their policies, and a key set for each policy.

use std::{future::Future, pin::Pin};

use doorward::{
    ConfigError, ResourceServer,
    errors::FetchError,
    presets::{B2c, Cloud},
    remote::{Document, Fetch, FetchRequest},
};
use serde_json::{Value, json};

use super::{API, CLIENT, Documents, NOW, OTHER_TENANT as TENANT, key, sign, trusting, with};
use crate::support::{chain, code};

const SIGN_IN: &str = "B2C_1_SignIn";
const EDIT: &str = "B2C_1_Edit";

fn name(domain: &str) -> String {
    format!("https://{domain}/{TENANT}/v2.0/")
}

fn issuer() -> B2c {
    B2c::tenant("contoso", TENANT).client_id(API).policies([SIGN_IN, EDIT])
}

/// Metadata and keys of each policy, where B2C has them; the policy's name is the ID of its key.
#[derive(Debug)]
struct Policies {
    domain: &'static str,
    key: Value,
}

impl Policies {
    async fn at(domain: &'static str) -> Self {
        Self { domain, key: key(json!({})).await }
    }

    fn document(&self, url: &str) -> Option<Value> {
        let path = url.strip_prefix("https://")?.strip_prefix(self.domain)?;
        let mut parts = path.split('/').skip(2);
        let policy = parts.next().filter(|policy| [SIGN_IN, EDIT].contains(policy))?;
        match parts.collect::<Vec<_>>().as_slice() {
            ["v2.0", ".well-known", "openid-configuration"] => Some(json!({
                "issuer": name(self.domain),
                "jwks_uri": url.replace("v2.0/.well-known/openid-configuration", "discovery/v2.0/keys"),
            })),
            ["discovery", "v2.0", "keys"] => {
                Some(json!({ "keys": [with(self.key.clone(), json!({ "kid": policy }))] }))
            }
            _ => None,
        }
    }
}

impl Fetch for Policies {
    fn fetch<'f>(
        &'f self,
        request: FetchRequest<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        let document = self.document(request.url()).map(|json| Document::new(json.to_string()));
        Box::pin(std::future::ready(document.ok_or(FetchError::Status(404))))
    }
}

async fn server(issuer: B2c, domain: &'static str) -> ResourceServer {
    trusting(issuer, Documents::default(), NOW)
        .fetcher(Policies::at(domain).await)
        .build()
        .await
        .unwrap()
}

fn claims(domain: &str) -> Value {
    json!({
        "iss": name(domain), "exp": NOW + 3600, "nbf": NOW, "iat": NOW, "aud": API,
        "oid": "1558f87f-452b-4757-bcd1-883000000000", "sub": "1558f87f-452b-4757-bcd1-883000000000",
        "name": "David", "tfp": SIGN_IN, "scp": "read", "azp": CLIENT, "ver": "1.0",
    })
}

async fn token(kid: &str, claims: &Value) -> String {
    sign(&json!({ "typ": "JWT", "alg": "RS256", "kid": kid }), claims).await
}

const GLOBAL: &str = "contoso.b2clogin.com";

#[tokio::test]
async fn tokens_are_accepted_under_each_name_of_the_issuer() {
    for (issuer, domain) in [
        (issuer(), GLOBAL),
        (issuer().cloud(Cloud::China), "contoso.b2clogin.cn"),
        (issuer().custom_domain("id.contoso.com"), "id.contoso.com"),
    ] {
        let server = server(issuer, domain).await;
        assert_eq!(code(&server, &token(SIGN_IN, &claims(domain)).await).await, "accepted");
        for policy in [SIGN_IN.to_owned(), SIGN_IN.to_lowercase()] {
            let named = format!("https://{domain}/tfp/{TENANT}/{policy}/v2.0/");
            let claims = with(claims(domain), json!({ "iss": named }));
            assert_eq!(code(&server, &token(SIGN_IN, &claims).await).await, "accepted");
        }
    }
}

#[tokio::test]
async fn the_policy_is_that_of_tfp_or_acr_in_whatever_case_and_must_be_allowed() {
    let server = server(issuer(), GLOBAL).await;
    for (policy, expected) in [
        (json!({ "tfp": SIGN_IN.to_lowercase() }), "accepted"),
        (json!({ "tfp": null, "acr": SIGN_IN.to_lowercase() }), "accepted"),
        (json!({ "acr": "B2C_1_Other" }), "accepted"),
        (json!({ "tfp": "B2C_1_Other" }), "policy.user_flow"),
        (json!({ "tfp": "B2C_1_Other", "acr": SIGN_IN }), "policy.user_flow"),
        (json!({ "tfp": "" }), "policy.user_flow"),
        (json!({ "tfp": null }), "policy.user_flow"),
        (json!({ "tfp": null, "acr": "1" }), "policy.user_flow"),
        (json!({ "tfp": [SIGN_IN] }), "claims.malformed"),
    ] {
        let token = token(SIGN_IN, &with(claims(GLOBAL), policy.clone())).await;
        assert_eq!(code(&server, &token).await, expected, "{policy}");
    }
}

#[tokio::test]
async fn a_key_verifies_the_tokens_of_its_own_policy_alone() {
    let server = server(issuer(), GLOBAL).await;
    for (kid, policy, expected) in [
        (SIGN_IN, SIGN_IN, "accepted"),
        (EDIT, EDIT, "accepted"),
        (EDIT, SIGN_IN, "key.unknown"),
        (SIGN_IN, EDIT, "key.unknown"),
    ] {
        let token = token(kid, &with(claims(GLOBAL), json!({ "tfp": policy }))).await;
        assert_eq!(code(&server, &token).await, expected, "key of {kid} for {policy}");
    }
    let named = format!("https://{GLOBAL}/tfp/{TENANT}/{EDIT}/v2.0/");
    let mixed = with(claims(GLOBAL), json!({ "iss": named, "tfp": SIGN_IN }));
    assert_eq!(code(&server, &token(SIGN_IN, &mixed).await).await, "policy.user_flow");
}

#[tokio::test]
async fn what_is_not_of_this_tenant_and_api_is_refused() {
    let server = server(issuer().app_id_uri("https://contoso.onmicrosoft.com/api"), GLOBAL).await;
    for (changes, expected) in [
        (json!({ "tid": TENANT }), "accepted"),
        (json!({ "tid": super::TENANT }), "policy.tenant_mismatch"),
        (json!({ "iss": name("fabrikam.b2clogin.com") }), "policy.untrusted_issuer"),
        (json!({ "iss": name("contoso.b2clogin.cn") }), "policy.untrusted_issuer"),
        (json!({ "iss": name("contoso.b2clogin.com.evil.example") }), "policy.untrusted_issuer"),
        (json!({ "iss": name(GLOBAL).trim_end_matches('/') }), "policy.untrusted_issuer"),
        (json!({ "aud": CLIENT }), "policy.audience"),
        (json!({ "aud": "https://contoso.onmicrosoft.com/api" }), "policy.audience"),
        (json!({ "azp": null }), "policy.id_token"),
        (json!({ "at_hash": "x" }), "policy.id_token"),
        (json!({ "sub": "Not supported currently. Use oid claim." }), "policy.legacy_subject"),
    ] {
        let token = token(SIGN_IN, &with(claims(GLOBAL), changes.clone())).await;
        assert_eq!(code(&server, &token).await, expected, "{changes}");
    }
}

#[tokio::test]
async fn the_id_token_of_a_client_that_shares_the_apis_registration_is_refused() {
    let server = server(issuer(), GLOBAL).await;
    let id_token = with(
        claims(GLOBAL),
        json!({ "azp": null, "scp": null, "nonce": "n", "auth_time": NOW, "aud": API }),
    );
    assert_eq!(code(&server, &token(SIGN_IN, &id_token).await).await, "policy.id_token");
    // The scope that is the client's own ID yields an access token, whose client is the API.
    let own = with(claims(GLOBAL), json!({ "azp": API, "scp": null }));
    assert_eq!(code(&server, &token(SIGN_IN, &own).await).await, "accepted");
}

#[tokio::test]
async fn metadata_of_each_policy_may_be_elsewhere() {
    let there = issuer().metadata_url(format!(
        "https://{GLOBAL}/contoso.onmicrosoft.com/{{policy}}/v2.0/.well-known/openid-configuration"
    ));
    let server = server(there, GLOBAL).await;
    for policy in [SIGN_IN, EDIT] {
        let token = token(policy, &with(claims(GLOBAL), json!({ "tfp": policy }))).await;
        assert_eq!(code(&server, &token).await, "accepted", "{policy}");
    }
}

#[tokio::test]
async fn a_policy_that_does_not_exist_is_told_when_the_server_is_built() {
    let issuer = B2c::tenant("contoso", TENANT).client_id(API).policies([SIGN_IN, "B2C_1_Singin"]);
    let refused = trusting(issuer, Documents::default(), NOW)
        .fetcher(Policies::at(GLOBAL).await)
        .build()
        .await;
    let message = chain(&refused.unwrap_err());
    assert!(message.contains("(B2C_1_Singin)") && message.contains("404"), "{message}");
}

#[tokio::test]
async fn parts_that_cannot_be_meant_are_refused_when_the_server_is_built() {
    let none: [&str; 0] = [];
    let tenant = |name: &str, id: &str, client_id: &str| {
        B2c::tenant(name, id).client_id(client_id).policies([SIGN_IN])
    };
    for (issuer, part, value) in [
        (
            issuer().custom_domain("https://id.contoso.com"),
            "custom domain",
            "https://id.contoso.com",
        ),
        (issuer().custom_domain("id.contoso.com/x"), "custom domain", "id.contoso.com/x"),
        (issuer().custom_domain(""), "custom domain", ""),
        (B2c::tenant("contoso", TENANT).client_id(API).policies(none), "policy", ""),
        (B2c::tenant("contoso", TENANT).client_id(API).policies(["a/b"]), "policy", "a/b"),
        (tenant("contoso.onmicrosoft.com", TENANT, API), "tenant name", "contoso.onmicrosoft.com"),
        (tenant(TENANT, "contoso", API), "tenant name", TENANT),
        (tenant("contoso", "contoso", API), "tenant ID", "contoso"),
        (tenant("contoso", TENANT, ""), "client ID", ""),
    ] {
        let refused = trusting(issuer, Documents::default(), NOW).lazy().build().await.unwrap_err();
        let ConfigError::Part { part: seen_part, value: seen_value, .. } = &refused else {
            panic!("{refused}");
        };
        assert_eq!((*seen_part, seen_value.as_str()), (part, value), "{refused}");
    }
    let china = issuer().cloud(Cloud::China).custom_domain("id.contoso.cn");
    let refused = trusting(china, Documents::default(), NOW).lazy().build().await.unwrap_err();
    assert_eq!(refused, ConfigError::CustomDomainInChina);
}

/// The policies publish one key under different key IDs.
#[tokio::test]
async fn a_key_forgotten_by_the_name_of_one_policy_is_forgotten_for_all() {
    let domain = "contoso.b2clogin.com";
    let titles = [format!("{} ({SIGN_IN})", name(domain)), format!("{} ({EDIT})", name(domain))];
    for title in titles {
        let server = server(issuer(), domain).await;
        let mut tokens = Vec::new();
        for policy in [SIGN_IN, EDIT] {
            let header = json!({ "typ": "JWT", "alg": "RS256", "kid": policy });
            let changes = json!({ "iss": name(domain), "tfp": policy, "tid": null });
            tokens.push(sign(&header, &with(super::v2_claims(TENANT), changes)).await);
        }
        for token in &tokens {
            assert_eq!(code(&server, token).await, "accepted");
        }
        server.forget_key(&title, SIGN_IN).unwrap();
        for token in &tokens {
            assert_eq!(code(&server, token).await, "key.forgotten", "by {title}");
        }
    }
}
