//! The tokens that Microsoft's documents print, with their header and claims word for word, signed
//! by a key of ours: "Refresh Tokens for Multiple Resources" (v1, for a user), "Service to Service
//! Calls Using Client Credentials" (v1, app-only), and "Request an access token in Azure Active
//! Directory B2C" in its editions for the global cloud and for China.
//!
//! The B2C editions cut some values short with `...`. Filled in here: the tenant after the
//! `profile_info` of the same document and with zeros, the audience after its `resource`, `oid`,
//! `sub` and `azp` with zeros, and the `kid` with nothing.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{
    AccessToken, Issuer, ResourceServer,
    adapter::Access,
    presets::{B2c, Cloud, Entra},
    rules::{RequestInfo, app_only, authenticated, client, delegated, role},
    scope,
    tokens::Actor,
};
use serde_json::{Value, json};

use super::{API, Documents, OTHER_TENANT, TENANT, entra_metadata, key, sign, trusting};
use crate::{
    adapters::{Asked, ask_all},
    support::code,
};

const SERVICE: &str = "https://service.contoso.com/";

/// One printed token, and the API that it is for.
struct Printed {
    header: Value,
    claims: Value,
    api: fn(&str) -> Issuer,
    /// What the API is registered as.
    audience: &'static str,
    documents: Documents,
}

impl Printed {
    async fn token(&self) -> String {
        sign(&self.header, &self.claims).await
    }

    fn expires(&self) -> u64 {
        self.claims["exp"].as_u64().unwrap()
    }

    async fn server(&self, audience: &str, now: u64) -> ResourceServer {
        trusting((self.api)(audience), self.documents.clone(), now).build().await.unwrap()
    }

    /// The token as it is verified half an hour before it expires.
    async fn verified(&self) -> AccessToken {
        let server = self.server(self.audience, self.expires() - 1800).await;
        let field = format!("Bearer {}", self.token().await);
        server.authenticate([field.as_bytes()]).await.unwrap()
    }
}

fn v1_api(audience: &str) -> Entra {
    Entra::tenant(TENANT).client_id(API).app_id_uri(audience)
}

async fn v1_documents(x5t: &str) -> Documents {
    let name = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let keys = json!([
        key(json!({ "kid": "another", "x5t": "another" })).await,
        key(json!({ "kid": x5t, "x5t": x5t })).await,
    ]);
    Documents::of(&entra_metadata(TENANT), &name, keys)
}

async fn v1_user() -> Printed {
    let x5t = "NGTFvdK-fythEuLwjpwAJOM9n-A";
    Printed {
        header: json!({ "typ": "JWT", "alg": "RS256", "x5t": x5t }),
        claims: json!({
            "aud": "https://service.contoso.com/",
            "iss": "https://sts.windows.net/7fe81447-da57-4385-becb-6de57f21477e/",
            "iat": 1388440863, "nbf": 1388440863, "exp": 1388444763, "ver": "1.0",
            "tid": "7fe81447-da57-4385-becb-6de57f21477e",
            "oid": "68389ae2-62fa-4b18-91fe-53dd109d74f5",
            "upn": "frankm@contoso.com", "unique_name": "frankm@contoso.com",
            "sub": "deNqIj9IOE9PWJWbHsftXt2EabPVl0Cj8QAmefRLV98",
            "family_name": "Miller", "given_name": "Frank",
            "appid": "2d4d11a2-f814-46a7-890a-274a72a7309e", "appidacr": "0",
            "scp": "user_impersonation", "acr": "1",
        }),
        api: |audience| v1_api(audience).into(),
        audience: SERVICE,
        documents: v1_documents(x5t).await,
    }
}

