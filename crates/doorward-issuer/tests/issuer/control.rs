use doorward_issuer::{Algorithm, DevIssuer};

use crate::wire::{Answer, get, http, quick_issuer, send};

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
