use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;

use crate::{
    Algorithm, Client, KeyGenerationError, MintError, Timeline,
    caching::Caching,
    counter::Counter,
    fault::Faults,
    key_ring::KeyRing,
    signing_key::{SigningKey, generate_keys},
    tenant_state::TenantState,
};

/// The state that the handle, the mints and the endpoints of one issuer share.
#[derive(Debug)]
pub(crate) struct IssuerState {
    pub(crate) url: String,
    pub(crate) issuer: String,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) default_algorithm: Algorithm,
    pub(crate) clients: Vec<Client>,
    pub(crate) timeline: Option<Timeline>,
    pub(crate) tenants: Option<TenantState>,
    /// The CA certificate that clients must trust for https, in PEM.
    pub(crate) ca_pem: Option<String>,
    pub(crate) connections: Arc<Counter>,
    pub(crate) jwks_requests: Counter,
    pub(crate) jwks_not_modified: Counter,
    pub(crate) metadata_requests: Counter,
    pub(crate) faults: Faults,
    pub(crate) caching: RwLock<Caching>,
    pub(crate) keys: RwLock<KeyRing>,
    /// Locked by a control request while it rotates the keys, so that only one does at a time.
    pub(crate) rotation: tokio::sync::Mutex<()>,
}

impl IssuerState {
    pub(crate) fn metadata_url(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.url)
    }

    pub(crate) fn jwks_url(&self) -> String {
        format!("{}/jwks", self.url)
    }

    pub(crate) fn token_url(&self) -> String {
        format!("{}/token", self.url)
    }

    pub(crate) fn client(&self, client_id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.client_id() == client_id)
    }

    pub(crate) fn jwks(&self) -> Value {
        self.read_keys(KeyRing::jwks)
    }

    pub(crate) fn caching(&self) -> Caching {
        self.caching.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn change_caching(&self, change: impl FnOnce(&mut Caching)) {
        change(&mut self.caching.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Calls `change` with the keys locked.
    pub(crate) fn change_keys<T>(&self, change: impl FnOnce(&mut KeyRing) -> T) -> T {
        change(&mut self.keys.write().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn own_key_count(&self) -> usize {
        self.read_keys(KeyRing::own_key_count)
    }

    pub(crate) async fn rotate(&self) -> Result<(), KeyGenerationError> {
        let keys = generate_keys(&self.algorithms).await?;
        self.change_keys(|ring| ring.replace_with_overlap(keys));
        Ok(())
    }

    pub(crate) async fn rotate_without_overlap(&self) -> Result<(), KeyGenerationError> {
        let keys = generate_keys(&self.algorithms).await?;
        self.change_keys(|ring| ring.replace_without_overlap(keys));
        Ok(())
    }

    /// Returns the key to sign with for the algorithm.
    pub(crate) fn key_of(&self, algorithm: Algorithm) -> Result<Arc<SigningKey>, MintError> {
        self.read_keys(|ring| ring.key_of(algorithm))
            .ok_or_else(|| MintError::NoKey { algorithm, available: self.algorithms.clone() })
    }

    pub(crate) fn key_named(&self, key_id: &str) -> Result<Arc<SigningKey>, MintError> {
        self.read_keys(|ring| ring.key_named(key_id))
            .ok_or_else(|| MintError::UnknownKey { key_id: key_id.to_owned() })
    }

    fn read_keys<T>(&self, read: impl FnOnce(&KeyRing) -> T) -> T {
        read(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}
