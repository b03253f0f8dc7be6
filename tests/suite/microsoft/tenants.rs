//! Which tenants are trusted, and every way in which one may pretend to be another.

use doorward::{
    ConfigError, Issuer, ResourceServer,
    errors::ChangeError,
    presets::{B2c, Entra, ExternalId},
};
use serde_json::{Value, json};

use super::{
    API, CLIENT, CONSUMERS, Documents, NOW, OTHER_TENANT, TENANT, entra_metadata, key, refusal,
    sign, trusting, v1_name, v2_claims, v2_name, v2_token, with,
};
use crate::support::code;

const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

/// The key set of `common`: a key for all tenants, one of personal accounts, one of a tenant, and
/// one of the US government's cloud, which differs by `cloud_instance_name` alone.
async fn keys() -> Value {
    let global = "microsoftonline.com";
    let members = [
        json!({ "kid": "k1", "issuer": TEMPLATE, "cloud_instance_name": global }),
        json!({ "kid": "msa", "issuer": v2_name(CONSUMERS), "cloud_instance_name": global }),
        json!({ "kid": "one", "issuer": v2_name(TENANT), "cloud_instance_name": global }),
        json!({ "kid": "gov", "issuer": TEMPLATE, "cloud_instance_name": "microsoftonline.us" }),
        json!({ "kid": "cn", "issuer": TEMPLATE.replace("microsoftonline.com", "chinacloudapi.cn") }),
        json!({ "kid": "v1" }),
    ];
    let mut keys = Vec::new();
    for members in members {
        keys.push(key(members).await);
    }
    keys.into()
}

async fn server(issuer: Entra, authority: &str) -> ResourceServer {
    let documents = Documents::of(&entra_metadata(authority), TEMPLATE, keys().await);
    trusting(issuer, documents, NOW).build().await.unwrap()
}

async fn any_tenant() -> ResourceServer {
    server(Entra::any_tenant().client_id(API), "organizations").await
}

async fn two_tenants() -> ResourceServer {
    let tenants = [TENANT, OTHER_TENANT];
    server(Entra::tenants(tenants).client_id(API), "organizations").await
}

fn v1_claims(tenant: &str) -> Value {
    let changes = json!({ "iss": v1_name(tenant), "azp": null, "appid": "c", "ver": "1.0" });
    with(v2_claims(tenant), changes)
}

const THIRD_TENANT: &str = "3a6f3c6e-1f2b-4f0d-8a57-5d1f00000003";

#[tokio::test]
async fn tokens_of_listed_tenants_are_accepted_in_both_versions_and_no_others() {
    let server = two_tenants().await;
    for tenant in [TENANT, OTHER_TENANT] {
        for claims in [v2_claims(tenant), v1_claims(tenant)] {
            assert_eq!(code(&server, &v2_token(&claims).await).await, "accepted", "{claims}");
        }
    }
    let stranger = TENANT.replace("7fe8", "7fe9");
    for claims in [v2_claims(&stranger), v1_claims(&stranger)] {
        assert_eq!(code(&server, &v2_token(&claims).await).await, "policy.other_tenant");
    }
}

#[tokio::test]
async fn any_tenant_is_accepted_where_that_was_asked_for() {
    let server = any_tenant().await;
    for tenant in [TENANT, OTHER_TENANT, "00000000-0000-4000-8000-000000000001"] {
        for claims in [v2_claims(tenant), v1_claims(tenant)] {
            assert_eq!(code(&server, &v2_token(&claims).await).await, "accepted", "{claims}");
        }
    }
}

/// The organizations' keys, and those of one tenant.
async fn any_and_one() -> ResourceServer {
    let of_tenant = json!({ "issuer": v2_name(TENANT), "jwks_uri": "https://keys.example/" });
    let documents = Documents::of(&entra_metadata("organizations"), TEMPLATE, keys().await)
        .with(&entra_metadata(TENANT), &of_tenant);
    let any = Entra::any_tenant().client_id(API);
    trusting(any, documents, NOW).build().await.unwrap()
}

/// From then on the policy of its own registration applies, also to tokens that were verified before.
#[tokio::test]
async fn a_tenant_that_is_trusted_for_itself_is_no_longer_one_of_any() {
    let server = any_and_one().await;
    let token = v2_token(&v2_claims(TENANT)).await;
    assert_eq!(code(&server, &token).await, "accepted");
    let demanding = Entra::tenant(TENANT).client_id(API).require_claim("department");
    server.trust(demanding).await.unwrap();
    assert_eq!(code(&server, &token).await, "policy.required");
}

