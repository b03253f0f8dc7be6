//! Odd targets, as they are written.

use serde_json::json;

use crate::sockets::{
    issuers::Tokens,
    row::{Expected, Row, insufficient, of_framework, refused, served},
    wire::Request,
};

pub fn rows(tokens: &Tokens) -> Vec<Row> {
    let (read, powerless) =
        (tokens.with(json!({ "scope": "orders.read" })), tokens.with(json!({})));
    let nowhere = nowhere().into_iter().map(|target| {
        Row::new(target, Request::get(target).bearing(), &powerless, of_framework(404))
    });
    let none = none().into_iter().map(|target| {
        Row::new(format!("{target:?}"), Request::get(target).bearing(), &read, of_framework(400))
    });
    let guarded = guarded().into_iter().flat_map(|(target, body)| {
        let request = Request::get(target);
        let missing = refused("credentials.missing");
        [
            Row::new(format!("{target}, no token"), request.clone(), "", missing),
            Row::new(
                format!("{target}, no grant"),
                request.clone().bearing(),
                &powerless,
                insufficient("orders.read"),
            ),
            Row::new(target, request.bearing(), &read, body),
        ]
    });
    nowhere.chain(none).chain(guarded).collect()
}

/// Spellings that lead nowhere.
fn nowhere() -> Vec<&'static str> {
    vec![
        "/",
        "/nowhere",
        "/ORDERS",
        "/Orders",
        "/orders/",
        "//orders",
        "/orders//",
        "/orders/7/",
        "/orders//7",
        "/./orders",
        "/x/../orders",
        "/public/../orders",
        "/orders/../public",
        "/orders;x=1",
        "/orders%20",
        "/orders%00",
        "/orders%2f7",
        "/public%2f..%2forders",
        "/public/",
        "/public;/orders",
        "/*",
        "/orders/7/../8",
        "/orders/7;x=/public",
        "/orders%3Fx",
        "/public%2e",
        "///orders",
        "//api.example.com/orders",
        "orders",
        "*",
        "api.example.com:80",
        "/scope/",
        "/SCOPE",
        "/scope.json",
        "/%2e%2e/orders",
        "http://api.example.com",
        "http://orders/",
    ]
}

/// What is no target.
fn none() -> Vec<&'static str> {
    vec![
        "",
        "?x",
        "/or ders",
        "\\orders",
        "http:///orders",
        "/orders\u{0}",
        "/orders\u{7f}",
        "/orders/\t",
        "/orders/\u{ff}",
        "/orders\u{e9}",
        "/orders/<>",
    ]
}

/// Spellings that lead to the orders, and what their handlers answer.
fn guarded() -> Vec<(&'static str, Expected)> {
    vec![
        ("/orders?x=/public", served("orders")),
        ("/orders?access_token={token}", served("orders")),
        ("/orders?", served("orders")),
        ("/orders??", served("orders")),
        ("/orders?%00", served("orders")),
        ("http://api.example.com/orders", served("orders")),
        ("http://other.example/orders", served("orders")),
        ("http://user@api.example.com:1/orders", served("orders")),
        ("https://api.example.com/orders?x", served("orders")),
        ("/orders/..", served("order ..")),
        ("/orders/.", served("order .")),
        ("/orders/;x", served("order ;x")),
        ("/orders/7;x=public", served("order 7;x=public")),
        ("/orders#/public", served("orders")),
        ("HTTP://api.example.com/orders", served("orders")),
        ("/orders/{id}", served("order {id}")),
        ("/orders/%zz", served("order %zz")),
        ("/orders/%", served("order %")),
        ("/orders/+", served("order +")),
        ("/orders/\\..", served("order \\..")),
        ("/orders/*", served("order *")),
        ("/orders/public", served("order public")),
    ]
}