async fn v1_app() -> Printed {
    let x5t = "7dD-gecNgX1Zf7GLkOvpOB2dcVA";
    Printed {
        header: json!({ "alg": "RS256", "x5t": x5t, "typ": "JWT" }),
        claims: json!({
            "aud": "https://service.contoso.com/",
            "iss": "https://sts.windows.net/7fe81447-da57-4385-becb-6de57f21477e/",
            "iat": 1388448267, "nbf": 1388448267, "exp": 1388452167, "ver": "1.0",
            "tid": "7fe81447-da57-4385-becb-6de57f21477e",
            "oid": "a9919162-9217-49da-ae22-f1137c25cdea",
            "sub": "a9919162-9217-49da-ae22-f1137c25cdea",
            "idp": "https://sts.windows.net/7fe81447-da57-4385-becb-6de57f21477e/",
            "appid": "d17d15bc-c576-41e5-927f-db5f30dd58f1", "appidacr": "1",
        }),
        api: |audience| v1_api(audience).allow_apps_without_roles().into(),
        audience: SERVICE,
        documents: v1_documents(x5t).await,
    }
}

async fn b2c(cloud: Cloud) -> Printed {
    let (login, tenant, api): (_, _, fn(&str) -> Issuer) = match cloud {
        Cloud::China => ("b2clogin.cn", "contoso0926tenant.partner.onmschina.cn", |audience| {
            b2c_api(audience)
                .cloud(Cloud::China)
                .app_id_uri("https://contoso.partner.onmschina.cn/api")
                .into()
        }),
        _ => ("b2clogin.com", "contoso0926tenant.onmicrosoft.com", |audience| {
            b2c_api(audience).app_id_uri("https://contoso.onmicrosoft.com/api").into()
        }),
    };
    let issuer = format!("https://contoso0926tenant.{login}/{OTHER_TENANT}/v2.0/");
    let metadata = format!(
        "https://contoso0926tenant.{login}/{tenant}/B2C_1_signupsignin1/v2.0/.well-known/openid-configuration"
    );
    let kid = "X5eXk4xyojNFum1kl2Ytv8dl";
    let keys = json!([key(json!({ "kid": kid, "nbf": 1493763266 })).await]);
    Printed {
        header: json!({ "typ": "JWT", "alg": "RS256", "kid": kid }),
        claims: json!({
            "iss": issuer, "exp": 1549651031, "nbf": 1549647431, "aud": API,
            "oid": "1558f87f-452b-4757-bcd1-883000000000",
            "sub": "1558f87f-452b-4757-bcd1-883000000000",
            "name": "David", "tfp": "B2C_1_signupsignin1", "nonce": "anyRandomValue",
            "scp": "read", "azp": "38307aee-303c-4fff-8087-d8d200000000", "ver": "1.0",
            "iat": 1549647431,
        }),
        api,
        audience: API,
        documents: Documents::of(&metadata, &issuer, keys),
    }
}

fn b2c_api(audience: &str) -> B2c {
    B2c::tenant("contoso0926tenant", OTHER_TENANT)
        .client_id(audience)
        .policies(["B2C_1_signupsignin1"])
}

async fn all() -> [Printed; 4] {
    [v1_user().await, v1_app().await, b2c(Cloud::Global).await, b2c(Cloud::China).await]
}

#[tokio::test]
async fn every_printed_token_is_accepted_at_its_time() {
    for printed in all().await {
        let token = Asked::bearing(&printed.token().await);
        let begins = printed.claims["nbf"].as_u64().unwrap();
        for now in [begins, printed.expires() - 1, printed.expires() + 59] {
            let server = printed.server(printed.audience, now).await;
            let answer = ask_all(&server, &Access::Require(authenticated()), &token).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, subject(&printed.claims)));
        }
    }
}

fn subject(claims: &Value) -> &str {
    claims["sub"].as_str().unwrap()
}

#[tokio::test]
async fn every_printed_token_is_refused_61_seconds_after_it_expired() {
    for printed in all().await {
        let server = printed.server(printed.audience, printed.expires() + 61).await;
        let token = Asked::bearing(&printed.token().await);
        let answer = ask_all(&server, &Access::Require(authenticated()), &token).await;
        assert_eq!((answer.status, answer.code), (401, Some("policy.expired")));
    }
}

