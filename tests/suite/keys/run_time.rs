//! Issuers that are trusted, and no longer trusted, while the server runs.

use std::time::Duration;

use doorward::{
    ConfigError, Issuer, ResourceServer, errors::ChangeError, keys::KeyState, presets::B2c,
};
use doorward_issuer::{Algorithm, DevIssuer};

use super::host::{HOUR, Mood, Scripted, VirtualClock, pass, trusting};
use crate::support::{AUDIENCE, code, good_token, issuer, shared_keys};

async fn es256() -> DevIssuer {
    DevIssuer::builder().algorithms([Algorithm::Es256]).start().await.unwrap()
}

fn discovering(issuer: &DevIssuer) -> Issuer {
    Issuer::discover(issuer.issuer(), AUDIENCE)
}

#[tokio::test]
async fn an_issuer_is_trusted_and_distrusted_while_others_are_not_touched() {
    let (one, two) = (es256().await, es256().await);
    let server = ResourceServer::builder()
        .trust(discovering(&one))
        .allow_loopback_http()
        .build()
        .await
        .unwrap();
    let (of_one, of_two) = (one.mint().sign().unwrap(), two.mint().sign().unwrap());
    assert_eq!(code(&server, &of_two).await, "policy.untrusted_issuer");
    let clone = server.clone();
    clone.trust(discovering(&two)).await.unwrap();
    assert_eq!(code(&server, &of_two).await, "accepted");
    assert_eq!(code(&server, &of_one).await, "accepted");
    assert_eq!(server.health().issuers().len(), 2);
    server.distrust(two.issuer()).unwrap();
    assert_eq!(code(&server, &of_two).await, "policy.untrusted_issuer");
    assert_eq!(code(&server, &of_one).await, "accepted");
    assert_eq!((one.jwks_requests(), two.jwks_requests()), (1, 1));
    server.trust(discovering(&two)).await.unwrap();
    assert_eq!(code(&server, &of_two).await, "accepted", "and again");
}

#[tokio::test]
async fn through_a_gate_it_is_the_same() {
    let (one, two) = (es256().await, es256().await);
    let server = ResourceServer::builder().trust(discovering(&one)).allow_loopback_http();
    let server = server.build().await.unwrap();
    let gate = doorward_axum::Gate::new(server.clone());
    gate.server().trust(discovering(&two)).await.unwrap();
    assert!(gate.server().health().is_ready());
    let actix = doorward_actix::Gate::new(server.clone());
    assert_eq!(actix.server().health().issuers().len(), 2);
    actix.server().distrust(two.issuer()).unwrap();
    doorward_tower::Gate::new(server).server().distrust(one.issuer()).unwrap();
    assert!(gate.server().health().issuers().is_empty());
    assert!(!gate.server().health().is_ready(), "nobody is trusted");
}

#[tokio::test(start_paused = true)]
async fn the_keys_of_a_distrusted_issuer_are_no_longer_fetched() {
    let fetch = Scripted::new().await;
    let server = trusting(&fetch).await.build().await.unwrap();
    server.distrust(issuer().await.issuer()).unwrap();
    let asked = fetch.asked();
    pass(24 * HOUR).await;
    assert_eq!(fetch.asked(), asked);
    let token = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &token).await, "policy.untrusted_issuer");
}

