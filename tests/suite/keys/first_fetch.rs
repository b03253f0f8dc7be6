//! What a developer reads when the first fetch fails: what happened, and the fix.

use doorward::{
    ConfigError, Issuer, ResourceServer, ResourceServerBuilder,
    errors::{FetchError, MetadataError, RemoteError, UrlError},
};
use doorward_issuer::{Algorithm, DevIssuer};
use http::{HeaderMap, StatusCode};

use crate::{
    documents::Documents,
    support::{AUDIENCE, chain},
};

const OIDC: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";
const LAZY: &str = "`.lazy()`";

fn trusting(issuer: Issuer) -> ResourceServerBuilder {
    ResourceServer::builder().trust(issuer).allow_loopback_http()
}

fn discovering(host: &Documents) -> ResourceServerBuilder {
    trusting(Issuer::discover(host.url.as_str(), AUDIENCE))
}

async fn error(builder: ResourceServerBuilder) -> ConfigError {
    builder.build().await.unwrap_err()
}

async fn cause(builder: ResourceServerBuilder) -> RemoteError {
    match error(builder).await {
        ConfigError::FirstFetch { error, .. } => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_issuer_that_is_down_is_named_with_the_option_to_start_without_it() {
    let down = DevIssuer::builder().algorithms([Algorithm::Es256]).start().await.unwrap();
    let name = down.issuer().to_owned();
    drop(down);
    let error = error(trusting(Issuer::discover(name.as_str(), AUDIENCE))).await;
    let message = chain(&error);
    assert!(message.contains(&name) && message.contains(LAZY), "{message}");

    for status in [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE] {
        let host = Documents::start().await;
        host.answer(OIDC, status, HeaderMap::new(), "");
        let message = chain(&self::error(discovering(&host)).await);
        let expected = format!("answered with status {}", status.as_u16());
        assert!(message.contains(&expected) && message.contains(LAZY), "{message}");
    }
}

#[tokio::test]
async fn an_error_of_the_configuration_does_not_name_the_option_to_start_without_the_issuer() {
    let host = Documents::start().await;
    let message = chain(&error(discovering(&host)).await);
    assert!(message.contains("status 404") && !message.contains(LAZY), "{message}");

    host.put(OIDC, host.metadata(&format!("{}/", host.url)));
    let message = chain(&error(discovering(&host)).await);
    let expected = format!(
        "is the metadata of \"{0}/\", not of \"{0}\", which differs by the slash at the end; configure the issuer exactly as its metadata names it",
        host.url
    );
    assert!(message.ends_with(&expected) && !message.contains(LAZY), "{message}");

    host.put("/jwks", "<html>");
    let keys = Issuer::jwks_url("https://a.example", AUDIENCE, format!("{}/jwks", host.url));
    let message = chain(&error(trusting(keys)).await);
    assert!(message.contains("not a JWKS document") && !message.contains(LAZY), "{message}");
}

#[tokio::test]
async fn when_there_is_no_metadata_every_url_that_was_tried_is_named() {
    let host = Documents::start().await;
    let issuer = format!("{}/realms/shop", host.url);
    let error = cause(trusting(Issuer::discover(issuer.as_str(), AUDIENCE))).await;
    let first = format!("{issuer}{OIDC}");
    let RemoteError::NoMetadata { tried, error: inner } = &error else { panic!("{error:?}") };
    let others = [format!("{OAUTH}/realms/shop"), format!("{OIDC}/realms/shop")];
    let others = others.map(|path| format!("{}{path}", host.url));
    assert_eq!(tried, &[first.clone(), others[0].clone(), others[1].clone()]);
    assert_eq!(**inner, RemoteError::Fetch { url: first.clone(), error: FetchError::Status(404) });
    let expected = format!(
        "no issuer metadata found; tried {}: GET {first} failed: answered with status 404",
        tried.join(", ")
    );
    assert_eq!(chain(&error), expected);
}

#[tokio::test]
async fn the_url_of_the_metadata_is_refused_as_the_issuer_and_the_issuer_named() {
    for url in [
        "https://login.example.com/realms/shop/.well-known/openid-configuration",
        "https://login.example.com/.well-known/oauth-authorization-server/realms/shop",
    ] {
        let error = error(trusting(Issuer::discover(url, AUDIENCE))).await;
        let ConfigError::Location(RemoteError::Url { error: reason, .. }) = &error else {
            panic!("{error:?}")
        };
        assert!(matches!(reason, UrlError::WellKnown { .. }), "{reason:?}");
        assert_eq!(
            chain(&error),
            format!(
                "nothing can be fetched from the URL of an issuer: the URL {url} is not allowed: it is the URL of the issuer's metadata, not the issuer; the issuer is probably \"https://login.example.com/realms/shop\""
            )
        );
    }
}

#[tokio::test]
async fn the_url_of_the_metadata_is_refused_as_the_key_set_and_the_key_set_named() {
    let host = Documents::start().await;
    host.put(OIDC, host.metadata(&host.url));
    let url = format!("{}{OIDC}", host.url);
    let error = cause(trusting(Issuer::jwks_url(host.url.as_str(), AUDIENCE, &*url))).await;
    assert!(matches!(error, RemoteError::MetadataAsJwks { .. }), "{error:?}");
    assert_eq!(
        chain(&error),
        format!(
            "{url} is issuer metadata, not a key set; pass the issuer to `Issuer::discover(…)`, or its key set {}/jwks to `Issuer::jwks_url(…)`",
            host.url
        )
    );
}

#[tokio::test]
async fn what_is_wrong_with_metadata_is_said_with_the_member() {
    let host = Documents::start().await;
    let url = format!("{}{OIDC}", host.url);
    let member = "jwks_uri";
    for (document, expected) in [
        (
            r#"{"issuer":"a","jwks_uri":"b","scopes_supported":[],"scopes_supported":[]}"#,
            "the member `scopes_supported` occurs twice",
        ),
        (r#"{"issuer":"a"}"#, "the member `jwks_uri` is missing"),
        (r#"{"issuer":"a","jwks_uri":7}"#, "the member `jwks_uri` is not a string"),
        (
            "<html>Sign in</html>",
            "expected one JSON object, found a document that begins with \"<html>Sign in</html>\"",
        ),
    ] {
        host.put(OIDC, document);
        let metadata = Issuer::discover(host.url.as_str(), AUDIENCE).metadata_url(url.as_str());
        let error = cause(trusting(metadata)).await;
        assert_eq!(chain(&error), format!("{url} is not issuer metadata: {expected}"));
    }
    host.put(OIDC, r#"{"issuer":"a"}"#);
    let metadata = Issuer::discover(host.url.as_str(), AUDIENCE).metadata_url(url.as_str());
    let error = MetadataError::Missing { member };
    assert_eq!(cause(trusting(metadata)).await, RemoteError::Metadata { url, error });
}

/// No message repeats its cause.
#[tokio::test]
async fn every_cause_is_told_once() {
    let host = Documents::start().await;
    host.answer("/jwks", StatusCode::BAD_GATEWAY, HeaderMap::new(), "");
    let keys = Issuer::jwks_url("https://a.example", AUDIENCE, format!("{}/jwks", host.url));
    let expected = format!(
        "the keys of the issuer https://a.example could not be fetched (to start while an issuer is down, build with `.lazy()`): GET {}/jwks failed: answered with status 502",
        host.url
    );
    assert_eq!(chain(&error(trusting(keys)).await), expected);
}