/// To distrust it would leave its tokens to the general registration, which requires less.
#[tokio::test]
async fn a_tenant_beside_any_tenant_is_blocked_and_not_distrusted() {
    let server = any_and_one().await;
    let demanding = Entra::tenant(TENANT).client_id(API).require_claim("department");
    server.trust(demanding).await.unwrap();
    let token = v2_token(&v2_claims(TENANT)).await;
    let other = v2_token(&v2_claims(OTHER_TENANT)).await;
    for (issuer, tenant) in [
        (v2_name(TENANT), TENANT),
        (v1_name(TENANT), TENANT),
        (v2_name(OTHER_TENANT), OTHER_TENANT),
    ] {
        let refused = server.distrust(&issuer).unwrap_err();
        let tenant = tenant.to_owned();
        assert_eq!(refused, ChangeError::TenantOfMany { issuer, tenant: tenant.clone() });
        assert!(refused.to_string().contains(&format!("block_tenant(\"{tenant}\")")), "{refused}");
    }
    assert_eq!(code(&server, &token).await, "policy.required", "nothing has changed");
    server.block_tenant(TENANT).unwrap();
    assert_eq!(code(&server, &token).await, "policy.blocked_tenant");
    server.distrust(&v2_name(TENANT)).unwrap();
    assert_eq!(code(&server, &token).await, "policy.blocked_tenant", "also as one of any");
    assert_eq!(code(&server, &other).await, "accepted");
    server.distrust(TEMPLATE).unwrap();
    assert!(server.health().issuers().is_empty());
}

/// Whatever the registration that accepts them; also tokens that were verified before.
#[tokio::test]
async fn tokens_of_a_blocked_tenant_are_refused_from_the_next_request_on() {
    let ciam = format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0");
    let ciam_url =
        format!("https://contoso.ciamlogin.com/{TENANT}/v2.0/.well-known/openid-configuration");
    let b2c = format!("https://contoso.b2clogin.com/{TENANT}/v2.0/");
    let b2c_url = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_a/v2.0/.well-known/openid-configuration";
    let b2c_claims = |tid: Value| json!({ "iss": b2c, "tfp": "B2C_1_a", "tid": tid });
    let organizations = entra_metadata("organizations");
    let b2c_issuer =
        || Issuer::from(B2c::tenant("contoso", TENANT).client_id(API).policies(["B2C_1_a"]));
    let tenants = [TENANT, OTHER_TENANT];
    for (issuer, url, named, changes) in [
        (
            Issuer::from(Entra::tenant(TENANT).client_id(API)),
            entra_metadata(TENANT),
            v2_name(TENANT),
            json!({}),
        ),
        (
            Entra::tenants(tenants).client_id(API).into(),
            organizations.clone(),
            TEMPLATE.to_owned(),
            json!({}),
        ),
        (
            Entra::any_tenant().client_id(API).into(),
            organizations.clone(),
            TEMPLATE.to_owned(),
            json!({}),
        ),
        (
            Entra::any_tenant().client_id(API).into(),
            organizations,
            TEMPLATE.to_owned(),
            json!({ "iss": v1_name(TENANT), "azp": null, "appid": "c", "ver": "1.0" }),
        ),
        (b2c_issuer(), b2c_url.to_owned(), b2c.clone(), b2c_claims(json!(TENANT))),
        (b2c_issuer(), b2c_url.to_owned(), b2c.clone(), b2c_claims(Value::Null)),
        (
            ExternalId::tenant("contoso", TENANT).client_id(API).into(),
            ciam_url,
            ciam.clone(),
            json!({ "iss": ciam }),
        ),
        (
            Issuer::discover(v2_name(TENANT), API),
            entra_metadata(TENANT),
            v2_name(TENANT),
            json!({}),
        ),
    ] {
        let documents = Documents::of(&url, &named, json!([key(json!({ "kid": "k1" })).await]));
        let token = v2_token(&with(v2_claims(TENANT), changes.clone())).await;
        let build = || trusting(issuer.clone(), documents.clone(), NOW);
        let server = build().build().await.unwrap();
        for _ in 0..2 {
            assert_eq!(code(&server, &token).await, "accepted", "{changes}");
            // Portals show it in capitals, too.
            server.clone().block_tenant(&TENANT.to_uppercase()).unwrap();
            assert_eq!(code(&server, &token).await, "policy.blocked_tenant", "{changes}");
            server.unblock_tenant(TENANT).unwrap();
        }
        server.block_tenant(OTHER_TENANT).unwrap();
        assert_eq!(code(&server, &token).await, "accepted", "{changes}");
        let rebuilt = build().block_tenants([TENANT]).build().await.unwrap();
        let error = refusal(&rebuilt, &token).await;
        assert_eq!(error.code(), "policy.blocked_tenant", "from the start: {changes}");
        assert!(error.principal().is_some(), "its signature is good");
        let denial = doorward::conformance::deny(&error);
        assert_eq!((denial.status(), denial.error()), (401, Some("invalid_token")));
    }
}

