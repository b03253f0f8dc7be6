use std::sync::{
    PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{Algorithm, Client, MintError, key_ring::KeyRing, signing_key::SigningKey};

/// What the handle, the mints and the endpoints of one issuer share.
#[derive(Debug)]
pub(crate) struct IssuerState {
    pub(crate) url: String,
    pub(crate) issuer: String,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) default_algorithm: Algorithm,
    pub(crate) clients: Vec<Client>,
    pub(crate) jwks_requests: Counter,
    pub(crate) metadata_requests: Counter,
    pub(crate) keys: RwLock<KeyRing>,
}

/// How many times something happened.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
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
        self.keys.read().unwrap_or_else(PoisonError::into_inner).jwks()
    }

    /// Calls `exchange` while no token is signed and no key set is read.
    pub(crate) fn exchange_keys(&self, exchange: impl FnOnce(&mut KeyRing)) {
        exchange(&mut self.keys.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Signs the header and the payload that are made of the key's ID, in the compact serialization
    /// (RFC 7515 §3.1).
    pub(crate) fn sign<P: AsRef<[u8]>>(
        &self,
        algorithm: Algorithm,
        header_and_payload: impl FnOnce(&str) -> (String, P),
    ) -> Result<String, MintError> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys
            .signing_key(algorithm)
            .ok_or_else(|| MintError::NoKey { algorithm, available: self.algorithms.clone() })?;
        let (header, payload) = header_and_payload(key.public().key_id());
        compact(key, &header, payload.as_ref())
    }
}

fn compact(key: &SigningKey, header: &str, payload: &[u8]) -> Result<String, MintError> {
    let mut token = URL_SAFE_NO_PAD.encode(header);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut token);
    let signature = key
        .sign(token.as_bytes())
        .map_err(|_| MintError::Unsigned { algorithm: key.algorithm() })?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}
