use std::{sync::Arc, time::Duration};

#[cfg(feature = "remote")]
use super::remote_settings::RemoteSettings;
use super::{
    issuer_registry::{RegisteredIssuer, Registration},
    token_cache::TokenCacheLimits,
};
#[cfg(feature = "testing")]
use crate::key::Jwks;
use crate::{
    claims::ClaimMap,
    clock::{Clock, SystemClock},
    config_error::ConfigError,
    issuer::{Issuer, KeyOrigin, ResolvedIssuer},
    key::KeyRules,
    key_set::IssuerKeys,
    limits::{self, TokenLimits},
    policy::{BlockedTenants, IssuerContext, Policy},
    terms::{algorithm::AlgorithmSet, implied_scopes::ImpliedScopes, server_handle::ServerHandle},
    verifier::Verifier,
};

/// The settings that every issuer of a server shares.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) leeway: Duration,
    pub(super) limits: TokenLimits,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) max_token_age: Option<Duration>,
    pub(super) token_cache: TokenCacheLimits,
    /// Resolved when the server is built.
    pub(super) implied: Arc<ImpliedScopes>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) blocked_tenants: Arc<BlockedTenants>,
    #[cfg(feature = "remote")]
    pub(super) remote: RemoteSettings,
    /// Whether no keys are read or fetched, because only tokens of tests are accepted.
    #[cfg(feature = "testing")]
    pub(super) without_keys: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            leeway: limits::LEEWAY,
            limits: TokenLimits::default(),
            max_lifetime: None,
            max_token_age: None,
            token_cache: TokenCacheLimits {
                tokens: limits::CACHED_TOKENS,
                bytes: limits::CACHED_TOKEN_BYTES,
            },
            implied: Arc::default(),
            clock: Arc::new(SystemClock::new()),
            blocked_tenants: Arc::default(),
            #[cfg(feature = "remote")]
            remote: RemoteSettings::default(),
            #[cfg(feature = "testing")]
            without_keys: false,
        }
    }
}

impl Settings {
    /// Checks the settings.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.leeway > limits::MAX_LEEWAY {
            return Err(ConfigError::Leeway { leeway: self.leeway });
        }
        if self.limits.json_depth > limits::MAX_JSON_DEPTH {
            return Err(ConfigError::JsonDepth { depth: self.limits.json_depth });
        }
        let nothing = self.limits.token_len == 0 || self.limits.json_depth == 0;
        let is_zero = |limit| limit == Some(Duration::ZERO);
        if nothing || is_zero(self.max_lifetime) || is_zero(self.max_token_age) {
            return Err(ConfigError::NothingPasses);
        }
        #[cfg(feature = "remote")]
        self.remote.check()?;
        Ok(())
    }

    /// Starts to fetch the keys of an issuer that was checked, and returns it ready to be registered.
    pub(super) fn prepare(
        &self,
        issuer: &Issuer,
        resolved: Vec<ResolvedIssuer>,
        server: &ServerHandle,
    ) -> Result<Vec<Arc<RegisteredIssuer>>, ConfigError> {
        let registration = Registration::default();
        let prepare = |resolved: ResolvedIssuer| {
            let rules = KeyRules {
                accepted: accepted(issuer),
                tenancy: resolved.tenancy.clone(),
                without_key_id: issuer.options.without_key_id,
            };
            let keys = match &resolved.origin {
                #[cfg(feature = "testing")]
                _ if self.without_keys => IssuerKeys::fixed(Jwks { keys: Vec::new() }),
                KeyOrigin::Fixed(keys) => {
                    let fault = |error| ConfigError::Keys { issuer: resolved.title.clone(), error };
                    IssuerKeys::fixed(keys.prepare(&rules).map_err(fault)?)
                }
                #[cfg(feature = "remote")]
                KeyOrigin::Fetched(location) => {
                    self.remote.begin(issuer, &resolved, location, rules, &self.clock)?
                }
                #[cfg(not(feature = "remote"))]
                KeyOrigin::Fetched(_) => {
                    return Err(ConfigError::RemoteOff { issuer: resolved.title });
                }
            };
            let verifier = self.verifier(issuer, &resolved, server);
            let registration = registration.clone();
            let ResolvedIssuer { title, authorization_server, .. } = resolved;
            Ok(RegisteredIssuer { title, verifier, keys, authorization_server, registration })
        };
        resolved.into_iter().map(|resolved| prepare(resolved).map(Arc::new)).collect()
    }

    /// Waits for the first keys of these issuers, unless the server is lazy.
    #[cfg(feature = "remote")]
    pub(super) async fn wait_for_first_keys(
        &self,
        issuers: &[Arc<RegisteredIssuer>],
    ) -> Result<(), ConfigError> {
        let refreshers =
            issuers.iter().filter_map(|issuer| Some((&issuer.title, issuer.keys.refresher()?)));
        for (title, refresher) in refreshers.filter(|_| !self.remote.lazy) {
            let fault = |error| ConfigError::FirstFetch { issuer: title.clone(), error };
            Arc::clone(refresher).first_keys().await.map_err(fault)?;
        }
        Ok(())
    }

    /// Returns at once: without the feature `remote` all keys are fixed.
    #[cfg(not(feature = "remote"))]
    pub(super) fn wait_for_first_keys(
        &self,
        _: &[Arc<RegisteredIssuer>],
    ) -> std::future::Ready<Result<(), ConfigError>> {
        std::future::ready(Ok(()))
    }

    /// Checks one issuer and resolves it.
    pub(super) fn check_issuer(&self, issuer: &Issuer) -> Result<Vec<ResolvedIssuer>, ConfigError> {
        let resolved = issuer.resolve()?;
        for resolved in &resolved {
            let blank = |name: &String| name.trim().is_empty();
            if blank(&resolved.title) || resolved.listed_names().iter().any(blank) {
                return Err(ConfigError::BlankIssuer);
            }
            // Before a message shows the name: a URL with a password is refused here.
            #[cfg(feature = "remote")]
            self.remote.check_location(issuer, resolved)?;
            issuer.check(&resolved.title)?;
        }
        Ok(resolved)
    }

    fn verifier(
        &self,
        issuer: &Issuer,
        resolved: &ResolvedIssuer,
        server: &ServerHandle,
    ) -> Verifier {
        let options = &issuer.options;
        let context = IssuerContext {
            server: server.clone(),
            app_id_uris: options.app_id_uris.iter().cloned().collect(),
            implied: Arc::clone(&self.implied),
            tenant: resolved.tenant.clone(),
            sign_in: resolved.sign_in.clone(),
            leeway: self.leeway,
        };
        let policy = Policy {
            token_type: options.token_type.clone(),
            issuers: resolved.names.clone(),
            microsoft: resolved.microsoft.clone(),
            blocked_tenants: Arc::clone(&self.blocked_tenants),
            audience: issuer.audience_rule(),
            audience_claim: options.claims.audience.clone(),
            required: options.required.clone(),
            authorized_party: options.authorized_party,
            max_lifetime: self.max_lifetime,
            max_age: self.max_token_age,
            actor: options.actor.clone(),
            context: Arc::new(context),
        };
        let claims = ClaimMap { depth: self.limits.json_depth, ..options.claims.clone() };
        let accepted = accepted(issuer).unwrap_or(AlgorithmSet::ALL);
        Verifier { policy, claims, accepted, without_key_id: options.without_key_id }
    }
}

fn accepted(issuer: &Issuer) -> Option<AlgorithmSet> {
    issuer.options.algorithms.as_ref().map(|list| list.iter().copied().collect())
}
