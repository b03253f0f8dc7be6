use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::{
    forgotten::ForgottenByIssuer,
    issuer_registry::{IssuerRegistry, RegisteredIssuer},
    request_settings::RequestSettings,
    settings::Settings,
    token_cache::TokenCache,
};
use crate::{
    change_error::ChangeError,
    config_error::ConfigError,
    issuer::Issuer,
    key::ForgottenKeys,
    key_set::{Health, IssuerHealth},
    terms::{key_id::KeyId, server_handle::ServerHandle, tenancy::is_guid},
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
    issuers: ArcSwap<IssuerRegistry>,
    /// Held while issuers or their forgotten keys are changed; requests do not wait for it.
    changing: Mutex<()>,
    forgotten: ForgottenByIssuer,
}

impl Inner {
    pub(super) fn new(
        handle: ServerHandle,
        issuers: IssuerRegistry,
        request: Arc<RequestSettings>,
        settings: Settings,
    ) -> Self {
        Self {
            handle,
            request,
            #[cfg(feature = "testing")]
            test_tokens: super::test_tokens::TestTokens::default(),
            verified_tokens: TokenCache::new(settings.token_cache),
            settings,
            issuers: ArcSwap::from_pointee(issuers),
            changing: Mutex::new(()),
            forgotten: ForgottenByIssuer::default(),
        }
    }

    /// Returns the issuers that are registered now.
    pub(super) fn issuers(&self) -> arc_swap::Guard<Arc<IssuerRegistry>> {
        self.issuers.load()
    }

    pub(super) async fn trust(&self, issuer: &Issuer) -> Result<(), ConfigError> {
        let resolved = self.settings.check_issuer(issuer)?;
        self.issuers().check_names(&resolved)?;
        let more = self.settings.prepare(issuer, resolved, &self.handle)?;
        self.settings.wait_for_first_keys(&more).await?;
        let mut takes_over = false;
        self.change(|issuers| {
            takes_over = issuers.overlaps(&more);
            more.iter().for_each(|issuer| self.forgotten.apply(issuer));
            issuers.with(&more)
        })?;
        if takes_over {
            // Tokens that were verified under the other policy are checked by this one from now on.
            self.verified_tokens.evict_all();
        }
        for issuer in &more {
            tracing::info!(issuer = %issuer.title, "issuer trusted");
        }
        Ok(())
    }

    pub(super) fn distrust(&self, issuer: &str) -> Result<(), ChangeError> {
        self.change(|issuers| {
            let leaving = issuers.leaving(issuer, &self.settings.blocked_tenants)?;
            // Aliases that its later key sets have shown are forgotten too.
            leaving.iter().for_each(|issuer| self.forgotten.record(issuer));
            issuers.without(&leaving).map_err(ChangeError::Issuer)
        })?;
        tracing::info!(%issuer, "issuer no longer trusted");
        Ok(())
    }

    fn change<E>(
        &self,
        change: impl FnOnce(&IssuerRegistry) -> Result<IssuerRegistry, E>,
    ) -> Result<(), E> {
        let _held = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&self.issuers())?;
        self.issuers.store(Arc::new(changed));
        Ok(())
    }

    pub(super) fn forget_key(&self, issuer: &str, key_id: &str) -> Result<(), ChangeError> {
        let name = KeyId::new(key_id).ok_or(ChangeError::KeyId)?;
        // While no issuer comes or goes.
        let _held = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let issuers = self.issuers();
        let meant = issuers.of_name(issuer);
        if meant.is_empty() {
            return Err(ChangeError::NotTrusted { issuer: issuer.to_owned() });
        }
        let mut keys = ForgottenKeys::named(&name);
        let mut dropped = 0_usize;
        // Twice, because the key set of one policy may show an alias that that of another has.
        for _ in 0..2 {
            for issuer in &meant {
                dropped = dropped.saturating_add(issuer.keys.forget(&keys));
                keys.extend(&issuer.keys.forgotten());
            }
        }
        meant.iter().for_each(|issuer| self.forgotten.record(issuer));
        // A key without a name stays, but must verify no token of this name.
        self.verified_tokens.evict_all();
        if dropped == 0 {
            tracing::warn!(
                %issuer, key = %name,
                "no cached key has the name that was to be forgotten; tokens that name it are refused"
            );
        } else {
            tracing::warn!(%issuer, key = %name, keys = dropped, "key forgotten");
        }
        Ok(())
    }

    /// Forgets a key from the start, also one of an issuer that will be trusted at run time.
    pub(super) fn forget_key_from_start(
        &self,
        issuer: &str,
        key_id: &str,
    ) -> Result<(), ChangeError> {
        match self.forget_key(issuer, key_id) {
            Err(ChangeError::NotTrusted { .. }) => {
                let name = KeyId::new(key_id).ok_or(ChangeError::KeyId)?;
                self.forgotten.record_name(issuer, ForgottenKeys::named(&name));
                tracing::warn!(
                    %issuer, key = %name,
                    "no issuer of this name is trusted; the key is forgotten if one is later"
                );
                Ok(())
            }
            result => result,
        }
    }

    pub(super) fn block_tenant(&self, tenant: &str) -> Result<(), ChangeError> {
        let tenant = tenant_id(tenant)?;
        self.settings.blocked_tenants.block(&tenant);
        tracing::warn!(%tenant, "tenant blocked");
        Ok(())
    }

    pub(super) fn unblock_tenant(&self, tenant: &str) -> Result<(), ChangeError> {
        let tenant = tenant_id(tenant)?;
        self.settings.blocked_tenants.unblock(&tenant);
        tracing::warn!(%tenant, "tenant no longer blocked");
        Ok(())
    }

    /// Returns the authorization servers of the trusted issuers, each once.
    pub(super) fn authorization_servers(&self) -> Vec<String> {
        let mut servers: Vec<String> = Vec::new();
        for issuer in self.issuers().iter() {
            if !servers.contains(&issuer.authorization_server) {
                servers.push(issuer.authorization_server.clone());
            }
        }
        servers
    }

    pub(super) fn health(&self) -> Health {
        let (issuers, now) = (self.issuers(), self.settings.clock.monotonic());
        let of =
            |issuer: &Arc<RegisteredIssuer>| IssuerHealth::of(&issuer.title, &issuer.keys, now);
        Health::new(issuers.iter().map(of).collect())
    }
}

/// Reads a tenant's ID, as tokens carry it: in lower case. Portals show capitals too.
fn tenant_id(tenant: &str) -> Result<String, ChangeError> {
    let lower = tenant.to_ascii_lowercase();
    if is_guid(&lower) { Ok(lower) } else { Err(ChangeError::Tenant { tenant: tenant.to_owned() }) }
}
