use std::net::{SocketAddr, TcpListener, TcpStream};

use doorward_issuer::{Algorithm, DevIssuer, DevIssuerBuilder, StartError};

use crate::wire::{get, http, quick_issuer};

fn quick() -> DevIssuerBuilder {
    DevIssuer::builder().algorithms([Algorithm::Es256])
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn address_beyond_loopback_is_refused_with_the_way_out() {
    for text in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:192.0.2.1]:0"] {
        let error = quick().address(address(text)).start().await.unwrap_err();
        assert!(error.to_string().contains("`danger_listen_beyond_loopback`"));
        let StartError::BeyondLoopback { address: refused } = error else { panic!("{error}") };
        assert_eq!(refused, address(text));
    }
}

#[tokio::test]
async fn address_beyond_loopback_is_used_when_it_is_meant() {
    let builder = quick().address(address("0.0.0.0:0")).danger_listen_beyond_loopback();
    let issuer = builder.start().await.unwrap();
    assert!(issuer.url().starts_with("http://127.0.0.1:"));
    assert_eq!(get(&issuer.jwks_url()).await.status, 200);
}

#[tokio::test]
async fn address_in_use_is_refused() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let in_use = taken.local_addr().unwrap();
    let error = quick().address(in_use).start().await.unwrap_err();
    let StartError::Listen { address, .. } = error else { panic!("{error}") };
    assert_eq!(address, in_use);
}

#[tokio::test]
async fn issuer_without_an_algorithm_is_refused() {
    let error = DevIssuer::builder().algorithms([]).start().await.unwrap_err();
    assert!(matches!(error, StartError::NoAlgorithm), "{error}");
}

#[tokio::test]
async fn empty_issuer_identifier_is_refused() {
    let error = quick().issuer("").start().await.unwrap_err();
    assert!(matches!(error, StartError::EmptyIssuer), "{error}");
}

#[tokio::test]
async fn algorithm_named_twice_has_one_key() {
    let builder = DevIssuer::builder().algorithms([Algorithm::EdDsa, Algorithm::EdDsa]);
    assert_eq!(builder.start().await.unwrap().jwks()["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn dropped_issuer_has_closed_its_port_and_its_connections() {
    let issuer = quick_issuer().await;
    let (url, client) = (issuer.jwks_url(), http());
    let bound = address(issuer.url().strip_prefix("http://").unwrap());
    // The client keeps this connection open and would use it again.
    client.get(&url).send().await.unwrap().bytes().await.unwrap();
    drop(issuer);
    TcpStream::connect(bound).unwrap_err();
    client.get(&url).send().await.unwrap_err();
    quick().address(bound).start().await.unwrap();
}

#[test]
fn issuer_outlives_the_runtime_that_started_it() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let first = runtime();
    let issuer = first.block_on(quick_issuer());
    drop(first);
    let answer = runtime().block_on(get(&issuer.jwks_url()));
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn debug_output_has_no_secret_and_no_private_key() {
    let issuer =
        DevIssuer::builder().algorithms([Algorithm::Rs256, Algorithm::Es256]).start().await;
    let issuer = issuer.unwrap();
    for text in [
        format!("{issuer:?}"),
        format!("{:?}", issuer.mint()),
        format!("{:?}", issuer.clients()),
        format!("{:?}", quick().client(issuer.clients()[0].clone())),
    ] {
        assert!(text.contains("reader"), "{text}");
        assert!(!text.contains("reader-secret"), "{text}");
        assert!(!text.to_lowercase().contains("private"), "{text}");
    }
}
