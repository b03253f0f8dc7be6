use doorward_issuer::{Algorithm, DevIssuer};

use crate::wire::{Answer, get, http, quick_issuer, raw, send};

async fn controlled() -> DevIssuer {
    let builder = DevIssuer::builder().algorithms([Algorithm::Es256]);
    builder.control_endpoint().start().await.unwrap()
}

async fn order(issuer: &DevIssuer, order: &str) -> Answer {
    send(http().post(format!("{}/control/{order}", issuer.url()))).await
}

async fn obeyed(issuer: &DevIssuer, text: &str) {
    let answer = order(issuer, text).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""), "{text}");
}

#[tokio::test]
async fn issuer_takes_no_orders_unless_it_is_told_to() {
    let issuer = quick_issuer().await;
    for text in ["rotate", "fault?target=jwks&fault=html", "recover"] {
        assert_eq!(order(&issuer, text).await.status, 404);
    }
}

#[tokio::test]
async fn keys_are_rotated_by_order() {
    let issuer = controlled().await;
    let first = issuer.key_ids();
    obeyed(&issuer, "rotate").await;
    assert_eq!(issuer.key_ids()[1..], first);
    obeyed(&issuer, "rotate-without-overlap").await;
    assert_eq!(issuer.key_ids().len(), 1);
    assert_ne!(issuer.key_ids(), first);
}

#[tokio::test]
async fn document_is_broken_and_mended_by_order() {
    let issuer = controlled().await;
    for (target, statuses) in [("jwks", (503, 200)), ("metadata", (200, 503)), ("both", (503, 503))]
    {
        obeyed(&issuer, &format!("fault?target={target}&fault=status-503")).await;
        let keys = get(&issuer.jwks_url()).await.status.as_u16();
        let metadata = get(&issuer.metadata_url()).await.status.as_u16();
        assert_eq!((keys, metadata), statuses);
        obeyed(&issuer, "recover").await;
        assert_eq!(get(&issuer.jwks_url()).await.status, 200);
        assert_eq!(get(&issuer.metadata_url()).await.status, 200);
    }
}

#[tokio::test]
async fn every_fault_has_a_name() {
    let issuer = controlled().await;
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
        obeyed(&issuer, &format!("fault?target=both&fault={name}")).await;
    }
}

#[tokio::test]
async fn value_of_a_fault_is_percent_decoded() {
    let issuer = controlled().await;
    obeyed(&issuer, "fault?fault=content-type-text%2Fplain%3B+a%3Db&target=jwks").await;
    let answer = get(&issuer.jwks_url()).await;
    assert_eq!(answer.header("content-type"), Some("text/plain; a=b"));
}

