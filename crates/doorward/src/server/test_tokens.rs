//! Tokens of tests. They are checked like every other token, except for their signature.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Map, Value, json};

use super::{
    issuer_registry::{IssuerRegistry, RegisteredIssuer},
    settings::Settings,
};
use crate::{
    claims::ClaimsSet,
    error::{Error, Unavailable},
    policy::{
        AccessToken, AudienceRule, IssuerNames, MicrosoftPolicy, PolicyError, TenantRule, TypeRule,
    },
    terms::{claim_path::ClaimPath, tenancy::Tenants, time::UnixTime},
    token::{TokenType, UnverifiedPayload},
};

/// The claims of the tokens that a test has issued, by their text.
#[derive(Debug, Default)]
pub(super) struct TestTokens {
    issued: Mutex<HashMap<Box<[u8]>, String>>,
    count: AtomicU64,
    /// Makes the texts of this server differ from those of others.
    server: RandomState,
}

/// What a test sets of a token.
#[derive(Clone, Debug, Default)]
pub(crate) struct TestClaims {
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) scopes: Option<String>,
    pub(crate) roles: Option<Vec<String>>,
    /// Claims by their own names, which override all others.
    pub(crate) claims: Map<String, Value>,
}

/// How long a token of a test lives, unless set.
const LIFETIME: Duration = Duration::from_secs(3600);

impl TestTokens {
    /// Issues a token and returns its text, by which requests may send it.
    pub(super) fn issue(
        &self,
        claims: &TestClaims,
        registry: &IssuerRegistry,
        settings: &Settings,
    ) -> Result<String, Error> {
        Ok(self.record(complete(claims, registry, settings)?))
    }

    /// Verifies a token that a test has issued, except for its signature; `None` for every other token.
    pub(super) fn verify(
        &self,
        token: &[u8],
        registry: &IssuerRegistry,
        settings: &Settings,
    ) -> Option<Result<AccessToken, Error>> {
        self.claims(token).map(|claims| check(claims, registry, settings))
    }

    /// Creates a token with these claims and returns its text.
    fn record(&self, claims: String) -> String {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let text = format!("doorward-test-token-{number}-{:016x}", self.server.hash_one(number));
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.insert(text.as_bytes().into(), claims);
        text
    }

    fn claims(&self, token: &[u8]) -> Option<String> {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.get(token).cloned()
    }
}

/// Verifies the claims as those of a token whose signature has been verified.
pub(super) fn verify_claims(
    claims: &TestClaims,
    registry: &IssuerRegistry,
    settings: &Settings,
) -> Result<AccessToken, Error> {
    check(complete(claims, registry, settings)?, registry, settings)
}

fn check(
    claims: String,
    registry: &IssuerRegistry,
    settings: &Settings,
) -> Result<AccessToken, Error> {
    let now = settings.clock.now().ok_or(Unavailable::Clock)?;
    let payload = UnverifiedPayload::for_test(claims.clone(), settings.limits.json_depth);
    let verifier = &registry.find(&payload)?.issuer.verifier;
    let token_type = match &verifier.policy.token_type {
        TypeRule::Listed(types) => types.first().cloned(),
        _ => None,
    };
    let token_type = token_type.unwrap_or(TokenType::AccessToken);
    let claims = ClaimsSet::for_test(claims, &verifier.claims, token_type)?;
    Ok(verifier.policy.admit(claims, now)?)
}

/// Adds what every token of the issuer has.
fn complete(
    test: &TestClaims,
    registry: &IssuerRegistry,
    settings: &Settings,
) -> Result<String, Error> {
    let now = settings.clock.now().ok_or(Unavailable::Clock)?;
    let is_meant = |issuer: &&std::sync::Arc<RegisteredIssuer>| {
        test.issuer.as_deref().is_none_or(|name| issuer.is_named(name) || issuer.accepts(name))
    };
    let issuer = registry.iter().find(is_meant).ok_or_else(|| {
        let seen = test.issuer.as_deref().unwrap_or_default();
        PolicyError::untrusted_issuer(seen, registry.iter().map(|issuer| &*issuer.title))
    })?;
    let mut claims = usual_claims(issuer, test, now);
    let map = &issuer.verifier.claims;
    if let (Some(scopes), Some(list)) = (&test.scopes, map.scopes.first()) {
        let scopes: Vec<&str> = scopes.split(' ').filter(|scope| !scope.is_empty()).collect();
        set(&mut claims, list.path(), list.value_for_test(&scopes, true));
    }
    if let (Some(roles), Some(list)) = (&test.roles, map.roles.first()) {
        let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
        set(&mut claims, list.path(), list.value_for_test(&roles, false));
    }
    claims.extend(test.claims.clone());
    Ok(Value::Object(claims).to_string())
}