#[tokio::test]
async fn every_printed_token_is_refused_by_an_api_with_another_audience() {
    for printed in all().await {
        // An API of B2C is known by its client ID.
        let other = if printed.audience == API { TENANT } else { "https://service.fabrikam.com/" };
        let server = printed.server(other, printed.expires()).await;
        let token = Asked::bearing(&printed.token().await);
        let answer = ask_all(&server, &Access::Require(authenticated()), &token).await;
        assert_eq!((answer.status, answer.code), (401, Some("policy.audience")));
    }
}

#[tokio::test]
async fn a_thumbprint_stands_in_for_the_key_id_that_v1_leaves_out() {
    let printed = v1_user().await;
    let server = printed.server(SERVICE, printed.expires()).await;
    for (x5t, expected) in [
        ("NGTFvdK-fythEuLwjpwAJOM9n-A", "accepted"),
        ("NGTFvdK-fythEuLwjpwAJOM9n-A=", "accepted"),
        ("ngtfvdk-fythEuLwjpwAJOM9n-A", "key.unknown"),
        ("7dD-gecNgX1Zf7GLkOvpOB2dcVA", "key.unknown"),
    ] {
        let header = json!({ "typ": "JWT", "alg": "RS256", "x5t": x5t });
        let token = sign(&header, &printed.claims).await;
        assert_eq!(code(&server, &token).await, expected, "{x5t}");
    }
}

#[tokio::test]
async fn what_a_printed_token_says_is_there_to_be_read() {
    let user = v1_user().await.verified().await;
    assert_eq!(user.issuer(), "https://sts.windows.net/7fe81447-da57-4385-becb-6de57f21477e/");
    assert_eq!(user.subject(), "deNqIj9IOE9PWJWbHsftXt2EabPVl0Cj8QAmefRLV98");
    assert_eq!(user.tenant_id(), Some(TENANT));
    assert_eq!(user.object_id(), Some("68389ae2-62fa-4b18-91fe-53dd109d74f5"));
    assert_eq!(user.client_id(), Some("2d4d11a2-f814-46a7-890a-274a72a7309e"));
    assert_eq!(user.audience().collect::<Vec<_>>(), [SERVICE]);
    assert_eq!(user.scopes().iter().collect::<Vec<_>>(), ["user_impersonation"]);
    assert_eq!(user.expires_at().as_secs(), 1388444763);
    assert_eq!(user.issued_at().map(doorward::clock::UnixTime::as_secs), Some(1388440863));
    assert_eq!(user.not_before().map(doorward::clock::UnixTime::as_secs), Some(1388440863));
    for (claim, value) in [
        ("upn", "frankm@contoso.com"),
        ("unique_name", "frankm@contoso.com"),
        ("family_name", "Miller"),
        ("given_name", "Frank"),
        ("appidacr", "0"),
        ("acr", "1"),
        ("ver", "1.0"),
    ] {
        assert_eq!(user.claim::<String>(claim).as_deref(), Some(value), "{claim}");
    }
    let app = v1_app().await.verified().await;
    let home: Option<String> = app.claim("idp");
    assert_eq!(home.as_deref(), Some(app.issuer()));
    let customer = b2c(Cloud::Global).await.verified().await;
    assert_eq!(customer.client_id(), Some("38307aee-303c-4fff-8087-d8d200000000"));
    assert_eq!(customer.tenant_id(), Some(OTHER_TENANT), "of the issuer's name: it has no `tid`");
    assert_eq!(customer.claim::<String>("name").as_deref(), Some("David"));
    assert_eq!(customer.claim::<String>("nonce").as_deref(), Some("anyRandomValue"));
}

