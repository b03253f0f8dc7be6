use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value, json};

use crate::{Algorithm, signing_key::SigningKey};

/// All keys of an issuer, and what of them is published.
///
/// Its own keys are one for each algorithm that signs now, and earlier ones that are still published.
/// With a timeline there is a key under every recorded ID, and those of one moment are published
/// instead of its own.
#[derive(Debug)]
pub(crate) struct KeyRing {
    signing: Vec<Arc<SigningKey>>,
    retired: Vec<Arc<SigningKey>>,
    recorded: Vec<Arc<SigningKey>>,
    /// The IDs of the recorded keys that are published; `None` without a timeline.
    shown: Option<Vec<String>>,
    withdrawn: BTreeSet<String>,
    /// What is published instead of any keys.
    published: Option<Value>,
}

impl KeyRing {
    pub(crate) fn new(signing: Vec<SigningKey>, recorded: Vec<SigningKey>) -> Self {
        Self {
            signing: shared(signing),
            retired: Vec::new(),
            recorded: shared(recorded),
            shown: None,
            withdrawn: BTreeSet::new(),
            published: None,
        }
    }

    /// Returns the key that signs where an algorithm is named: the first one of the moment that is
    /// shown, or the issuer's own.
    pub(crate) fn key_of(&self, algorithm: Algorithm) -> Option<Arc<SigningKey>> {
        let shown = self.shown.iter().flatten().filter_map(|key_id| self.recorded_key(key_id));
        let mut keys = shown.chain(&self.signing);
        keys.find(|key| key.algorithm() == algorithm).map(Arc::clone)
    }

    pub(crate) fn key_named(&self, key_id: &str) -> Option<Arc<SigningKey>> {
        let own = self.signing.iter().chain(&self.retired);
        own.chain(&self.recorded).find(|key| key.is_named(key_id)).map(Arc::clone)
    }

    /// Returns how many keys the issuer has of its own: those that sign, and earlier ones that are
    /// still published.
    pub(crate) fn own_key_count(&self) -> usize {
        self.signing.len().saturating_add(self.retired.len())
    }

    /// Signs with `keys` from now on and keeps publishing what was published.
    pub(crate) fn replace_with_overlap(&mut self, keys: Vec<SigningKey>) {
        self.retired.append(&mut self.signing);
        self.signing = shared(keys);
    }

    /// Signs with `keys` from now on and publishes nothing else of the issuer's own.
    pub(crate) fn replace_without_overlap(&mut self, keys: Vec<SigningKey>) {
        self.retired.clear();
        self.signing = shared(keys);
        let recorded = |key_id: &String| self.recorded.iter().any(|key| key.is_named(key_id));
        self.withdrawn.retain(recorded);
    }

    /// Stops publishing a key; tells whether it was published.
    pub(crate) fn withdraw(&mut self, key_id: &str) -> bool {
        let listed = self.listed().any(|key| key.is_named(key_id));
        listed && self.withdrawn.insert(key_id.to_owned())
    }

    /// Undoes [`KeyRing::withdraw`]; tells whether there was something to undo.
    pub(crate) fn restore(&mut self, key_id: &str) -> bool {
        self.withdrawn.remove(key_id)
    }

    /// Publishes these of the recorded keys.
    pub(crate) fn publish_recorded(&mut self, key_ids: &[String]) {
        self.shown = Some(key_ids.to_vec());
    }

    /// Publishes this document instead of the keys, or the keys again.
    pub(crate) fn publish(&mut self, document: Option<Value>) {
        self.published = document;
    }

    /// Returns the key set (RFC 7517 §5), the keys that sign now first.
    pub(crate) fn jwks(&self) -> Value {
        if let Some(document) = &self.published {
            return document.clone();
        }
        let public = self.listed().map(|key| key.public());
        let keys: Vec<Value> = public
            .filter(|key| !self.withdrawn.contains(key.key_id()))
            .map(|key| key.to_json())
            .collect();
        json!({ "keys": keys })
    }

    /// Returns the keys that are published unless they are withdrawn.
    fn listed(&self) -> impl Iterator<Item = &Arc<SigningKey>> {
        let own = self.signing.iter().chain(&self.retired).filter(|_| self.shown.is_none());
        let shown = self.shown.iter().flatten().filter_map(|key_id| self.recorded_key(key_id));
        own.chain(shown)
    }

    fn recorded_key(&self, key_id: &str) -> Option<&Arc<SigningKey>> {
        self.recorded.iter().find(|key| key.is_named(key_id))
    }
}

fn shared(keys: Vec<SigningKey>) -> Vec<Arc<SigningKey>> {
    keys.into_iter().map(Arc::new).collect()
}
