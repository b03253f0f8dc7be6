use doorward_issuer::{Algorithm, DevIssuer};

use crate::wire::{Answer, get, http, quick_issuer, raw, send};

async fn issuer_with_control() -> DevIssuer {
    let builder = DevIssuer::builder().algorithms([Algorithm::Es256]);
    builder.control_endpoint().start().await.unwrap()
}

async fn post(issuer: &DevIssuer, path: &str) -> Answer {
    send(http().post(format!("{}/control/{path}", issuer.url()))).await
}

async fn accepted(issuer: &DevIssuer, path: &str) {
    let answer = post(issuer, path).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""), "{path}");
}

#[tokio::test]
async fn control_endpoint_is_off_by_default() {
    let issuer = quick_issuer().await;
    for text in ["rotate", "fault?target=jwks&fault=html", "recover"] {
        assert_eq!(post(&issuer, text).await.status, 404);
    }
}

#[tokio::test]
async fn control_request_rotates_the_keys() {
    let issuer = issuer_with_control().await;
    let first = issuer.key_ids();
    accepted(&issuer, "rotate").await;
    assert_eq!(issuer.key_ids()[1..], first);
    accepted(&issuer, "rotate-without-overlap").await;
    assert_eq!(issuer.key_ids().len(), 1);
    assert_ne!(issuer.key_ids(), first);
}

#[tokio::test]
async fn control_requests_set_and_clear_a_fault() {
    let issuer = issuer_with_control().await;
    for (target, statuses) in [("jwks", (503, 200)), ("metadata", (200, 503)), ("both", (503, 503))]
    {
        accepted(&issuer, &format!("fault?target={target}&fault=status-503")).await;
        let keys = get(&issuer.jwks_url()).await.status.as_u16();
        let metadata = get(&issuer.metadata_url()).await.status.as_u16();
        assert_eq!((keys, metadata), statuses);
        accepted(&issuer, "recover").await;
        assert_eq!(get(&issuer.jwks_url()).await.status, 200);
        assert_eq!(get(&issuer.metadata_url()).await.status, 200);
    }
}

#[tokio::test]
async fn every_fault_has_a_name() {
    let issuer = issuer_with_control().await;
    for name in [
        "status-500",
        "delay-10",
        "trickle-10",
        "cut-10",
        "huge-1000000",
        "many-keys-100",
        "redirect-http%3A%2F%2F127.0.0.1%3A1%2F%3Fa%3Db%26c",
        "content-type-text/plain",
        "html",
        "truncated",
        "empty-set",
        "one-bad-key",
    ] {
        accepted(&issuer, &format!("fault?target=both&fault={name}")).await;
    }
}

#[tokio::test]
async fn value_of_a_fault_is_percent_decoded() {
    let issuer = issuer_with_control().await;
    accepted(&issuer, "fault?fault=content-type-text%2Fplain%3B+a%3Db&target=jwks").await;
    let answer = get(&issuer.jwks_url()).await;
    assert_eq!(answer.header("content-type"), Some("text/plain; a=b"));
}

#[tokio::test]
async fn unknown_fault_or_target_is_refused_with_the_known_ones() {
    let issuer = issuer_with_control().await;
    for (query, named) in [
        ("", "metadata"),
        ("?target=keys&fault=html", "metadata"),
        ("?target=jwks", "one-bad-key"),
        ("?target=jwks&fault=status", "one-bad-key"),
        ("?target=jwks&fault=status-ok", "one-bad-key"),
        ("?target=jwks&fault=%FF", "one-bad-key"),
    ] {
        let answer = post(&issuer, &format!("fault{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.body.contains(named) && answer.body.ends_with('\n'), "{}", answer.body);
    }
    assert_eq!(get(&issuer.jwks_url()).await.json(), issuer.jwks());
}

#[tokio::test]
async fn control_request_is_a_post() {
    let issuer = issuer_with_control().await;
    assert_eq!(get(&format!("{}/control/rotate", issuer.url())).await.status, 405);
    assert_eq!(issuer.key_ids().len(), 1);
}

/// Sends a control request with these header fields; `Host` replaces the one of the client.
async fn post_with(issuer: &DevIssuer, path: &str, fields: &[(&str, &str)]) -> Answer {
    let request = http().post(format!("{}/control/{path}", issuer.url()));
    send(fields.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

fn port(issuer: &DevIssuer) -> &str {
    issuer.url().rsplit_once(':').unwrap().1
}

#[tokio::test]
async fn control_request_of_another_origin_is_refused() {
    let issuer = issuer_with_control().await;
    let keys = issuer.key_ids();
    let own = issuer.url();
    let https = own.replace("http:", "https:");
    for origin in ["https://evil.example", "http://127.0.0.1", "http://localhost:1", "null", &https]
    {
        for path in ["rotate", "rotate-without-overlap", "fault?target=both&fault=html", "recover"]
        {
            let answer = post_with(&issuer, path, &[("origin", origin)]).await;
            let text = format!(
                "cross-origin request refused: the Origin is \"{origin}\", expected none or \
                 \"{own}\"; send control requests from a program, not from a web page\n"
            );
            assert_eq!((answer.status.as_u16(), answer.body), (403, text));
        }
    }
    assert_eq!(issuer.key_ids(), keys);
    assert_eq!(get(&issuer.jwks_url()).await.json(), issuer.jwks());
}

#[tokio::test]
async fn control_request_with_two_origins_is_refused() {
    let issuer = issuer_with_control().await;
    let own = issuer.url();
    let fields = [("origin", own), ("origin", "https://evil.example")];
    let answer = post_with(&issuer, "rotate", &fields).await;
    let text = format!(
        "cross-origin request refused: the request has 2 Origin fields, expected none or \"{own}\"; \
         send control requests from a program, not from a web page\n"
    );
    assert_eq!((answer.status.as_u16(), answer.body), (403, text));
    assert_eq!(issuer.key_ids().len(), 1);
}

#[tokio::test]
async fn control_request_of_the_issuers_own_origin_is_accepted() {
    let issuer = issuer_with_control().await;
    for host in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"] {
        let authority = format!("{host}:{}", port(&issuer));
        let origin = format!("http://{authority}");
        let fields = [("host", authority.as_str()), ("origin", &origin)];
        let answer = post_with(&issuer, "recover", &fields).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""), "{host}");
    }
}

#[tokio::test]
async fn control_request_for_a_foreign_host_is_refused() {
    let issuer = issuer_with_control().await;
    for host in [
        "evil.example",
        "localhost.evil.example",
        "evil.localhost",
        "127.0.0.1.evil.example",
        "192.0.2.1",
        "user@127.0.0.1",
        "",
    ] {
        let authority = format!("{host}:{}", port(&issuer));
        let fields = [("host", authority.as_str())];
        let answer = post_with(&issuer, "rotate-without-overlap", &fields).await;
        let text = format!(
            "foreign host refused: the Host is \"{authority}\", expected localhost, 127.0.0.1, \
             [::1] or the address that the issuer listens on; send control requests to {}\n",
            issuer.url()
        );
        assert_eq!((answer.status.as_u16(), answer.body), (403, text));
    }
    let key = issuer.key_ids();
    assert!(issuer.mint().key_id(&key[0]).sign().is_ok() && key.len() == 1);
}

/// A browser treats a page of `evil.example` as of the same origin once that name resolves to loopback.
#[tokio::test]
async fn control_request_of_a_rebound_name_is_refused_even_if_origin_and_host_agree() {
    let issuer = issuer_with_control().await;
    let authority = format!("evil.example:{}", port(&issuer));
    let origin = format!("http://{authority}");
    let fields = [("host", authority.as_str()), ("origin", &origin)];
    let answer = post_with(&issuer, "rotate", &fields).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.starts_with("foreign host refused: "), "{}", answer.body);
    assert_eq!(issuer.key_ids().len(), 1);
}

