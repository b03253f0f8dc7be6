//! Tokens of Azure AD v1, Entra v2, Azure AD B2C and External ID, in the shapes that these systems
//! give them, signed by a key of ours.

mod b2c;
mod external_id;
mod operator;
mod printed;
mod recorded;
mod tenants;
mod who_acts;

use doorward::{Error, Issuer, ResourceServer, ResourceServerBuilder};
use doorward_issuer::{Algorithm, DevIssuer};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

pub use crate::support::Documents;
use crate::support::TestClock;

pub const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";
pub const OTHER_TENANT: &str = "c64a4f7d-3091-4c73-a722-a3f069400000";
pub const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
pub const API: &str = "f2a76e08-93f2-4350-833c-965c02483b11";
pub const CLIENT: &str = "38307aee-303c-4fff-8087-d8d200000000";
pub const NOW: u64 = crate::support::NOW;

/// Signs with RS256.
pub async fn signer() -> &'static DevIssuer {
    static SIGNER: OnceCell<DevIssuer> = OnceCell::const_new();
    let start = async || DevIssuer::builder().algorithms([Algorithm::Rs256]).start().await.unwrap();
    SIGNER.get_or_init(start).await
}

/// Signs the claims under this header.
pub async fn sign(header: &Value, claims: &Value) -> String {
    let (header, claims) = (header.to_string(), claims.to_string());
    signer().await.sign_raw(Algorithm::Rs256, &header, claims.as_bytes()).unwrap()
}

/// The signer's public key, as Microsoft publishes keys: without `alg`, and with what is given here.
pub async fn key(members: Value) -> Value {
    let jwks = signer().await.jwks();
    let mut key = json!({
        "kty": "RSA", "use": "sig", "n": jwks["keys"][0]["n"], "e": jwks["keys"][0]["e"],
    });
    for (name, value) in members.as_object().unwrap() {
        key[name] = value.clone();
    }
    key
}

pub fn trusting(issuer: Issuer, documents: Documents, now: u64) -> ResourceServerBuilder {
    ResourceServer::builder().trust(issuer).fetcher(documents).clock(TestClock::at(now))
}

/// Why the server refuses the token, for the operator.
pub async fn refusal(server: &ResourceServer, token: &str) -> Error {
    let field = format!("Bearer {token}");
    server.authenticate([field.as_bytes()]).await.unwrap_err()
}

pub fn entra_metadata(authority: &str) -> String {
    format!("https://login.microsoftonline.com/{authority}/v2.0/.well-known/openid-configuration")
}

pub fn v2_name(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{tenant}/v2.0")
}

pub fn v1_name(tenant: &str) -> String {
    format!("https://sts.windows.net/{tenant}/")
}

/// The claims of a v2 token of a user of the tenant.
pub fn v2_claims(tenant: &str) -> Value {
    json!({
        "aud": API, "iss": v2_name(tenant), "iat": NOW - 300, "nbf": NOW - 300, "exp": NOW + 3600,
        "azp": CLIENT, "azpacr": "0", "name": "Frank Miller",
        "oid": "68389ae2-62fa-4b18-91fe-53dd109d74f5", "preferred_username": "frankm@contoso.com",
        "rh": "0.A", "scp": "Orders.Read", "sub": "deNqIj9IOE9PWJWbHsftXt2EabPVl0Cj8QAmefRLV98",
        "tid": tenant, "uti": "u", "ver": "2.0",
    })
}

/// The claims, with some of them changed; `null` leaves one out.
pub fn with(mut claims: Value, changes: Value) -> Value {
    let members = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    claims
}

/// A token with these claims, under the header that v2 tokens have.
pub async fn v2_token(claims: &Value) -> String {
    sign(&json!({ "typ": "JWT", "alg": "RS256", "kid": "k1" }), claims).await
}