/// Whether it is trusted beside any tenant, or in its place.
#[tokio::test]
async fn a_tenant_that_is_trusted_for_itself_does_not_get_forgotten_keys_back() {
    for (named, beside) in [(v2_name(TENANT), true), (TEMPLATE.to_owned(), false)] {
        let of_tenant = json!({ "issuer": v2_name(TENANT), "jwks_uri": "https://keys.example/" });
        let documents = Documents::of(&entra_metadata("organizations"), TEMPLATE, keys().await)
            .with(&entra_metadata(TENANT), &of_tenant);
        let any = Entra::any_tenant().client_id(API);
        let server = trusting(any, documents, NOW).build().await.unwrap();
        server.forget_key(&named, "k1").unwrap();
        if !beside {
            server.distrust(&named).unwrap();
        }
        server.trust(Entra::tenant(TENANT).client_id(API)).await.unwrap();
        let token = v2_token(&v2_claims(TENANT)).await;
        assert_eq!(code(&server, &token).await, "key.forgotten", "{named}");
    }
}

/// Registrations of several tenants have one title, and each its own tenants.
#[tokio::test]
async fn a_key_that_is_forgotten_for_any_tenant_beside_listed_ones_stays_forgotten_for_each() {
    let of_tenant = json!({ "issuer": v2_name(OTHER_TENANT), "jwks_uri": "https://keys.example/" });
    let documents = Documents::of(&entra_metadata("organizations"), TEMPLATE, keys().await)
        .with(&entra_metadata(OTHER_TENANT), &of_tenant);
    let listed = Entra::tenants([TENANT, THIRD_TENANT]).client_id(API);
    let builder = trusting(listed, documents, NOW).trust(Entra::any_tenant().client_id(API));
    let server = builder.build().await.unwrap();
    server.forget_key(&v2_name(OTHER_TENANT), "k1").unwrap();
    server.trust(Entra::tenant(OTHER_TENANT).client_id(API)).await.unwrap();
    let token = v2_token(&v2_claims(OTHER_TENANT)).await;
    assert_eq!(code(&server, &token).await, "key.forgotten");
}

#[tokio::test]
async fn a_listed_tenant_beside_any_tenant_is_not_distrusted_either() {
    let documents = Documents::of(&entra_metadata("organizations"), TEMPLATE, keys().await);
    let listed = Entra::tenants([TENANT, THIRD_TENANT]).client_id(API);
    let builder = trusting(listed, documents, NOW).trust(Entra::any_tenant().client_id(API));
    let server = builder.build().await.unwrap();
    let (issuer, tenant) = (v2_name(TENANT), TENANT.to_owned());
    let refused = server.distrust(&issuer).unwrap_err();
    assert_eq!(refused, ChangeError::TenantOfMany { issuer, tenant });
    let other = v2_token(&v2_claims(OTHER_TENANT)).await;
    assert_eq!(code(&server, &other).await, "accepted");
}

#[tokio::test]
async fn any_tenant_does_not_get_a_key_back_that_was_forgotten_of_one() {
    let organizations = json!({ "issuer": TEMPLATE, "jwks_uri": "https://keys.example/" });
    let documents = Documents::of(&entra_metadata(TENANT), &v2_name(TENANT), keys().await)
        .with(&entra_metadata("organizations"), &organizations);
    let one = Entra::tenant(TENANT).client_id(API);
    let server = trusting(one, documents, NOW).build().await.unwrap();
    server.forget_key(&v1_name(TENANT), "k1").unwrap();
    server.distrust(&v2_name(TENANT)).unwrap();
    server.trust(Entra::any_tenant().client_id(API)).await.unwrap();
    let token = v2_token(&v2_claims(TENANT)).await;
    assert_eq!(code(&server, &token).await, "key.forgotten");
}

