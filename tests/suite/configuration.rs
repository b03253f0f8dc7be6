//! What a developer reads when a server cannot be built.

use std::time::Duration;

use doorward::{
    ConfigError, Issuer, Keys, ResourceServer, ResourceServerBuilder,
    errors::KeysError,
    keys::{Algorithm, FixedKeysIssuer, MacAlgorithm, SymmetricKey},
};

use crate::support::{AUDIENCE, chain, shared_keys};

const NAME: &str = "https://a.example";

async fn fault(builder: ResourceServerBuilder) -> ConfigError {
    builder.build().await.unwrap_err()
}

async fn fixed(name: &str, audience: impl Into<doorward::Audience>) -> FixedKeysIssuer {
    Issuer::fixed_keys(name, audience, shared_keys().await)
}

fn trusting(issuer: impl Into<Issuer>) -> ResourceServerBuilder {
    ResourceServer::builder().trust(issuer)
}

#[tokio::test]
async fn a_server_needs_an_issuer_and_an_audience() {
    let issuer = || NAME.to_owned();
    assert_eq!(fault(ResourceServer::builder()).await, ConfigError::NoIssuer);
    for blank in ["", " "] {
        let refused = fault(trusting(fixed(NAME, blank).await)).await;
        assert_eq!(refused, ConfigError::BlankAudience { issuer: issuer() });
        let refused = fault(trusting(fixed(blank, AUDIENCE).await)).await;
        assert_eq!(refused, ConfigError::BlankIssuer);
    }
    let none: [&str; 0] = [];
    let refused = fault(trusting(fixed(NAME, none).await)).await;
    assert_eq!(refused, ConfigError::BlankAudience { issuer: issuer() });
    let refused = fault(trusting(fixed(NAME, [AUDIENCE, ""]).await)).await;
    assert_eq!(refused, ConfigError::BlankAudience { issuer: issuer() });
}

#[tokio::test]
async fn an_issuer_is_trusted_once() {
    let twice = trusting(fixed(NAME, "a").await).trust(fixed(NAME, "b").await);
    assert_eq!(fault(twice).await, ConfigError::DuplicateIssuer { issuer: NAME.to_owned() });
}

#[tokio::test]
async fn settings_beyond_their_limits_are_refused() {
    let base = async || trusting(fixed(NAME, AUDIENCE).await);
    let leeway = Duration::from_secs(301);
    assert_eq!(fault(base().await.leeway(leeway)).await, ConfigError::Leeway { leeway });
    assert!(base().await.leeway(Duration::from_secs(300)).build().await.is_ok());
    let too_deep = ConfigError::JsonDepth { depth: 65 };
    assert_eq!(fault(base().await.max_json_depth(65)).await, too_deep);
    assert!(base().await.max_json_depth(64).build().await.is_ok());
    for realm in ["a\"b", "a\\b", "a\r\nb", "ä"] {
        assert_eq!(fault(base().await.realm(realm)).await, ConfigError::Realm, "{realm:?}");
    }
    let none = trusting(fixed(NAME, AUDIENCE).await.algorithms([]));
    assert_eq!(fault(none).await, ConfigError::NoAlgorithms { issuer: NAME.to_owned() });
}

#[tokio::test]
async fn settings_that_contradict_each_other_are_refused() {
    let issuer = || NAME.to_owned();
    for any in [
        fixed(NAME, AUDIENCE).await.danger_any_audience().audience("api://only"),
        fixed(NAME, AUDIENCE).await.audience("api://only").danger_any_audience(),
    ] {
        assert_eq!(fault(trusting(any)).await, ConfigError::AnyAndOneAudience { issuer: issuer() });
    }
    let secret = SymmetricKey::new(MacAlgorithm::Hs256, &[7; 32]).unwrap();
    let symmetric = Issuer::fixed_keys(NAME, AUDIENCE, Keys::symmetric([secret]));
    let refused = fault(trusting(symmetric.algorithms([Algorithm::Rs256]))).await;
    let error = KeysError::SymmetricAlgorithms;
    assert_eq!(refused, ConfigError::Keys { issuer: issuer(), error });
    let base = async || trusting(fixed(NAME, AUDIENCE).await);
    assert_eq!(fault(base().await.max_token_len(0)).await, ConfigError::NothingPasses);
    assert_eq!(fault(base().await.max_json_depth(0)).await, ConfigError::NothingPasses);
    let none = base().await.max_lifetime(Duration::ZERO);
    assert_eq!(fault(none).await, ConfigError::NothingPasses);
    let none = base().await.max_token_age(Duration::ZERO);
    assert_eq!(fault(none).await, ConfigError::NothingPasses);
}

