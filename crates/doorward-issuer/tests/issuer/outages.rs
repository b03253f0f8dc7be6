use std::{io::ErrorKind, time::Duration};

use doorward_issuer::{DevIssuer, Fault, Outage, Target};
use tokio::{net::TcpStream, time::timeout};

use crate::{
    published_key::verifies,
    wire::{connect, get, http, quick_issuer, read_headers, read_to_end, request_keys},
};

const ALL: [Outage; 3] = [Outage::Refuse, Outage::Reset, Outage::Hang];
const SOON: Duration = Duration::from_millis(20);

async fn issuer_down(outage: Outage) -> DevIssuer {
    let issuer = quick_issuer().await;
    issuer.go_down(outage).unwrap();
    issuer
}

async fn connection_error(issuer: &DevIssuer) -> ErrorKind {
    let address = issuer.url().strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap_err().kind()
}

/// A connection that has served a request and stays open for the next one.
async fn kept_alive(issuer: &DevIssuer) -> TcpStream {
    let mut connection = connect(issuer).await;
    request_keys(&mut connection).await;
    read_headers(&mut connection).await;
    let mut body = vec![0; issuer.jwks().to_string().len()];
    tokio::io::AsyncReadExt::read_exact(&mut connection, &mut body).await.unwrap();
    connection
}

#[tokio::test]
async fn connections_to_a_closed_port_are_refused() {
    let issuer = issuer_down(Outage::Refuse).await;
    assert_eq!(connection_error(&issuer).await, ErrorKind::ConnectionRefused);
    assert!(http().get(issuer.jwks_url()).send().await.unwrap_err().is_connect());
    assert_eq!((issuer.connections(), issuer.jwks_requests()), (0, 0));
}

#[tokio::test]
async fn request_to_a_resetting_server_ends_with_a_reset() {
    let issuer = issuer_down(Outage::Reset).await;
    let mut connection = connect(&issuer).await;
    request_keys(&mut connection).await;
    let end = read_to_end(&mut connection).await;
    assert_eq!(end, (Vec::new(), Some(ErrorKind::ConnectionReset)));
    assert_eq!((issuer.connections(), issuer.jwks_requests()), (1, 0));
}

#[tokio::test]
async fn request_to_a_hanging_server_is_neither_answered_nor_closed() {
    let issuer = issuer_down(Outage::Hang).await;
    let mut connection = connect(&issuer).await;
    request_keys(&mut connection).await;
    while issuer.connections() == 0 {
        tokio::task::yield_now().await;
    }
    timeout(SOON, read_to_end(&mut connection)).await.unwrap_err();
    assert_eq!((issuer.connections(), issuer.jwks_requests()), (1, 0));
    issuer.recover().unwrap();
    let (answer, _) = read_to_end(&mut connection).await;
    assert!(answer.is_empty());
}

#[tokio::test]
async fn recovered_server_answers_at_the_same_address() {
    for outage in ALL {
        let issuer = issuer_down(outage).await;
        issuer.recover().unwrap();
        assert_eq!(get(&issuer.jwks_url()).await.json(), issuer.jwks());
    }
}

#[tokio::test]
async fn kept_connection_does_not_escape_an_outage() {
    for outage in ALL {
        let issuer = quick_issuer().await;
        let mut connection = kept_alive(&issuer).await;
        issuer.go_down(outage).unwrap();
        let (answer, _) = read_to_end(&mut connection).await;
        assert!(answer.is_empty(), "{outage:?}");
    }
}

#[tokio::test]
async fn request_that_is_being_answered_does_not_escape_an_outage() {
    let hour = Duration::from_secs(3600);
    for fault in [Fault::Delay(hour), Fault::Trickle { pause: hour }] {
        let issuer = quick_issuer().await;
        issuer.fail(Target::KeySet, fault);
        let mut connection = connect(&issuer).await;
        request_keys(&mut connection).await;
        while issuer.jwks_requests() == 0 {
            tokio::task::yield_now().await;
        }
        issuer.go_down(Outage::Refuse).unwrap();
        timeout(Duration::from_secs(5), read_to_end(&mut connection)).await.unwrap();
    }
}

#[tokio::test]
async fn client_with_a_pool_recovers_with_the_server() {
    let (issuer, client) = (quick_issuer().await, http());
    for outage in ALL {
        client.get(issuer.jwks_url()).send().await.unwrap().text().await.unwrap();
        issuer.go_down(outage).unwrap();
        let request = client.get(issuer.jwks_url()).timeout(SOON);
        request.send().await.unwrap_err();
        issuer.recover().unwrap();
    }
    assert_eq!(client.get(issuer.jwks_url()).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn every_outage_can_follow_every_other() {
    let issuer = quick_issuer().await;
    for first in ALL {
        for second in ALL {
            issuer.go_down(first).unwrap();
            issuer.go_down(second).unwrap();
            if second == Outage::Refuse {
                assert_eq!(connection_error(&issuer).await, ErrorKind::ConnectionRefused);
            } else {
                connect(&issuer).await;
            }
        }
    }
    issuer.recover().unwrap();
    assert_eq!(get(&issuer.jwks_url()).await.status, 200);
}

#[tokio::test]
async fn recovery_without_an_outage_keeps_connections() {
    let issuer = quick_issuer().await;
    let mut connection = kept_alive(&issuer).await;
    issuer.recover().unwrap();
    request_keys(&mut connection).await;
    assert!(read_headers(&mut connection).await.starts_with("HTTP/1.1 200"));
    assert_eq!(issuer.connections(), 1);
}

#[tokio::test]
async fn recovery_mends_the_documents_too() {
    let issuer = quick_issuer().await;
    issuer.fail(Target::Both, Fault::Status(500));
    issuer.go_down(Outage::Refuse).unwrap();
    issuer.recover().unwrap();
    assert_eq!(get(&issuer.jwks_url()).await.status, 200);
    assert_eq!(get(&issuer.metadata_url()).await.status, 200);
}

#[tokio::test]
async fn minting_and_rotating_go_on_in_an_outage() {
    let issuer = issuer_down(Outage::Refuse).await;
    issuer.rotate().await.unwrap();
    let token = issuer.mint().sign().unwrap();
    issuer.recover().unwrap();
    assert!(verifies(&token, &get(&issuer.jwks_url()).await.json()));
}

#[tokio::test]
async fn issuer_that_is_down_can_be_dropped() {
    for outage in ALL {
        let issuer = issuer_down(outage).await;
        let address = issuer.url().strip_prefix("http://").unwrap().to_owned();
        drop(issuer);
        TcpStream::connect(address).await.unwrap_err();
    }
}