#[tokio::test]
async fn personal_accounts_are_refused_unless_allowed() {
    let token =
        sign(&json!({ "typ": "JWT", "alg": "RS256", "kid": "msa" }), &v2_claims(CONSUMERS)).await;
    for server in [any_tenant().await, two_tenants().await] {
        assert_eq!(code(&server, &token).await, "policy.consumer_account");
    }
    for issuer in [
        Entra::any_tenant().client_id(API).allow_consumer_accounts(),
        Entra::tenants([TENANT]).client_id(API).allow_consumer_accounts(),
        Entra::tenants([TENANT, CONSUMERS]).client_id(API),
    ] {
        let server = server(issuer, "common").await;
        assert_eq!(code(&server, &token).await, "accepted");
        assert_eq!(code(&server, &v2_token(&v2_claims(TENANT)).await).await, "accepted");
    }
}

#[tokio::test]
async fn no_tenant_can_pretend_to_be_another() {
    let good = || v2_claims(TENANT);
    for (claims, expected) in [
        (with(good(), json!({ "tid": OTHER_TENANT })), "policy.tenant_mismatch"),
        (with(v1_claims(TENANT), json!({ "tid": OTHER_TENANT })), "policy.tenant_mismatch"),
        (with(good(), json!({ "tid": TENANT.to_uppercase() })), "policy.tenant_mismatch"),
        (with(good(), json!({ "tid": null })), "policy.missing"),
        (with(good(), json!({ "tid": null, "TID": TENANT })), "claims.malformed"),
        (with(good(), json!({ "Tid": OTHER_TENANT })), "claims.malformed"),
        (with(good(), json!({ "tid": [TENANT] })), "claims.malformed"),
        (with(good(), json!({ "iss": TEMPLATE })), "policy.untrusted_issuer"),
        (with(good(), json!({ "iss": v2_name("common") })), "policy.untrusted_issuer"),
        (with(good(), json!({ "iss": v2_name("organizations") })), "policy.untrusted_issuer"),
        (with(good(), json!({ "iss": v2_name("") })), "policy.untrusted_issuer"),
        (
            with(good(), json!({ "iss": v2_name(&TENANT.to_uppercase()) })),
            "policy.untrusted_issuer",
        ),
        (with(good(), json!({ "iss": v2_name(TENANT) + "/" })), "policy.untrusted_issuer"),
        (
            with(good(), json!({ "iss": v2_name(TENANT).replace(".com/", ".com.evil.example/") })),
            "policy.untrusted_issuer",
        ),
        (
            with(good(), json!({ "iss": v2_name(TENANT).replace("login.", "login.evil.") })),
            "policy.untrusted_issuer",
        ),
        (
            with(good(), json!({ "iss": v2_name(&format!("{TENANT}/../{OTHER_TENANT}")) })),
            "policy.untrusted_issuer",
        ),
        (
            with(good(), json!({ "iss": v2_name(TENANT).replace("https:", "http:") })),
            "policy.untrusted_issuer",
        ),
        (
            with(good(), json!({ "iss": v2_name(TENANT).replace(".com", ".us") })),
            "policy.other_tenant",
        ),
    ] {
        let token = v2_token(&claims).await;
        for server in [any_tenant().await, two_tenants().await] {
            let code = code(&server, &token).await;
            // Of every tenant's own cloud, the name in another cloud is no tenant that is listed.
            assert_eq!(code, expected, "{claims}");
        }
    }
}

#[tokio::test]
async fn a_tenant_named_twice_in_one_token_is_refused() {
    let twice =
        v2_claims(TENANT).to_string().replacen('{', &format!("{{\"tid\":\"{OTHER_TENANT}\","), 1);
    let header = r#"{"alg":"RS256","kid":"k1"}"#;
    let token = super::signer()
        .await
        .sign_raw(doorward_issuer::Algorithm::Rs256, header, twice.as_bytes())
        .unwrap();
    assert_eq!(code(&any_tenant().await, &token).await, "claims.json");
}

#[tokio::test]
async fn a_key_verifies_the_tokens_of_its_own_tenant_and_cloud_alone() {
    let server = any_tenant().await;
    for (kid, tenant, expected) in [
        ("k1", TENANT, "accepted"),
        ("v1", TENANT, "accepted"),
        ("one", TENANT, "accepted"),
        ("one", OTHER_TENANT, "key.other_tenant"),
        ("msa", TENANT, "key.other_tenant"),
        ("gov", TENANT, "key.unknown"),
        ("cn", TENANT, "key.unknown"),
    ] {
        for claims in [v2_claims(tenant), v1_claims(tenant)] {
            let token = sign(&json!({ "typ": "JWT", "alg": "RS256", "kid": kid }), &claims).await;
            assert_eq!(code(&server, &token).await, expected, "{kid} for {tenant}");
        }
    }
}