#[tokio::test(start_paused = true)]
async fn an_issuer_whose_keys_cannot_be_had_is_not_trusted_unless_the_server_is_lazy() {
    let fetch = Scripted::new().await;
    fetch.set(Mood::Down);
    let url = "https://b.example/jwks";
    let other = || Issuer::jwks(issuer_name(), AUDIENCE, url);
    let keys = shared_keys().await;
    let base = async |lazy: bool| {
        let builder = ResourceServer::builder()
            .trust(Issuer::fixed_keys("https://a.example", AUDIENCE, keys.clone()))
            .fetcher(fetch.clone())
            .clock(VirtualClock::new());
        if lazy { builder.lazy().build().await } else { builder.build().await }.unwrap()
    };
    let strict = base(false).await;
    let error = strict.trust(other()).await.unwrap_err();
    let ChangeError::Issuer(cause) = &error else { panic!("{error:?}") };
    assert!(matches!(cause, ConfigError::FirstFetch { issuer, .. } if issuer == issuer_name()));
    assert!(std::error::Error::source(&error).is_some(), "the cause is chained");
    assert_eq!(strict.health().issuers().len(), 1);
    let asked = fetch.asked();
    pass(HOUR).await;
    assert_eq!(fetch.asked(), asked, "what was not trusted is not fetched for");
    let lazy = base(true).await;
    lazy.trust(other()).await.unwrap();
    assert_eq!(lazy.health().issuers()[1].keys, KeyState::Missing);
    fetch.set(Mood::Well);
    pass(Duration::from_secs(60)).await;
    assert_eq!(lazy.health().issuers()[1].keys, KeyState::Fresh);
}

const fn issuer_name() -> &'static str {
    "https://b.example"
}

#[tokio::test]
async fn contradictions_are_told_and_change_nothing() {
    let server = crate::support::server().await;
    let name = issuer().await.issuer();
    let again = Issuer::fixed_keys(name, "api://b", shared_keys().await);
    let duplicate = ConfigError::DuplicateIssuer { issuer: name.to_owned() };
    assert_eq!(server.trust(again).await, Err(ChangeError::Issuer(duplicate)));
    let stranger = "https://other.example";
    let not_trusted = ChangeError::NotTrusted { issuer: stranger.to_owned() };
    assert_eq!(server.distrust(stranger), Err(not_trusted));
    let blank = Issuer::fixed_keys("https://b.example", " ", shared_keys().await);
    let error = ConfigError::BlankAudience { issuer: "https://b.example".to_owned() };
    assert_eq!(server.trust(blank).await, Err(ChangeError::Issuer(error)));
    assert_eq!(server.health().issuers().len(), 1);
    let token = good_token().await.sign().unwrap();
    assert_eq!(code(&server, &token).await, "accepted");
}

/// An issuer with several names or policies is distrusted as a whole, by any of them.
#[tokio::test]
async fn an_issuer_of_several_names_goes_as_a_whole() {
    let named = || async {
        let keys = shared_keys().await;
        Issuer::fixed_keys("https://a.example", AUDIENCE, keys).also_named("urn:a")
    };
    let server = ResourceServer::builder().trust(named().await).build().await.unwrap();
    for name in ["https://a.example", "urn:a"] {
        server.distrust(name).unwrap();
        assert!(server.health().issuers().is_empty());
        server.trust(named().await).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_b2c_tenant_goes_with_all_its_policies() {
    const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";
    let issuer =
        B2c::tenant("contoso", TENANT).client_id(TENANT).policies(["B2C_1_In", "B2C_1_Edit"]);
    let server = ResourceServer::builder()
        .trust(issuer)
        .fetcher(Scripted::new().await)
        .lazy()
        .build()
        .await
        .unwrap();
    let names: Vec<_> =
        server.health().issuers().iter().map(|issuer| issuer.issuer.clone()).collect();
    assert_eq!(names.len(), 2);
    assert!(names[1].ends_with("/v2.0/ (B2C_1_Edit)"), "{names:?}");
    server.distrust(&names[1]).unwrap();
    assert!(server.health().issuers().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_is_trusted_already_is_refused_without_a_fetch() {
    let fetch = Scripted::new().await;
    let server = trusting(&fetch).await.build().await.unwrap();
    let asked = fetch.asked();
    for _ in 0..100 {
        let again = Issuer::jwks(issuer().await.issuer(), AUDIENCE, "https://b.example/jwks");
        let refused = server.trust(again).await;
        let Err(ChangeError::Issuer(cause)) = refused else { panic!("{refused:?}") };
        assert!(matches!(cause, ConfigError::DuplicateIssuer { .. }), "{cause:?}");
    }
    assert_eq!(fetch.asked(), asked);
}