#[tokio::test]
async fn order_that_is_not_understood_is_refused_with_what_is() {
    let issuer = controlled().await;
    for (query, named) in [
        ("", "metadata"),
        ("?target=keys&fault=html", "metadata"),
        ("?target=jwks", "one-bad-key"),
        ("?target=jwks&fault=status", "one-bad-key"),
        ("?target=jwks&fault=status-ok", "one-bad-key"),
        ("?target=jwks&fault=%FF", "one-bad-key"),
    ] {
        let answer = order(&issuer, &format!("fault{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.body.contains(named) && answer.body.ends_with('\n'), "{}", answer.body);
    }
    assert_eq!(get(&issuer.jwks_url()).await.json(), issuer.jwks());
}

#[tokio::test]
async fn orders_are_posts() {
    let issuer = controlled().await;
    assert_eq!(get(&format!("{}/control/rotate", issuer.url())).await.status, 405);
    assert_eq!(issuer.key_ids().len(), 1);
}

/// Sends a control request with these header fields; `Host` replaces the one of the client.
async fn order_with(issuer: &DevIssuer, order: &str, fields: &[(&str, &str)]) -> Answer {
    let request = http().post(format!("{}/control/{order}", issuer.url()));
    send(fields.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

fn port(issuer: &DevIssuer) -> &str {
    issuer.url().rsplit_once(':').unwrap().1
}

#[tokio::test]
async fn order_of_another_origin_is_refused() {
    let issuer = controlled().await;
    let keys = issuer.key_ids();
    let own = issuer.url();
    let https = own.replace("http:", "https:");
    for origin in ["https://evil.example", "http://127.0.0.1", "http://localhost:1", "null", &https]
    {
        for order in ["rotate", "rotate-without-overlap", "fault?target=both&fault=html", "recover"]
        {
            let answer = order_with(&issuer, order, &[("origin", origin)]).await;
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
async fn order_with_two_origins_is_refused() {
    let issuer = controlled().await;
    let own = issuer.url();
    let fields = [("origin", own), ("origin", "https://evil.example")];
    let answer = order_with(&issuer, "rotate", &fields).await;
    let text = format!(
        "cross-origin request refused: the request has 2 Origin fields, expected none or \"{own}\"; \
         send control requests from a program, not from a web page\n"
    );
    assert_eq!((answer.status.as_u16(), answer.body), (403, text));
    assert_eq!(issuer.key_ids().len(), 1);
}

#[tokio::test]
async fn order_of_the_issuers_own_origin_is_obeyed() {
    let issuer = controlled().await;
    for host in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"] {
        let authority = format!("{host}:{}", port(&issuer));
        let origin = format!("http://{authority}");
        let fields = [("host", authority.as_str()), ("origin", &origin)];
        let answer = order_with(&issuer, "recover", &fields).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""), "{host}");
    }
}

#[tokio::test]
async fn order_for_another_host_is_refused() {
    let issuer = controlled().await;
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
        let answer = order_with(&issuer, "rotate-without-overlap", &fields).await;
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

/// A page of `evil.example` whose name was rebound to loopback is of the same origin for its browser.
#[tokio::test]
async fn order_of_a_rebound_name_is_refused_though_origin_and_host_agree() {
    let issuer = controlled().await;
    let authority = format!("evil.example:{}", port(&issuer));
    let origin = format!("http://{authority}");
    let fields = [("host", authority.as_str()), ("origin", &origin)];
    let answer = order_with(&issuer, "rotate", &fields).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.starts_with("foreign host refused: "), "{}", answer.body);
    assert_eq!(issuer.key_ids().len(), 1);
}

/// An absolute target replaces the `Host` field (RFC 9112 §3.2.2), and a request without a `Host` or
/// with two is malformed (RFC 9112 §3.2).
#[tokio::test]
async fn order_whose_host_is_ambiguous_is_refused() {
    let issuer = controlled().await;
    let own = issuer.url().strip_prefix("http://").unwrap();
    for (request, seen) in [
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
        let text = format!("\r\n\r\nforeign host refused: {seen}, expected localhost, ");
        assert!(answer.contains(&text), "{answer}");
    }
    assert_eq!(issuer.key_ids().len(), 1);
}

/// Linux has all of 127.0.0.0/8 as loopback; elsewhere 127.0.0.2 has to be set up first.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn order_may_name_the_address_that_the_issuer_listens_on_and_no_other() {
    let builder = DevIssuer::builder().algorithms([Algorithm::Es256]).control_endpoint();
    let issuer = builder.address("127.0.0.2:0".parse().unwrap()).start().await.unwrap();
    obeyed(&issuer, "recover").await;
    for (host, status) in [("127.0.0.2", 204), ("127.0.0.1", 204), ("127.0.0.3", 403)] {
        let answer = order_with(&issuer, "recover", &[("host", host)]).await;
        assert_eq!(answer.status, status, "{host}");
    }
}

#[tokio::test]
async fn fault_over_a_limit_is_refused_with_the_limit() {
    let issuer = controlled().await;
    for (fault, limit) in [
        ("many-keys-10001", "10000 keys"),
        ("many-keys-18446744073709551616", "10000 keys"),
        ("huge-104857601", "104857600 bytes"),
        ("delay-600001", "600000 milliseconds"),
        ("trickle-600001", "600000 milliseconds"),
    ] {
        let answer = order(&issuer, &format!("fault?target=jwks&fault={fault}")).await;
        let text = format!("the fault {fault} is over the limit of {limit}\n");
        assert_eq!((answer.status.as_u16(), answer.body), (400, text));
    }
    assert_eq!(get(&issuer.jwks_url()).await.json(), issuer.jwks());
    for fault in ["many-keys-10000", "huge-104857600", "delay-600000", "trickle-600000"] {
        obeyed(&issuer, &format!("fault?target=metadata&fault={fault}")).await;
    }
}

#[tokio::test]
async fn rotation_is_refused_once_the_issuer_has_a_thousand_keys() {
    let issuer = controlled().await;
    for _ in 1..1000 {
        issuer.rotate().await.unwrap();
    }
    let answer = order(&issuer, "rotate").await;
    let text = "the issuer has 1000 keys and a rotation adds 1, which is over the limit of 1000 keys; \
                send rotate-without-overlap first\n";
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (409, text));
    assert_eq!(issuer.key_ids().len(), 1000);
    obeyed(&issuer, "rotate-without-overlap").await;
    obeyed(&issuer, "rotate").await;
    assert_eq!(issuer.key_ids().len(), 2);
}