#[tokio::test]
async fn one_tenant_binds_keys_and_tid_as_well() {
    let documents = Documents::of(&entra_metadata(TENANT), &v2_name(TENANT), keys().await);
    let issuer = Entra::tenant(TENANT).client_id(API);
    let server = trusting(issuer, documents, NOW).build().await.unwrap();
    let under = async |kid: &str, claims: Value| {
        sign(&json!({ "typ": "JWT", "alg": "RS256", "kid": kid }), &claims).await
    };
    for (token, expected) in [
        (under("k1", v2_claims(TENANT)).await, "accepted"),
        (under("one", v2_claims(TENANT)).await, "accepted"),
        (under("msa", v2_claims(TENANT)).await, "key.other_tenant"),
        (
            under("k1", with(v2_claims(TENANT), json!({ "tid": OTHER_TENANT }))).await,
            "policy.tenant_mismatch",
        ),
    ] {
        assert_eq!(code(&server, &token).await, expected);
    }
}

#[tokio::test]
async fn tenants_and_client_ids_that_cannot_be_meant_are_refused_when_the_server_is_built() {
    let none: [&str; 0] = [];
    let entra = |tenant: &str| Entra::tenant(tenant).client_id(API);
    for (issuer, message) in [
        (
            Entra::tenants(none).client_id(API),
            "`Entra::tenants` has an empty list; to trust every tenant, use `Entra::any_tenant()`",
        ),
        (
            Entra::tenants([TENANT, "common"]).client_id(API),
            "the tenant ID \"common\" is not a GUID: use the directory (tenant) ID; tokens never carry a domain name, `common` or `organizations`",
        ),
        (
            entra("contoso.onmicrosoft.com"),
            "the tenant ID \"contoso.onmicrosoft.com\" is not a GUID: use the directory (tenant) ID; tokens never carry a domain name, `common` or `organizations`",
        ),
        (
            entra(""),
            "the tenant ID \"\" is not a GUID: use the directory (tenant) ID; tokens never carry a domain name, `common` or `organizations`",
        ),
        (
            Entra::tenant(TENANT).client_id("api://orders"),
            "the client ID \"api://orders\" is not a GUID: use the application (client) ID of the API; an App ID URI is set with `.app_id_uri(…)`",
        ),
        (
            Entra::any_tenant().client_id(""),
            "the client ID \"\" is not a GUID: use the application (client) ID of the API; an App ID URI is set with `.app_id_uri(…)`",
        ),
        (
            entra(TENANT).audience("api://orders api://billing"),
            "the audience \"api://orders api://billing\" of the issuer https://login.microsoftonline.com/7fe81447-da57-4385-becb-6de57f21477e/v2.0 has white space: write several as an array",
        ),
    ] {
        let refused = trusting(issuer, Documents::default(), NOW).lazy().build().await;
        assert_eq!(refused.unwrap_err().to_string(), message);
    }
}

#[tokio::test]
async fn a_tenant_is_trusted_once() {
    let twice = Entra::tenants([TENANT, TENANT]).client_id(API);
    let refused = trusting(twice, Documents::default(), NOW).lazy().build().await;
    let duplicate = ConfigError::DuplicateIssuer { issuer: v2_name(TENANT) };
    assert_eq!(refused.unwrap_err(), duplicate);
    let twice = trusting(Entra::any_tenant().client_id(API), Documents::default(), NOW)
        .trust(Entra::any_tenant().client_id(CLIENT));
    let issuer = TEMPLATE.to_owned();
    assert_eq!(twice.lazy().build().await.unwrap_err(), ConfigError::DuplicateIssuer { issuer });
}

/// A preset has no option for it; one that was converted could be given a name that no rule for
/// tenants covers.
#[tokio::test]
async fn a_further_name_cannot_stand_for_a_tenant() {
    let named = Issuer::from(Entra::tenant(TENANT).client_id(API)).also_named("https://a.example");
    let refused = trusting(named, Documents::default(), NOW).lazy().build().await;
    let name = "https://a.example".to_owned();
    assert_eq!(refused.unwrap_err(), ConfigError::NotATenant { name });
}
