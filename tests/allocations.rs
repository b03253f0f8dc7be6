//! What allocates nothing: a rule that is met.

use std::{future::Future, pin::Pin, time::Duration};

use allocation_counter::measure;
use doorward::{
    AccessToken, Issuer, ResourceServer, Rule, Scope, all_scopes, any_scope,
    errors::FetchError,
    presets::Cloud,
    remote::{Document, Fetch, FetchRequest},
    rules::{
        acr, app_only, authenticated, check, claim, client, delegated, issued_by, max_age,
        permission, role, tenant,
    },
    scope,
};
use doorward_issuer::{Algorithm, DevIssuer, Mint};
use serde_json::{Value, json};

const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";
const NAME: &str = "https://login.microsoftonline.com/7fe81447-da57-4385-becb-6de57f21477e/v2.0";
const API: &str = "f2a76e08-93f2-4350-833c-965c02483b11";
const KEYS: &str = "https://keys.example/";

/// The metadata and keys of a tenant of Entra, where every rule can be met.
#[derive(Debug)]
struct Documents {
    keys: Value,
}

impl Fetch for Documents {
    fn fetch<'f>(
        &'f self,
        request: FetchRequest<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        let metadata = json!({ "issuer": NAME, "jwks_uri": KEYS });
        let document = if request.url() == KEYS { &self.keys } else { &metadata };
        Box::pin(std::future::ready(Ok(Document::new(document.to_string()))))
    }
}

/// Returns a verified token with claims of one's own.
async fn verified(describe: impl FnOnce(Mint) -> Mint) -> AccessToken {
    let dev = DevIssuer::builder().algorithms([Algorithm::Rs256]).start().await.unwrap();
    let server = ResourceServer::builder()
        .trust(Issuer::entra(Cloud::Global, TENANT, API))
        .scope_implies(Scope::literal("orders.all"), [Scope::literal("orders.implied")])
        .fetcher(Documents { keys: dev.jwks() })
        .build()
        .await
        .unwrap();
    let mint = dev.mint().claim("iss", NAME).audience(API).claim("tid", TENANT).claim("azp", "c1");
    let field = format!("Bearer {}", describe(mint).sign().unwrap());
    server.authenticate([field.as_bytes()]).await.unwrap()
}

fn rules_for_users() -> Vec<Rule> {
    vec![
        authenticated(),
        scope!("orders.read"),
        scope!("orders.implied"),
        all_scopes!("orders.read", "orders.all"),
        any_scope!("x", "orders.read"),
        role("Admin"),
        permission("permissions", "orders:read"),
        permission("permission", "orders:read"),
        permission(["access", "orders", "roles"], "admin"),
        delegated(),
        client("dev-client"),
        issued_by(NAME),
        tenant(TENANT),
        acr(["c1", "c2"]),
        acr(["gold"]),
        max_age(Duration::from_secs(3600)),
        claim("department", |value| value.is("sales")),
        claim("level", |value| value.as_f64().is_some_and(|level| level > 2.0)),
        claim("groups", |value| value.holds("g2")),
        check("is u1", |token| token.subject() == "u1"),
        scope!("orders.read") & role("Admin"),
        scope!("x") & role("Admin") | delegated() & client("dev-client"),
    ]
}

#[tokio::test]
async fn a_rule_that_is_met_allocates_nothing() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let user = verified(|mint| {
        mint.subject("u1")
            .claim("scp", "orders.all orders.read")
            .roles(["Reader", "Admin"])
            .claim("permissions", json!(["orders:write", "orders:read"]))
            .claim("permission", "orders:read")
            .claim("access", json!({ "orders": { "roles": ["admin"] } }))
            .claim("acr", "gold")
            .claim("acrs", json!(["c2"]))
            .claim("auth_time", now)
            .claim("department", "sales")
            .claim("level", 3)
            .claim("groups", json!(["g1", "g2"]))
    })
    .await;
    let app = verified(|mint| mint.subject("a1").claim("oid", "a1").roles(["Admin"])).await;
    let for_users = rules_for_users().into_iter().map(|rule| (rule, &user));
    for (rule, token) in for_users.chain([(app_only() & role("Admin"), &app)]) {
        let mut met = false;
        let counted = measure(|| met = rule.authorize(token).is_ok());
        assert!(met, "{rule}");
        assert_eq!(counted.count_total, 0, "{rule}");
    }
    let refused = measure(|| assert!(scope!("x").authorize(&user).is_err()));
    assert!(refused.count_total > 0, "what is refused is told why, so the counter counts");
}
