//! Every kind of rule, met and not met.

use serde_json::{Value, json};

use crate::{
    sockets::{
        issuers::{TENANT, Tokens},
        row::{Expected, Row, insufficient, refused, served, step_up},
        wire::Request,
    },
    support::NOW,
};

pub fn rows(tokens: &Tokens) -> Vec<Row> {
    let usual = of_usual_issuer().into_iter().map(|(path, claims, expected)| {
        let what = format!("{path} with {claims}");
        Row::new(what, Request::get(path).bearing(), &tokens.with(claims), expected)
    });
    let entra = of_entra().into_iter().map(|(path, claims, expected)| {
        let what = format!("{path} with {claims} of Entra");
        Row::new(what, Request::get(path).bearing(), &tokens.of_entra(claims), expected)
    });
    usual.chain(entra).chain(methods(tokens)).chain(anonymous()).collect()
}

/// A path, the claims of the token, and the answer.
type Case = (&'static str, Value, Expected);

fn of_usual_issuer() -> Vec<Case> {
    let me = || served("u1");
    vec![
        ("/public", json!({}), served("public")),
        ("/optional", json!({}), me()),
        ("/authenticated", json!({}), me()),
        ("/scope", json!({ "scope": "b a" }), me()),
        ("/scope", json!({ "scope": "b ab A" }), insufficient("a")),
        ("/scope", json!({ "roles": ["a"] }), insufficient("a")),
        ("/all_scopes", json!({ "scope": "b a" }), me()),
        ("/all_scopes", json!({ "scope": "a" }), insufficient("a b")),
        ("/any_scope", json!({ "scope": "b" }), me()),
        ("/any_scope", json!({ "scope": "c" }), insufficient("a")),
        ("/role", json!({ "roles": ["x", "R"] }), me()),
        ("/role", json!({ "roles": ["r"], "scope": "R" }), insufficient("")),
        ("/permission", json!({ "permissions": ["orders:read"] }), me()),
        ("/permission", json!({ "permissions": ["orders:read:own"] }), insufficient("")),
        ("/client", json!({ "client_id": "c1" }), me()),
        ("/client", json!({ "client_id": "c2" }), insufficient("")),
        ("/acr", json!({ "acr": "urn:phr" }), me()),
        ("/acr", json!({ "acr": "urn:pwd" }), step_up(r#"acr_values="urn:mfa urn:phr""#)),
        ("/max_age", json!({ "auth_time": NOW - 300 }), me()),
        ("/max_age", json!({ "auth_time": NOW - 361 }), step_up(r#"max_age="300""#)),
        ("/claim", json!({ "department": "sales" }), me()),
        ("/claim", json!({ "department": "Sales" }), insufficient("")),
        ("/check", json!({}), me()),
        ("/check", json!({ "sub": "u2" }), insufficient("")),
        ("/both", json!({ "scope": "a", "roles": ["R"] }), me()),
        ("/both", json!({ "scope": "a" }), insufficient("a")),
        ("/both", json!({ "roles": ["R"] }), insufficient("a")),
        ("/either", json!({ "scope": "a" }), me()),
        ("/either", json!({ "roles": ["R"] }), me()),
        ("/either", json!({ "scope": "b", "roles": ["S"] }), insufficient("a")),
        ("/step_up", json!({ "scope": "a", "acr": "urn:mfa" }), me()),
        ("/step_up", json!({ "scope": "a" }), step_up(r#"acr_values="urn:mfa""#)),
        ("/step_up", json!({}), insufficient("a")),
        ("/nobody", json!({ "scope": "a", "roles": ["R"] }), insufficient("")),
        ("/nobody_of_all", json!({ "scope": "a", "roles": ["R"] }), insufficient("")),
        ("/delegated", json!({ "scope": "a" }), insufficient("")),
        ("/app_only", json!({ "roles": ["R"] }), insufficient("")),
        ("/tenant", json!({ "tid": TENANT }), insufficient("")),
        ("/reports/daily", json!({ "scope": "reports.read" }), me()),
        ("/reports/daily", json!({ "scope": "orders.read" }), insufficient("reports.read")),
        ("/token", json!({}), me()),
        ("/claims", json!({ "department": "sales" }), served("sales")),
        ("/claims", json!({ "department": 1 }), refused("claims.mismatch")),
        ("/claims", json!({}), refused("claims.mismatch")),
        ("/scoped", json!({ "scope": "orders.read" }), me()),
        ("/scoped", json!({ "scope": "orders.write" }), insufficient("orders.read")),
    ]
}

fn of_entra() -> Vec<Case> {
    let user = || json!({ "scp": "a", "idtyp": "user" });
    let app = || json!({ "roles": ["R"], "idtyp": "app" });
    vec![
        ("/delegated", user(), served("u1")),
        ("/delegated", app(), insufficient("")),
        ("/app_only", app(), served("u1")),
        ("/app_only", user(), insufficient("")),
        ("/tenant", user(), served("u1")),
        ("/scope", user(), served("u1")),
        ("/scope", app(), insufficient("a")),
    ]
}

/// Routes with several methods, each with its rule.
fn methods(tokens: &Tokens) -> Vec<Row> {
    let admin = json!({ "scope": "orders.write", "roles": ["Admin"] });
    let (read, write) = (json!({ "scope": "orders.read" }), json!({ "scope": "orders.write" }));
    [
        ("GET", "/orders", &read, served("orders")),
        ("GET", "/orders", &write, insufficient("orders.read")),
        ("POST", "/orders", &write, served("created")),
        ("POST", "/orders", &read, insufficient("orders.write")),
        ("GET", "/orders/7", &read, served("order 7")),
        ("GET", "/orders/7", &admin, insufficient("orders.read")),
        ("DELETE", "/orders/7", &admin, served("deleted 7")),
        ("DELETE", "/orders/7", &write, insufficient("orders.write")),
        ("DELETE", "/orders/7", &read, insufficient("orders.write")),
    ]
    .into_iter()
    .map(|(method, path, claims, expected)| {
        let what = format!("{method} {path} with {claims}");
        let request = Request::new(method, path).bearing();
        Row::new(what, request, &tokens.with(claims.clone()), expected)
    })
    .collect()
}

/// Every route without a token.
fn anonymous() -> impl Iterator<Item = Row> {
    let kinds = crate::sockets::routes::kinds().into_iter().map(|(path, _)| path);
    let more = ["/orders", "/orders/7", "/reports/daily", "/token", "/claims", "/scoped"];
    let refused = kinds.chain(more).map(|path| (path, refused("credentials.missing")));
    let open = [("/public", served("public")), ("/optional", served("anonymous"))];
    refused.chain(open).map(|(path, expected)| {
        Row::new(format!("{path} without a token"), Request::get(path), "", expected)
    })
}
