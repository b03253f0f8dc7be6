use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::{ConfigError, settings::Settings, trusts::Trusts};
use crate::{
    health::{Health, IssuerHealth},
    profile::Issuer,
    terms::{key_id::KeyId, server_id::ServerId},
};

/// What the clones of one server share.
#[derive(Debug)]
pub(super) struct House {
    pub(super) id: ServerId,
    pub(super) realm: String,
    pub(super) settings: Settings,
    trusts: ArcSwap<Trusts>,
    /// Held while trusts are changed; requests take no part in it.
    changing: Mutex<()>,
}

impl House {
    pub(super) fn new(id: ServerId, trusts: Trusts, realm: String, settings: Settings) -> Self {
        let trusts = ArcSwap::from_pointee(trusts);
        Self { id, realm, settings, trusts, changing: Mutex::new(()) }
    }

    /// Returns the trusts as they are now.
    pub(super) fn trusts(&self) -> arc_swap::Guard<Arc<Trusts>> {
        self.trusts.load()
    }

    pub(super) async fn trust(&self, issuer: &Issuer) -> Result<(), ConfigError> {
        let readied = self.settings.ready(issuer, self.id)?;
        // Before anything is waited for, so that a contradiction is told at once.
        self.trusts().with(&readied.trusts)?;
        readied.first_keys().await?;
        self.change(|trusts| trusts.with(&readied.trusts))?;
        for trust in &readied.trusts {
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
        change: impl FnOnce(&Trusts) -> Result<Trusts, ConfigError>,
    ) -> Result<(), ConfigError> {
        let _held = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&self.trusts())?;
        self.trusts.store(Arc::new(changed));
        Ok(())
    }

    pub(super) fn forget_key(&self, issuer: &str, name: &KeyId) -> Result<(), ConfigError> {
        let trusts = self.trusts();
        let mut named = trusts.named(issuer).peekable();
        if named.peek().is_none() {
            return Err(ConfigError::NotTrusted { issuer: issuer.to_owned() });
        }
        for trust in named {
            trust.keys.forget(name);
            tracing::warn!(issuer = %trust.title, key = %name, "key forgotten");
        }
        Ok(())
    }

    pub(super) fn health(&self) -> Health {
        let (trusts, now) = (self.trusts(), self.settings.clock.monotonic());
        let of = |trust: &Arc<_>| {
            let trust: &super::trusts::Trust = trust;
            IssuerHealth::of(&trust.title, &trust.keys, now)
        };
        Health::new(trusts.iter().map(of).collect())
    }
}