#[tokio::test]
async fn the_token_of_a_user_meets_the_rules_for_its_scope_and_for_users() {
    let user = v1_user().await.verified().await;
    assert_eq!(user.actor(), Actor::Delegated);
    for rule in [
        scope!("user_impersonation"),
        scope!("https://service.contoso.com/user_impersonation"),
        scope!("https://service.contoso.com//user_impersonation"),
        delegated() & client("2d4d11a2-f814-46a7-890a-274a72a7309e"),
    ] {
        assert!(rule.authorize(&user, &RequestInfo::new()).is_ok(), "{rule}");
    }
    for rule in [
        scope!("https://service.fabrikam.com/user_impersonation"),
        app_only(),
        role("user_impersonation"),
        client("d17d15bc-c576-41e5-927f-db5f30dd58f1"),
    ] {
        assert!(rule.authorize(&user, &RequestInfo::new()).is_err(), "{rule}");
    }
}

/// Where such apps are accepted at all.
#[tokio::test]
async fn the_token_of_an_app_without_permissions_meets_no_rule_that_asks_for_one() {
    let app = v1_app().await.verified().await;
    assert_eq!(app.actor(), Actor::AppOnly);
    assert!(app.scopes().is_empty() && app.roles().next().is_none());
    for rule in [authenticated(), app_only(), client("d17d15bc-c576-41e5-927f-db5f30dd58f1")] {
        assert!(rule.authorize(&app, &RequestInfo::new()).is_ok(), "{rule}");
    }
    for rule in [
        scope!("user_impersonation"),
        role("Orders.Admin"),
        role(""),
        delegated(),
        scope!("user_impersonation") | role("Orders.Admin"),
    ] {
        assert!(rule.authorize(&app, &RequestInfo::new()).is_err(), "{rule}");
    }
}

#[tokio::test]
async fn a_rule_may_name_a_b2c_scope_as_clients_ask_for_it_or_as_the_token_carries_it() {
    for (cloud, uri) in [
        (Cloud::Global, "https://contoso.onmicrosoft.com/api"),
        (Cloud::China, "https://contoso.partner.onmschina.cn/api"),
    ] {
        let token = b2c(cloud).await.verified().await;
        let of = |scope: String| doorward::rules::scope(doorward::Scope::parse(scope).unwrap());
        assert!(of("read".to_owned()).authorize(&token, &RequestInfo::new()).is_ok());
        assert!(of(format!("{uri}/read")).authorize(&token, &RequestInfo::new()).is_ok());
        for other in [format!("{uri}2/read"), format!("{uri}/write"), format!("{uri}read")] {
            assert!(of(other.clone()).authorize(&token, &RequestInfo::new()).is_err(), "{other}");
        }
        let foreign = of("https://fabrikam.onmicrosoft.com/api/read".to_owned());
        assert!(
            foreign.authorize(&token, &RequestInfo::new()).is_err(),
            "another API's URI is not taken off"
        );
        assert_eq!(token.actor(), Actor::Unknown, "B2C does not say who acts");
        assert!(
            delegated().authorize(&token, &RequestInfo::new()).is_err()
                && app_only().authorize(&token, &RequestInfo::new()).is_err()
        );
    }
}

/// The printed tokens that are whole: header and claims here are theirs.
#[tokio::test]
async fn fixtures_are_what_the_documents_print() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/seeds");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: the documents are not in {}", folder.display());
        return;
    };
    let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let words: Vec<String> = texts
        .flat_map(|text| text.split(['"', ' ']).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    for printed in [v1_user().await, v1_app().await] {
        let found = words.iter().filter_map(|word| decode(word));
        let same = |(header, claims): &(Value, Value)| {
            *header == printed.header && *claims == printed.claims
        };
        assert_eq!(found.filter(same).count(), 1, "{}", printed.header);
    }
}

fn decode(token: &str) -> Option<(Value, Value)> {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let mut json = || serde_json::from_slice(&parts.next()??).ok();
    Some((json()?, json()?))
}