/// An absolute target replaces the `Host` field (RFC 9112 §3.2.2), and a request without a `Host` or
/// with two is malformed (RFC 9112 §3.2).
#[tokio::test]
async fn control_request_with_an_ambiguous_host_is_refused() {
    let issuer = issuer_with_control().await;
    let own = issuer.url().strip_prefix("http://").unwrap();
    for (request, reason) in [
        (
            format!("POST http://evil.example/control/rotate HTTP/1.1\r\nHost: {own}\r\n"),
            "the Host is \"evil.example\"",
        ),
        (
            format!("POST /control/rotate HTTP/1.1\r\nHost: {own}\r\nHost: evil.example\r\n"),
            "the request has 2 Host fields",
        ),
        ("POST /control/rotate HTTP/1.1\r\n".to_owned(), "the request has no Host field"),
    ] {
        let answer = raw(&issuer, &format!("{request}Connection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        let text = format!("\r\n\r\nforeign host refused: {reason}, expected localhost, ");
        assert!(answer.contains(&text), "{answer}");
    }
    assert_eq!(issuer.key_ids().len(), 1);
}

/// Only Linux has all of 127.0.0.0/8 as loopback addresses.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn control_request_may_use_the_address_that_the_issuer_listens_on() {
    let builder = DevIssuer::builder().algorithms([Algorithm::Es256]).control_endpoint();
    let issuer = builder.address("127.0.0.2:0".parse().unwrap()).start().await.unwrap();
    accepted(&issuer, "recover").await;
    for (host, status) in [("127.0.0.2", 204), ("127.0.0.1", 204), ("127.0.0.3", 403)] {
        let answer = post_with(&issuer, "recover", &[("host", host)]).await;
        assert_eq!(answer.status, status, "{host}");
    }
}

#[tokio::test]
async fn fault_over_a_limit_is_refused_with_the_limit() {
    let issuer = issuer_with_control().await;
    for (fault, limit) in [
        ("many-keys-10001", "10000 keys"),
        ("many-keys-18446744073709551616", "10000 keys"),
        ("huge-104857601", "104857600 bytes"),
        ("delay-600001", "600000 milliseconds"),
        ("trickle-600001", "600000 milliseconds"),
    ] {
        let answer = post(&issuer, &format!("fault?target=jwks&fault={fault}")).await;
        let text = format!("the fault {fault} is over the limit of {limit}\n");
        assert_eq!((answer.status.as_u16(), answer.body), (400, text));
    }
    assert_eq!(get(&issuer.jwks_url()).await.json(), issuer.jwks());
    for fault in ["many-keys-10000", "huge-104857600", "delay-600000", "trickle-600000"] {
        accepted(&issuer, &format!("fault?target=metadata&fault={fault}")).await;
    }
}

#[tokio::test]
async fn rotation_is_refused_once_the_issuer_has_a_thousand_keys() {
    let issuer = issuer_with_control().await;
    for _ in 1..1000 {
        issuer.rotate().await.unwrap();
    }
    let answer = post(&issuer, "rotate").await;
    let text = "the issuer has 1000 keys and a rotation adds 1, which is over the limit of 1000 keys; \
                send rotate-without-overlap first\n";
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (409, text));
    assert_eq!(issuer.key_ids().len(), 1000);
    accepted(&issuer, "rotate-without-overlap").await;
    accepted(&issuer, "rotate").await;
    assert_eq!(issuer.key_ids().len(), 2);
}