/// Returns the claims that tokens of this issuer have, without scopes and roles.
fn usual_claims(issuer: &RegisteredIssuer, test: &TestClaims, now: UnixTime) -> Map<String, Value> {
    let policy = &issuer.verifier.policy;
    let iss = iss_of(issuer, test.issuer.as_deref());
    let lifetime = policy.max_lifetime.map_or(LIFETIME, |most| most.min(LIFETIME));
    let mut claims = Map::new();
    claims.insert("sub".into(), "test".into());
    if let Some(path) = issuer.verifier.claims.subject.iter().flatten().next() {
        set(&mut claims, path, "test".into());
    }
    claims.insert("iat".into(), now.as_secs().into());
    claims.insert("exp".into(), now.saturating_add(lifetime).as_secs().into());
    if policy.authorized_party {
        claims.insert("azp".into(), "test-client".into());
    }
    if let Some(microsoft) = &policy.microsoft {
        claims.extend(microsoft_claims(microsoft, &iss));
        let has_none = test.scopes.is_none()
            && test.roles.is_none()
            && !["scp", "roles"].iter().any(|name| test.claims.contains_key(*name));
        if !microsoft.apps_without_permission && has_none {
            claims.insert("scp".into(), "test".into());
        }
    }
    let accepted = match &policy.audience {
        AudienceRule::OneOf(audience) => Some(audience.first()),
        _ => None,
    };
    if let Some(audience) = test.audience.as_deref().or(accepted) {
        let path = policy.audience_claim.clone().unwrap_or_else(|| "aud".into());
        set(&mut claims, &path, audience.into());
    }
    for required in &policy.required {
        let is_set = required.path.top_level().is_some_and(|name| claims.contains_key(name));
        if !is_set {
            let value = required.value.clone().unwrap_or_else(|| "test".into());
            set(&mut claims, &required.path, value);
        }
    }
    claims.insert("iss".into(), iss.into());
    claims
}

/// Returns an `iss` that the issuer's tokens may have: the given one, if it is one.
fn iss_of(issuer: &RegisteredIssuer, name: Option<&str>) -> String {
    /// Stands for any tenant, where any is trusted.
    const TENANT: &str = "00000000-0000-0000-0000-000000000001";
    let accepts = |name: &&str| match &issuer.verifier.policy.issuers {
        IssuerNames::Listed(names) => names.iter().any(|known| known == name),
        IssuerNames::Tenants(tenancy) => tenancy.accepts(name),
    };
    if let Some(name) = name.filter(accepts) {
        return name.to_owned();
    }
    let first = match &issuer.verifier.policy.issuers {
        IssuerNames::Listed(names) => names.first().cloned(),
        IssuerNames::Tenants(tenancy) => match &tenancy.tenants {
            Tenants::Any { .. } => tenancy.forms.first().map(|form| form.of(TENANT)),
            Tenants::Listed(_) => tenancy.names().first().cloned(),
        },
    };
    first.unwrap_or_default()
}

fn microsoft_claims(microsoft: &MicrosoftPolicy, iss: &str) -> Map<String, Value> {
    let tenant = match &microsoft.tenant {
        TenantRule::OfIssuer(tenancy) => tenancy.tenant_in(iss).map(str::to_owned),
        TenantRule::Is(tenant) | TenantRule::IsIfThere(tenant) => Some(tenant.clone()),
    };
    let tenant = tenant.map(|tenant| ("tid".to_owned(), Value::from(tenant)));
    let flow = microsoft.user_flow.clone().map(|flow| ("tfp".to_owned(), Value::from(flow)));
    tenant.into_iter().chain(flow).collect()
}

/// Sets the value at the path, in objects that are created where they are missing.
fn set(claims: &mut Map<String, Value>, path: &ClaimPath, value: Value) {
    let names: Vec<&str> = path.names().collect();
    let Some((last, outer)) = names.split_last() else { return };
    let mut object = claims;
    for name in outer {
        let next = object.entry((*name).to_owned()).or_insert_with(|| json!({}));
        if !next.is_object() {
            *next = json!({});
        }
        let Value::Object(next) = next else { return };
        object = next;
    }
    object.insert((*last).to_owned(), value);
}
