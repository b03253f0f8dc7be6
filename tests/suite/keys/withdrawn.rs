//! Keys that leave the published set: gone at once, kept for a while where they are known to return,
//! or forgotten by the operator.

use std::time::Duration;

use doorward::{
    ConfigError, Issuer, ResourceServer,
    errors::ChangeError,
    presets::{B2c, Entra},
};
use doorward_issuer::Algorithm;
use serde_json::json;

use super::host::{HOUR, MINUTE, Mood, Scripted, VirtualClock, key, pass, token, trusting};
use crate::support::{AUDIENCE, code, good_token, issuer};

async fn server(fetch: &Scripted, issuer: impl Into<Issuer>) -> ResourceServer {
    ResourceServer::builder()
        .trust(issuer)
        .fetcher(fetch.clone())
        .clock(VirtualClock::new())
        .build()
        .await
        .unwrap()
}

async fn by_url() -> Issuer {
    Issuer::jwks(issuer().await.issuer(), AUDIENCE, "https://login.example.com/jwks")
}

const ES: Algorithm = Algorithm::Es256;
const ED: Algorithm = Algorithm::EdDsa;

/// An issuer with the keys `a` and `b`, of which it withdraws `a` after a minute.
async fn withdrawing() -> Scripted {
    let fetch = Scripted::publishing("");
    fetch.publish(&[&key(ES, "a").await, &key(ED, "b").await]);
    fetch
}