#[tokio::test]
async fn a_url_that_must_not_be_fetched_from_is_refused_with_the_way_out() {
    for (url, hint) in [
        ("http://127.0.0.1:9", "build with `.allow_loopback_http()`"),
        (
            "http://login.example.com",
            "allow the host by `.danger_allow_http(\"login.example.com\")`",
        ),
        ("ftp://login.example.com", "it is not https"),
        ("login.example.com", "it is not an absolute URL"),
        ("https://u:p@login.example.com", "it contains a user name or a password"),
        ("https://u:p@login.example.com:99999", "it is not an absolute URL"),
        ("https:/u:p@login.example.com", "it contains a user name or a password"),
        ("https://u:p/q@login.example.com", "it is not an absolute URL"),
    ] {
        for issuer in [
            Issuer::discover(url, AUDIENCE),
            Issuer::jwks(NAME, AUDIENCE, url),
            Issuer::metadata(NAME, AUDIENCE, url),
        ] {
            let message = chain(&fault(trusting(issuer)).await);
            assert!(message.contains(hint), "{message}");
            assert!(!message.contains("u:p"), "{message}");
        }
    }
}

#[tokio::test]
async fn whatever_else_is_wrong_a_password_in_a_url_is_not_shown() {
    let issuer = || Issuer::discover("https://u:p@login.example.com", AUDIENCE);
    let blank = Issuer::discover("https://u:p@login.example.com", "");
    let any = issuer().audience("api://only").danger_any_audience();
    let twice = trusting(issuer()).trust(issuer());
    for builder in [trusting(blank), trusting(any), trusting(issuer().algorithms([])), twice] {
        assert!(!format!("{builder:?}").contains("u:p"), "{builder:?}");
        let refused = fault(builder).await;
        assert!(matches!(refused, ConfigError::Location(_)), "{refused:?}");
        let shown = format!("{refused:?} {}", chain(&refused));
        assert!(!shown.contains("u:p"), "{shown}");
    }
}

#[tokio::test]
async fn an_issuers_url_has_no_query() {
    let refused = fault(trusting(Issuer::discover("https://a.example/?x=1", AUDIENCE))).await;
    let message = chain(&refused);
    assert!(message.contains("use `.metadata_url(…)`"), "{message}");
}

#[test]
fn keys_are_fetched_on_a_runtime() {
    // A future that never waits for a timer or a socket needs no runtime to be polled once.
    let build = trusting(Issuer::discover("https://login.example.com", AUDIENCE)).build();
    let mut build = std::pin::pin!(build);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(built) = build.as_mut().poll(&mut cx) else {
        panic!("it waits");
    };
    assert_eq!(built.unwrap_err(), ConfigError::NoRuntime);
}

/// As `fn main() -> Result<(), Box<dyn Error>>` prints it.
#[tokio::test]
async fn an_error_that_main_returns_is_printed_as_a_sentence_with_its_causes() {
    let printed = async |builder: ResourceServerBuilder| {
        let error: Box<dyn std::error::Error> = fault(builder).await.into();
        format!("{error:?}")
    };
    assert_eq!(
        printed(ResourceServer::builder()).await,
        "no issuer is trusted: add one with `.trust(Issuer::discover(url, audience))`"
    );
    let unusable = Issuer::fixed_keys(NAME, AUDIENCE, Keys::pem("nothing"));
    assert_eq!(
        printed(trusting(unusable)).await,
        "the keys of the issuer https://a.example cannot be used: no `PUBLIC KEY` and no `CERTIFICATE` section in the PEM text"
    );
}

/// Each reason stands once in the chain of causes.
#[tokio::test]
async fn no_cause_is_printed_twice() {
    use std::error::Error as _;

    let unusable = Issuer::fixed_keys(NAME, AUDIENCE, Keys::pem("nothing"));
    let refused = fault(trusting(unusable)).await;
    let cause = refused.source().unwrap().to_string();
    assert!(!refused.to_string().contains(&cause), "{refused}: {cause}");
    let fetched = Issuer::jwks_url(NAME, AUDIENCE, "https://a.example/keys");
    let builder = trusting(fetched).fetch(crate::support::Documents::default());
    let refused = fault(builder).await;
    let cause = refused.source().unwrap().to_string();
    assert!(!refused.to_string().contains(&cause), "{refused}: {cause}");
}
