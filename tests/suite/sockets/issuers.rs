//! One server that trusts many issuers, so that every refusal can be provoked at it, and their tokens.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use doorward::{
    Issuer, ResourceServer, ResourceServerBuilder,
    clock::Clock,
    errors::FetchError,
    presets::{B2c, Entra},
    remote::{Document, Fetch, FetchRequest},
};
use doorward_issuer::{DevIssuer, Flaw, Mint};
use serde_json::{Value, json};

pub use crate::microsoft::TENANT;
use crate::{
    forge::signer,
    microsoft::{API, CONSUMERS, v2_name},
    support::{AUDIENCE, Documents, NOW},
};

const USUAL: &str = "https://login.example.com";
/// It publishes keys until the first have come, and never again.
const FADING: &str = "https://fading.example";
/// It publishes nothing.
const DOWN: &str = "https://down.example";
/// A tenant that is trusted by the name of its v2 tokens alone.
const OF_ONE_VERSION: &str = "c64a4f7d-3091-4c73-a722-a3f069400000";
/// A tenant that is trusted, and blocked.
const BLOCKED: &str = "1b5f0c54-6a3b-4c1e-9a64-5d1f00000000";

/// Signs the tokens of all issuers.
pub struct Tokens(&'static DevIssuer);

impl Tokens {
    fn of(&self, issuer: &str) -> Mint {
        let now = i64::try_from(NOW).unwrap();
        self.0.mint().issued_at(now).subject("u1").audience(AUDIENCE).claim("iss", issuer)
    }

    /// A token of the usual issuer with these claims, which grants nothing else.
    pub fn with(&self, claims: Value) -> String {
        with(claims, self.of(USUAL)).sign().unwrap()
    }

    /// A token of a tenant of Entra, with these claims.
    pub fn of_entra(&self, claims: Value) -> String {
        let mint = self.of(&v2_name(TENANT)).claim("tid", TENANT).claim("azp", "c1");
        with(claims, mint).sign().unwrap()
    }

    /// The values of the `Authorization` fields of a request that is wrong in exactly one way; its
    /// token grants `a`, were it good.
    pub fn forged(&self, flaw: Flaw) -> Vec<String> {
        let mint = match flaw {
            Flaw::UserFlow | Flaw::LegacySubject => {
                let mint = self.of(&b2c_name()).claim("tfp", "B2C_1_a");
                mint.claim("azp", "c1").claim("scp", "a")
            }
            Flaw::OtherTenant
            | Flaw::ConsumerAccount
            | Flaw::TenantMismatch
            | Flaw::AppWithoutRoles => {
                let mint = self.of(&v2_name(TENANT)).claim("tid", TENANT);
                mint.claim("azp", "c1").claim("scp", "a")
            }
            Flaw::TokenVersion => {
                self.of(&v2_name(OF_ONE_VERSION)).claim("tid", OF_ONE_VERSION).scope("a")
            }
            _ => self.of(USUAL).scope("a"),
        };
        mint.forge(flaw).unwrap()
    }

    /// A token that would meet every rule but for a bit of its signature.
    pub fn forged_for_everything(&self) -> String {
        let scopes = "a b orders.read orders.write reports.read";
        let mint = self.of(USUAL).scope(scopes).roles(["R", "Admin"]).client_id("c1");
        let mint = mint.claim("permissions", "orders:read").claim("department", "sales");
        let mint = mint.claim("acr", "urn:mfa").claim("auth_time", NOW);
        let field = mint.forge(Flaw::Signature).unwrap().concat();
        field.trim_start_matches("Bearer ").to_owned()
    }

    /// A token under a key of Entra's that signs for personal accounts alone.
    pub fn under_key_of_other_tenant(&self) -> String {
        let mint = self.of(&v2_name(TENANT)).claim("tid", TENANT).claim("azp", "c1");
        mint.claim("scp", "a").header("kid", "consumers").sign().unwrap()
    }

    /// A token of a tenant that the operator has blocked.
    pub fn of_blocked_tenant(&self) -> String {
        self.of(&v2_name(BLOCKED)).scope("a").sign().unwrap()
    }

    /// A token under a key that the operator has had forgotten.
    pub fn under_forgotten_key(&self) -> String {
        self.of(FADING).scope("a").key_id(self.old_key()).sign().unwrap()
    }

    /// A token under a key that nobody can be asked about.
    pub fn under_new_key_of_silent_issuer(&self) -> String {
        self.of(FADING).scope("a").header("kid", "new").sign().unwrap()
    }

    /// A token of an issuer whose keys never came.
    pub fn of_silent_issuer(&self) -> String {
        self.of(DOWN).scope("a").sign().unwrap()
    }

    /// The key that signed before the issuer's rotation.
    fn old_key(&self) -> String {
        let signing = self.0.mint().sign().unwrap();
        let header = crate::support::decoded(signing.split('.').next().unwrap());
        let old = self.0.key_ids().into_iter().find(|key| !header.contains(key.as_str()));
        old.unwrap()
    }
}

fn with(claims: Value, mint: Mint) -> Mint {
    let mint = mint.without("scope").without("client_id");
    let claims = claims.as_object().unwrap().clone();
    claims.into_iter().fold(mint, |mint, (name, value)| mint.claim(name, value))
}

fn b2c_name() -> String {
    format!("https://contoso.b2clogin.com/{TENANT}/v2.0/")
}

/// A server that trusts all of them, set further, and their tokens.
pub async fn server(
    clock: impl Clock,
    set: impl FnOnce(ResourceServerBuilder) -> ResourceServerBuilder,
) -> (ResourceServer, Tokens) {
    let tokens = Tokens(signer().await);
    let published = Published { documents: documents(tokens.0), silent: Arc::default() };
    let silent = Arc::clone(&published.silent);
    let builder = ResourceServer::builder()
        .trust(Issuer::discover(USUAL, AUDIENCE).require_claim("jti"))
        .trust(Entra::tenant(TENANT).client_id(API).audience(AUDIENCE))
        .trust(Issuer::discover(v2_name(OF_ONE_VERSION), AUDIENCE))
        .trust(Issuer::discover(v2_name(BLOCKED), AUDIENCE))
        .block_tenants([BLOCKED])
        .trust(
            B2c::tenant("contoso", TENANT).client_id(API).policies(["B2C_1_a"]).audience(AUDIENCE),
        )
        .trust(Issuer::discover(FADING, AUDIENCE))
        .trust(Issuer::discover(DOWN, AUDIENCE))
        .fetcher(published)
        .max_lifetime(Duration::from_secs(24 * 3600))
        .max_token_age(Duration::from_secs(6 * 3600))
        .clock(clock)
        .lazy();
    let server = set(builder).build().await.unwrap();
    // Its first token has the keys fetched.
    let field = format!("Bearer {}", tokens.of(FADING).sign().unwrap());
    drop(server.authenticate([field.as_bytes()]).await);
    silent.store(true, Ordering::SeqCst);
    server.forget_key(FADING, &tokens.old_key()).unwrap();
    (server, tokens)
}

fn documents(signer: &DevIssuer) -> Documents {
    let jwks = signer.jwks();
    let mut of_entra = jwks.clone();
    let mut foreign = jwks["keys"][0].clone();
    foreign["kid"] = json!("consumers");
    foreign["issuer"] = json!(v2_name(CONSUMERS));
    of_entra["keys"].as_array_mut().unwrap().push(foreign);

    let b2c = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_a/v2.0";
    let usual = "https://keys.example/usual";
    [
        (USUAL.to_owned(), USUAL.to_owned(), usual),
        (v2_name(TENANT), v2_name(TENANT), "https://keys.example/entra"),
        (v2_name(OF_ONE_VERSION), v2_name(OF_ONE_VERSION), usual),
        (v2_name(BLOCKED), v2_name(BLOCKED), usual),
        (b2c.to_owned(), b2c_name(), usual),
        (FADING.to_owned(), FADING.to_owned(), "https://fading.example/keys"),
    ]
    .into_iter()
    .fold(Documents::default(), |documents, (place, issuer, jwks_uri)| {
        let metadata = json!({ "issuer": issuer, "jwks_uri": jwks_uri });
        documents.with(&format!("{place}/.well-known/openid-configuration"), &metadata)
    })
    .with(usual, &jwks)
    .with("https://keys.example/entra", &of_entra)
    .with("https://fading.example/keys", &jwks)
}

/// What the issuers publish.
#[derive(Debug)]
struct Published {
    documents: Documents,
    /// Whether [`FADING`] has fallen silent.
    silent: Arc<AtomicBool>,
}

impl Fetch for Published {
    fn fetch<'f>(
        &'f self,
        request: FetchRequest<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        if request.url().starts_with(FADING) && self.silent.load(Ordering::SeqCst) {
            return Box::pin(std::future::ready(Err(FetchError::Status(503))));
        }
        self.documents.fetch(request)
    }
}
