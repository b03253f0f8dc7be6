use std::{sync::Arc, time::Duration};

#[cfg(feature = "remote")]
use super::remote_settings::RemoteSettings;
use super::{issuer_registry::RegisteredIssuer, token_cache::TokenCacheLimits};
#[cfg(feature = "testing")]
use crate::key::Jwks;
#[cfg(feature = "remote")]
use crate::key_set::KeySetRefresher;
use crate::{
    claims::ClaimMap,
    clock::{Clock, SystemClock},
    config_error::ConfigError,
    issuer::{Issuer, KeyOrigin, ResolvedIssuer},
    key::KeyRules,
    key_set::KeySource,
    limits::{self, TokenLimits},
    policy::{IssuerContext, Policy},
    terms::{algorithm::AlgorithmSet, implied_scopes::ImpliedScopes, server_handle::ServerHandle},
    verifier::Verifier,
};

/// What holds for every issuer of a server.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) leeway: Duration,
    pub(super) limits: TokenLimits,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) token_cache: TokenCacheLimits,
    /// Resolved when the server is built.
    pub(super) implied: Arc<ImpliedScopes>,
    pub(super) clock: Arc<dyn Clock>,
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
            token_cache: TokenCacheLimits {
                tokens: limits::CACHED_TOKENS,
                bytes: limits::CACHED_TOKEN_BYTES,
            },
            implied: Arc::default(),
            clock: Arc::new(SystemClock::new()),
            #[cfg(feature = "remote")]
            remote: RemoteSettings::default(),
            #[cfg(feature = "testing")]
            without_keys: false,
        }
    }
}

/// An issuer that has been checked and whose keys are on their way.
#[derive(Debug)]
pub(super) struct PreparedIssuer {
    pub(super) trusts: Vec<Arc<RegisteredIssuer>>,
    /// Those whose first keys are waited for, by the issuer's name.
    #[cfg(feature = "remote")]
    awaited: Vec<(String, Arc<KeySetRefresher>)>,
}

impl PreparedIssuer {
    /// Waits for the first keys, unless they need not be waited for.
    #[cfg_attr(
        not(feature = "remote"),
        expect(clippy::unused_async, reason = "waits with `remote`")
    )]
    pub(super) async fn wait_for_first_keys(&self) -> Result<(), ConfigError> {
        #[cfg(feature = "remote")]
        for (issuer, refresher) in &self.awaited {
            refresher
                .wait_for_first_keys()
                .await
                .map_err(|error| ConfigError::FirstFetch { issuer: issuer.clone(), error })?;
        }
        Ok(())
    }
}

impl Settings {
    /// Checks what was set.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.leeway > limits::MAX_LEEWAY {
            return Err(ConfigError::Leeway { leeway: self.leeway });
        }
        if self.limits.json_depth > limits::MAX_JSON_DEPTH {
            return Err(ConfigError::JsonDepth { depth: self.limits.json_depth });
        }
        let nothing = self.limits.token_len == 0 || self.limits.json_depth == 0;
        if nothing || self.max_lifetime == Some(Duration::ZERO) {
            return Err(ConfigError::NothingPasses);
        }
        #[cfg(feature = "remote")]
        self.remote.check()?;
        Ok(())
    }

    /// Begins to fetch the keys of an issuer that was checked and has these resolved.
    pub(super) fn ready(
        &self,
        issuer: &Issuer,
        resolved: Vec<ResolvedIssuer>,
        server: &ServerHandle,
    ) -> Result<PreparedIssuer, ConfigError> {
        let description = Arc::default();
        let mut trusts = Vec::new();
        #[cfg(feature = "remote")]
        let mut awaited = Vec::new();
        for resolved in resolved {
            let rules = KeyRules { accepted: accepted(issuer), tenancy: resolved.tenancy.clone() };
            let keys = match &resolved.origin {
                #[cfg(feature = "testing")]
                _ if self.without_keys => KeySource::fixed(Jwks { keys: Vec::new() }),
                KeyOrigin::Fixed(keys) => {
                    let fault = |error| ConfigError::Keys { issuer: resolved.title.clone(), error };
                    KeySource::fixed(keys.prepare(&rules).map_err(fault)?)
                }
                #[cfg(feature = "remote")]
                KeyOrigin::Fetched(location) => {
                    let (refresher, keys) =
                        self.remote.begin(issuer, &resolved, location, rules, &self.clock)?;
                    if !self.remote.lazy {
                        awaited.push((resolved.title.clone(), refresher));
                    }
                    keys
                }
                #[cfg(not(feature = "remote"))]
                KeyOrigin::Fetched(_) => {
                    return Err(ConfigError::RemoteOff { issuer: resolved.title });
                }
            };
            let verifier = self.verifier(issuer, &resolved, server);
            trusts.push(Arc::new(RegisteredIssuer::new(
                &resolved,
                verifier,
                keys,
                Arc::clone(&description),
            )));
        }
        Ok(PreparedIssuer {
            trusts,
            #[cfg(feature = "remote")]
            awaited,
        })
    }

    /// Checks one issuer and returns its resolved.
    pub(super) fn check_issuer(&self, issuer: &Issuer) -> Result<Vec<ResolvedIssuer>, ConfigError> {
        if let Some(fault) = issuer.fault() {
            return Err(fault);
        }
        let resolved = issuer.resolved();
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
        let context = IssuerContext {
            server: server.clone(),
            app_id_uris: issuer.app_id_uris.iter().cloned().collect(),
            implied: Arc::clone(&self.implied),
            tenant: resolved.tenant.clone(),
            actor: issuer.actor.clone(),
            sign_in: issuer.sign_in(),
            leeway: self.leeway,
        };
        let policy = Policy {
            token_type: issuer.token_type,
            issuers: resolved.names.clone(),
            microsoft: resolved.microsoft.clone(),
            audience: issuer.audience_rule(),
            audience_claim: issuer.claims.audience.clone(),
            required: issuer.required.clone(),
            authorized_party: issuer.authorized_party,
            max_lifetime: self.max_lifetime,
            context: Arc::new(context),
        };
        let claims = ClaimMap { depth: self.limits.json_depth, ..issuer.claims.clone() };
        Verifier { policy, claims, accepted: accepted(issuer).unwrap_or(AlgorithmSet::ALL) }
    }
}

fn accepted(issuer: &Issuer) -> Option<AlgorithmSet> {
    issuer.algorithms.as_ref().map(|list| list.iter().copied().collect())
}
