//! The routes that every server has. Beside those of [`kinds`]: `/public` and `/optional`, `/orders` and
//! `/orders/{id}` with several methods, `/reports/daily`, and what handlers extract, `/token`,
//! `/claims` and `/scoped`.

use std::time::Duration;

use doorward::{
    AccessToken, Rule, Scope, all_scopes, any_scope,
    rules::{
        self, RequiredScopes, acr, app_only, authenticated, check, claim, client, delegated,
        max_age, permission, role, tenant,
    },
    scope,
};

use super::issuers::TENANT;

/// One route for each kind of rule; `GET` alone.
pub fn kinds() -> Vec<(&'static str, Rule)> {
    vec![
        ("/authenticated", authenticated()),
        ("/scope", scope!("a")),
        ("/all_scopes", all_scopes!("a", "b")),
        ("/any_scope", any_scope!("a", "b")),
        ("/role", role("R")),
        ("/permission", permission("permissions", "orders:read")),
        ("/delegated", delegated()),
        ("/app_only", app_only()),
        ("/client", client("c1")),
        ("/tenant", tenant(TENANT)),
        ("/acr", acr(["urn:mfa", "urn:phr"])),
        ("/max_age", max_age(Duration::from_secs(300))),
        ("/claim", claim("department", |value| value.is("sales"))),
        ("/check", check("is u1", |token, _| token.subject() == "u1")),
        ("/both", scope!("a") & role("R")),
        ("/either", scope!("a") | role("R")),
        ("/step_up", scope!("a") & acr(["urn:mfa"])),
        ("/nobody", rules::any_scope([])),
        ("/nobody_of_all", rules::all_scopes([])),
    ]
}

pub fn read() -> Rule {
    scope!("orders.read")
}

pub fn write() -> Rule {
    scope!("orders.write")
}

pub fn administer() -> Rule {
    scope!("orders.write") & role("Admin")
}

pub fn reports() -> Rule {
    scope!("reports.read")
}

/// What a handler reads from the claims.
#[derive(serde::Deserialize)]
pub struct MyClaims {
    pub department: String,
}

/// The scope that a handler's extractor names.
pub struct ReadOrders;

impl RequiredScopes for ReadOrders {
    const SCOPES: &'static [Scope] = &[Scope::literal("orders.read")];
}

/// What handlers answer: who asked.
pub fn greeting(token: Option<&AccessToken>) -> String {
    token.map_or("anonymous", |token| token.subject()).to_owned()
}