#[tokio::test(start_paused = true)]
async fn a_key_that_leaves_the_set_dies_with_the_next_refresh() {
    let fetch = withdrawing().await;
    let server = server(&fetch, by_url().await).await;
    let (a, b) = (token(ES, "a").await, token(ED, "b").await);
    assert_eq!(code(&server, &a).await, "accepted");
    fetch.publish(&[&key(ED, "b").await]);
    pass(10 * MINUTE).await;
    assert_eq!(code(&server, &a).await, "key.unknown");
    assert_eq!(code(&server, &b).await, "accepted");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_leaves_the_set_is_kept_as_long_as_was_set() {
    let fetch = withdrawing().await;
    let server = server(&fetch, by_url().await.keep_removed_keys_for(3 * HOUR)).await;
    let a = token(ES, "a").await;
    fetch.publish(&[&key(ED, "b").await]);
    pass(3 * HOUR).await;
    assert_eq!(code(&server, &a).await, "accepted", "since it was missed, some minutes less");
    pass(10 * MINUTE).await;
    assert_eq!(code(&server, &a).await, "key.unknown");
}

/// Even if no fetch has succeeded since, which would clear it away.
#[tokio::test(start_paused = true)]
async fn a_kept_key_dies_in_time_while_the_issuer_is_down() {
    let fetch = withdrawing().await;
    let server = server(&fetch, by_url().await.keep_removed_keys_for(HOUR)).await;
    fetch.publish(&[&key(ED, "b").await]);
    pass(10 * MINUTE).await;
    fetch.set(Mood::Down);
    assert_eq!(code(&server, &token(ES, "a").await).await, "accepted");
    pass(2 * HOUR).await;
    assert_eq!(code(&server, &token(ES, "a").await).await, "unavailable.issuer");
    assert_eq!(code(&server, &token(ED, "b").await).await, "accepted", "stale, and published");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_returns_is_published_as_before() {
    let fetch = withdrawing().await;
    let server = server(&fetch, by_url().await.keep_removed_keys_for(HOUR)).await;
    let both = [key(ES, "a").await, key(ED, "b").await];
    fetch.publish(&[&both[1]]);
    pass(30 * MINUTE).await;
    let health = server.health();
    assert_eq!((health.issuers()[0].published, health.issuers()[0].withdrawn), (1, 1));
    fetch.publish(&[&both[0], &both[1]]);
    pass(30 * MINUTE).await;
    let health = server.health();
    assert_eq!((health.issuers()[0].published, health.issuers()[0].withdrawn), (2, 0));
    pass(24 * HOUR).await;
    assert_eq!(code(&server, &token(ES, "a").await).await, "accepted");
}

#[tokio::test(start_paused = true)]
async fn a_kept_key_gives_way_to_another_of_its_id() {
    let fetch = withdrawing().await;
    let server = server(&fetch, by_url().await.keep_removed_keys_for(HOUR)).await;
    fetch.publish(&[&key(ED, "b").await]);
    pass(10 * MINUTE).await;
    fetch.publish(&[&key(ED, "a").await]);
    pass(10 * MINUTE).await;
    assert_eq!(code(&server, &token(ES, "a").await).await, "key.algorithm_mismatch");
    assert_eq!(code(&server, &token(ED, "a").await).await, "accepted");
    assert_eq!(code(&server, &token(ED, "b").await).await, "accepted", "kept");
}

/// So that a kept key makes no token ambiguous.
#[tokio::test(start_paused = true)]
async fn a_token_that_names_no_key_is_never_verified_by_a_kept_one() {
    let fetch = Scripted::publishing("");
    fetch.publish(&[&key(ES, "a").await]);
    let server = server(&fetch, by_url().await.keep_removed_keys_for(HOUR)).await;
    let nameless = good_token().await.algorithm(ES).without_header("kid").sign().unwrap();
    assert_eq!(code(&server, &nameless).await, "accepted");
    fetch.publish(&[&key(ED, "b").await]);
    pass(10 * MINUTE).await;
    assert_eq!(code(&server, &nameless).await, "key.none_fits");
    let nameless = good_token().await.algorithm(ED).without_header("kid").sign().unwrap();
    assert_eq!(code(&server, &nameless).await, "accepted");
}

#[tokio::test(start_paused = true)]
async fn a_key_without_an_id_that_is_replaced_works_at_the_first_request() {
    let nameless = async |algorithm| {
        let mut key = key(algorithm, "").await;
        key.as_object_mut().unwrap().remove("kid");
        key
    };
    let fetch = Scripted::publishing("");
    // Another key of the same type, without a name.
    let mut other = nameless(ED).await;
    other["x"] = json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    fetch.publish(&[&other]);
    let server = server(&fetch, by_url().await).await;
    fetch.publish(&[&nameless(ED).await]);
    let token = good_token().await.algorithm(ED).without_header("kid").sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
    assert_eq!(fetch.asked(), 2);
    fetch.publish(&[&other]);
    pass(10 * MINUTE).await;
    assert_eq!(code(&server, &token).await, "signature.invalid", "asked for, and still so");
}

const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";
const API: &str = "f2a76e08-93f2-4350-833c-965c02483b11";

/// Two servers of the same settings but for the profile.
#[tokio::test(start_paused = true)]
async fn removed_keys_of_entra_and_b2c_serve_for_24_hours() {
    let (rsa, other) = (key(Algorithm::Rs256, "a").await, key(Algorithm::Rs256, "b").await);
    for (issuer, iss, extra) in [
        (
            Issuer::from(Entra::tenant(TENANT).client_id(API)),
            format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
            json!({ "azp": API, "tid": TENANT, "scp": "read" }),
        ),
        (
            B2c::tenant("contoso", TENANT).client_id(API).policies(["B2C_1_SignIn"]).into(),
            format!("https://contoso.b2clogin.com/{TENANT}/v2.0/"),
            json!({ "azp": API, "tfp": "B2C_1_SignIn" }),
        ),
    ] {
        let fetch = Microsoft { name: iss.clone(), keys: Scripted::publishing("") };
        fetch.keys.publish(&[&rsa, &other]);
        let server = ResourceServer::builder()
            .trust(issuer)
            .fetcher(fetch.clone())
            .clock(VirtualClock::new())
            .build()
            .await
            .unwrap();
        let mut mint = good_token().await.algorithm(Algorithm::Rs256).header("kid", "a");
        mint = mint.header("typ", "JWT").claim("iss", &*iss).claim("aud", API);
        for (name, value) in extra.as_object().unwrap() {
            mint = mint.claim(name, value.clone());
        }
        let token = mint.sign().unwrap();
        assert_eq!(code(&server, &token).await, "accepted", "{iss}");
        fetch.keys.publish(&[&other]);
        pass(24 * HOUR).await;
        assert_eq!(code(&server, &token).await, "accepted", "{iss}");
        pass(HOUR).await;
        assert_eq!(code(&server, &token).await, "key.unknown", "{iss}");
    }
}

/// Metadata of this name, and keys.
#[derive(Clone, Debug)]
struct Microsoft {
    name: String,
    keys: Scripted,
}

impl doorward::remote::Fetch for Microsoft {
    fn fetch<'f>(
        &'f self,
        request: doorward::remote::FetchRequest<'f>,
    ) -> std::pin::Pin<
        Box<
            dyn Future<Output = Result<doorward::remote::Document, doorward::errors::FetchError>>
                + Send
                + 'f,
        >,
    > {
        if request.url().ends_with("/.well-known/openid-configuration") {
            let metadata = json!({ "issuer": self.name, "jwks_uri": "https://keys.example/" });
            let document = doorward::remote::Document::new(metadata.to_string());
            return Box::pin(std::future::ready(Ok(document)));
        }
        self.keys.fetch(request)
    }
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_key_dies_at_once_and_for_good() {
    let fetch = withdrawing().await;
    let server = server(&fetch, by_url().await.keep_removed_keys_for(24 * HOUR)).await;
    let (a, b) = (token(ES, "a").await, token(ED, "b").await);
    let clone = server.clone();
    assert_eq!(code(&server, &a).await, "accepted");
    clone.forget_key(issuer().await.issuer(), "a").unwrap();
    assert_eq!(code(&server, &a).await, "key.forgotten");
    let asked = fetch.asked();
    // Published still, withdrawn, published again.
    for keys in [vec!["a", "b"], vec!["b"], vec!["a", "b"]] {
        let mut published = Vec::new();
        for kid in keys {
            published.push(key(if kid == "a" { ES } else { ED }, kid).await);
        }
        fetch.publish(&published.iter().collect::<Vec<_>>());
        pass(10 * MINUTE).await;
        assert_eq!(code(&server, &a).await, "key.forgotten");
        assert_eq!(code(&server, &b).await, "accepted");
    }
    let scheduled = fetch.asked() - asked;
    assert!(scheduled <= 5, "a forgotten key is not asked for: {scheduled} in half an hour");
    let answer = server.authenticate([format!("Bearer {a}").as_bytes()]).await.unwrap_err();
    assert_eq!(doorward::conformance::deny(&answer).status(), 401);
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_key_can_be_forgotten_and_one_that_has_not_come_yet() {
    let fetch = withdrawing().await;
    let server = server(&fetch, by_url().await.keep_removed_keys_for(24 * HOUR)).await;
    let name = issuer().await.issuer();
    fetch.publish(&[&key(ED, "b").await]);
    pass(10 * MINUTE).await;
    server.forget_key(name, "a").unwrap();
    server.forget_key(name, "c").unwrap();
    fetch.publish(&[&key(ED, "b").await, &key(ES, "c").await]);
    pass(10 * MINUTE).await;
    for kid in ["a", "c"] {
        assert_eq!(code(&server, &token(ES, kid).await).await, "key.forgotten");
    }
}

#[tokio::test]
async fn a_key_of_a_fixed_set_can_be_forgotten() {
    let server = crate::support::server().await;
    let jwks = issuer().await.jwks();
    let es = jwks["keys"].as_array().unwrap().iter().find(|key| key["alg"] == "ES256").unwrap();
    let token = good_token().await.algorithm(ES).sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
    server.forget_key(issuer().await.issuer(), es["kid"].as_str().unwrap()).unwrap();
    assert_eq!(code(&server, &token).await, "key.forgotten");
    let other = good_token().await.algorithm(ED).sign().unwrap();
    assert_eq!(code(&server, &other).await, "accepted");
}

#[tokio::test(start_paused = true)]
async fn a_key_is_forgotten_by_the_name_that_tokens_give_it() {
    let mut es = key(ES, "a").await;
    es["x5t"] = json!("thumb");
    let fetch = Scripted::publishing("");
    fetch.publish(&[&es, &key(ED, "b").await]);
    let server = server(&fetch, by_url().await).await;
    let by_thumbprint = good_token()
        .await
        .algorithm(ES)
        .without_header("kid")
        .header("x5t", "thumb")
        .sign()
        .unwrap();
    assert_eq!(code(&server, &by_thumbprint).await, "accepted");
    server.forget_key(issuer().await.issuer(), "thumb").unwrap();
    assert_eq!(code(&server, &by_thumbprint).await, "key.forgotten");
    let (by_id, asked) = (token(ES, "a").await, fetch.asked());
    assert_eq!(code(&server, &by_id).await, "key.forgotten", "the same key by its other name");
    assert_eq!(fetch.asked(), asked);
}

#[tokio::test(start_paused = true)]
async fn whoever_forgets_a_key_of_a_stranger_is_told() {
    let fetch = Scripted::new().await;
    let server = trusting(&fetch).await.build().await.unwrap();
    let stranger = "https://other.example";
    let not_trusted = ChangeError::NotTrusted { issuer: stranger.to_owned() };
    assert_eq!(server.forget_key(stranger, "a"), Err(not_trusted));
    let long = "x".repeat(257);
    assert_eq!(server.forget_key(issuer().await.issuer(), &long), Err(ChangeError::KeyId));
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_is_trusted_again_does_not_get_its_forgotten_keys_back() {
    let fetch = withdrawing().await;
    let server = server(&fetch, by_url().await).await;
    let name = issuer().await.issuer();
    server.forget_key(name, "a").unwrap();
    server.distrust(name).unwrap();
    server.trust(by_url().await).await.unwrap();
    assert_eq!(code(&server, &token(ES, "a").await).await, "key.forgotten");
    assert_eq!(code(&server, &token(ED, "b").await).await, "accepted");
}

/// In an emergency, the name at hand is the one that a token carries.
#[tokio::test(start_paused = true)]
async fn a_key_of_a_whole_cloud_is_forgotten_by_the_name_of_any_of_its_tenants() {
    let name = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let template = "https://login.microsoftonline.com/{tenantid}/v2.0".to_owned();
    let fetch = Microsoft { name: template, keys: Scripted::publishing("") };
    fetch.keys.publish(&[&key(Algorithm::Rs256, "a").await]);
    let server = ResourceServer::builder()
        .trust(Entra::any_tenant().client_id(API))
        .fetcher(fetch)
        .clock(VirtualClock::new())
        .build()
        .await
        .unwrap();
    let mint = good_token().await.algorithm(Algorithm::Rs256).header("kid", "a");
    let mint = mint.header("typ", "JWT").claim("iss", &*name).claim("aud", API);
    let token = mint.claim("tid", TENANT).claim("azp", API).claim("scp", "read").sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
    let one_of_many = ChangeError::TenantOfMany { issuer: name.clone(), tenant: TENANT.to_owned() };
    assert_eq!(server.distrust(&name), Err(one_of_many));
    server.forget_key(&name, "a").unwrap();
    assert_eq!(code(&server, &token).await, "key.forgotten");
}
