//! The development issuer's forge: tokens wrong in exactly one way, for every code that a request can
//! cause.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use doorward::{
    Error, Issuer, ResourceServer, Rule,
    presets::{B2c, Entra},
    rules::RequestInfo,
    scope,
};
use doorward_issuer::{Algorithm, DevIssuer, Flaw, Mint};
use tokio::sync::OnceCell;

use crate::support::{AUDIENCE, Documents, NOW, TestClock};

const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";
const API: &str = "f2a76e08-93f2-4350-833c-965c02483b11";

/// Codes that no request causes by itself: the handler's type, the route's rule, the issuer's key set, the operator or
/// an outage makes them.
const BY_CIRCUMSTANCE: [&str; 8] = [
    "claims.mismatch",
    "key.forgotten",
    "key.other_tenant",
    "policy.blocked_tenant",
    "rule.step_up",
    "unavailable.keys",
    "unavailable.issuer",
    "unavailable.clock",
];

/// An issuer that has rotated its keys, so that two of each algorithm are published.
pub async fn signer() -> &'static DevIssuer {
    static SIGNER: OnceCell<DevIssuer> = OnceCell::const_new();
    let start = async || {
        let signer = DevIssuer::builder().algorithms([Algorithm::Rs256]).start().await.unwrap();
        signer.rotate().await.unwrap();
        signer
    };
    SIGNER.get_or_init(start).await
}

async fn server(issuer: impl Into<Issuer>, name: &str, metadata: &str) -> ResourceServer {
    let keys = signer().await.jwks()["keys"].clone();
    ResourceServer::builder()
        .trust(issuer)
        .fetcher(Documents::of(metadata, name, keys))
        .max_lifetime(Duration::from_secs(24 * 3600))
        .max_token_age(Duration::from_secs(6 * 3600))
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap()
}

/// A server, and a token that it accepts.
async fn setting(flaw: Flaw) -> (ResourceServer, Mint) {
    let mint = signer().await.mint().issued_at(i64::try_from(NOW).unwrap()).audience(AUDIENCE);
    let v2 = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let usual = |name: &str| format!("{name}/.well-known/openid-configuration");
    match flaw {
        Flaw::UserFlow | Flaw::LegacySubject => {
            let name = format!("https://contoso.b2clogin.com/{TENANT}/v2.0/");
            let metadata = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_a/v2.0/.well-known/openid-configuration";
            let issuer = B2c::tenant("contoso", TENANT)
                .client_id(API)
                .policies(["B2C_1_a"])
                .audience(AUDIENCE);
            let mint = mint.claim("iss", name.as_str()).claim("tfp", "B2C_1_a");
            let mint = mint.claim("azp", "c").claim("scp", "orders.read");
            (server(issuer, &name, metadata).await, mint)
        }
        Flaw::OtherTenant
        | Flaw::ConsumerAccount
        | Flaw::TenantMismatch
        | Flaw::AppWithoutRoles => {
            let issuer = Entra::tenant(TENANT).client_id(API).audience(AUDIENCE);
            let mint = mint.claim("iss", v2.as_str()).claim("tid", TENANT).claim("azp", "c");
            (server(issuer, &v2, &usual(&v2)).await, mint.claim("scp", "orders.read"))
        }
        Flaw::TokenVersion => {
            let issuer = Issuer::discover(v2.as_str(), AUDIENCE);
            let mint = mint.claim("iss", v2.as_str()).claim("tid", TENANT).scope("orders.read");
            (server(issuer, &v2, &usual(&v2)).await, mint)
        }
        _ => {
            let name = "https://login.example.com";
            let issuer = Issuer::discover(name, AUDIENCE).require_claim("jti");
            let mint = mint.claim("iss", name).scope("orders.read");
            (server(issuer, name, &usual(name)).await, mint)
        }
    }
}

async fn code(server: &ResourceServer, rule: &Rule, fields: &[String]) -> &'static str {
    let admitted = match server.authenticate(fields.iter().map(String::as_bytes)).await {
        Ok(token) => rule.authorize(&token, &RequestInfo::new()).map_err(Error::from),
        Err(error) => Err(error),
    };
    admitted.map_or_else(|error| error.code(), |()| "accepted")
}

#[tokio::test]
async fn every_flaw_is_refused_under_its_code_and_the_token_without_it_is_accepted() {
    let rule = scope!("orders.read");
    for flaw in Flaw::ALL {
        let (server, good) = setting(*flaw).await;
        let fields = [format!("Bearer {}", good.clone().sign().unwrap())];
        assert_eq!(code(&server, &rule, &fields).await, "accepted", "{flaw:?}");
        let forged = good.forge(*flaw).unwrap();
        assert_eq!(code(&server, &rule, &forged).await, flaw.code(), "{flaw:?}");
    }
}

#[test]
fn there_is_a_flaw_for_every_code_that_a_request_can_cause() {
    let forged: BTreeSet<&str> = Flaw::ALL.iter().map(|flaw| flaw.code()).collect();
    let all: BTreeSet<&str> = forged.iter().copied().chain(BY_CIRCUMSTANCE).collect();
    assert_eq!(all, Error::CODES.iter().copied().collect::<BTreeSet<_>>());
    assert_eq!(forged.len() + BY_CIRCUMSTANCE.len(), Error::CODES.len());
}
