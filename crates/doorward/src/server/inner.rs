use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arc_swap::ArcSwap;

use super::{
    iss_index::AcceptedIss,
    issuer_registry::{IssuerRegistry, RegisteredIssuer},
    request_settings::RequestSettings,
    settings::Settings,
    token_cache::TokenCache,
};
use crate::config_error::ConfigError;
use crate::{
    issuer::Issuer,
    key_set::{Health, IssuerHealth},
    terms::{key_id::KeyId, server_handle::ServerHandle, tenancy::Tenancy},
};

/// What the clones of one server share.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) handle: ServerHandle,
    pub(super) request: Arc<RequestSettings>,
    pub(super) settings: Settings,
    pub(super) verified_tokens: TokenCache,
    #[cfg(feature = "testing")]
    pub(super) test_tokens: super::test_tokens::TestTokens,
    trusts: ArcSwap<IssuerRegistry>,
    /// Held while trusts are changed; requests take no part in it.
    changing: Mutex<()>,
    /// The keys that were forgotten, by the name of their issuer: an issuer that is trusted again
    /// does not get them back, nor does a tenant that is trusted for itself where any was.
    forgotten: Mutex<HashMap<String, Forgotten>>,
}

/// What was forgotten of one issuer.
#[derive(Debug, Default)]
struct Forgotten {
    /// Its tenants, where it has several.
    tenancy: Option<Arc<Tenancy>>,
    keys: HashSet<KeyId>,
}

impl Inner {
    pub(super) fn new(
        handle: ServerHandle,
        trusts: IssuerRegistry,
        request: Arc<RequestSettings>,
        settings: Settings,
    ) -> Self {
        let trusts = ArcSwap::from_pointee(trusts);
        let (changing, forgotten) = (Mutex::new(()), Mutex::default());
        let verified_tokens = TokenCache::new(settings.token_cache);
        Self {
            handle,
            request,
            settings,
            verified_tokens,
            #[cfg(feature = "testing")]
            test_tokens: super::test_tokens::TestTokens::default(),
            trusts,
            changing,
            forgotten,
        }
    }

    /// Returns the trusts as they are now.
    pub(super) fn trusts(&self) -> arc_swap::Guard<Arc<IssuerRegistry>> {
        self.trusts.load()
    }

    pub(super) async fn trust(&self, issuer: &Issuer) -> Result<(), ConfigError> {
        let resolved = self.settings.check_issuer(issuer)?;
        let names: Vec<AcceptedIss> = resolved.iter().map(AcceptedIss::of).collect();
        self.trusts().check_names(&names)?;
        let prepared = self.settings.ready(issuer, resolved, &self.handle)?;
        prepared.wait_for_first_keys().await?;
        let mut takes_over = false;
        self.change(|trusts| {
            takes_over = trusts.overlaps(&prepared.trusts);
            let changed = trusts.with(&prepared.trusts)?;
            let forgotten = self.forgotten();
            for trust in &prepared.trusts {
                let of_trust = |(name, of): &(&String, &Forgotten)| {
                    trust.is_named(name) || trust.is_among(of.tenancy.as_deref())
                };
                let keys = forgotten.iter().filter(of_trust).flat_map(|(_, of)| &of.keys);
                keys.for_each(|key| trust.keys.forget(key));
            }
            Ok(changed)
        })?;
        if takes_over {
            // What was verified under the other policy is judged by this one from now on.
            self.verified_tokens.evict_all();
        }
        for trust in &prepared.trusts {
            tracing::info!(issuer = %trust.title, "issuer trusted");
        }
        Ok(())
    }

    pub(super) fn distrust(&self, issuer: &str) -> Result<(), ConfigError> {
        self.change(|trusts| trusts.without(issuer))?;
        tracing::info!(%issuer, "issuer no longer trusted");
        Ok(())
    }

    fn change(
        &self,
        change: impl FnOnce(&IssuerRegistry) -> Result<IssuerRegistry, ConfigError>,
    ) -> Result<(), ConfigError> {
        let _held = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&self.trusts())?;
        self.trusts.store(Arc::new(changed));
        Ok(())
    }

    pub(super) fn forget_key(&self, issuer: &str, key: &KeyId) -> Result<(), ConfigError> {
        // While no issuer comes or goes.
        let _held = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let trusts = self.trusts();
        let is_meant =
            |trust: &&Arc<RegisteredIssuer>| trust.is_named(issuer) || trust.accepts(issuer);
        let meant: Vec<_> = trusts.iter().filter(is_meant).collect();
        if meant.is_empty() {
            return Err(ConfigError::NotTrusted { issuer: issuer.to_owned() });
        }
        for trust in meant {
            trust.keys.forget(key);
            let mut forgotten = self.forgotten();
            let forgotten = forgotten.entry(trust.title.clone()).or_default();
            forgotten.tenancy = trust.tenancy().cloned();
            forgotten.keys.insert(key.clone());
            tracing::warn!(issuer = %trust.title, %key, "key forgotten");
        }
        // A key without a name of its own is not dropped, but verifies no token of this name.
        self.verified_tokens.evict_all();
        Ok(())
    }

    fn forgotten(&self) -> MutexGuard<'_, HashMap<String, Forgotten>> {
        self.forgotten.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what clients find the metadata of the trusted issuers by, each once.
    pub(super) fn authorization_servers(&self) -> Vec<String> {
        let mut servers: Vec<String> = Vec::new();
        for trust in self.trusts().iter() {
            if !servers.contains(&trust.authorization_server) {
                servers.push(trust.authorization_server.clone());
            }
        }
        servers
    }

    pub(super) fn health(&self) -> Health {
        let (trusts, now) = (self.trusts(), self.settings.clock.monotonic());
        let of = |trust: &Arc<RegisteredIssuer>| IssuerHealth::of(&trust.title, &trust.keys, now);
        Health::new(trusts.iter().map(of).collect())
    }
}
