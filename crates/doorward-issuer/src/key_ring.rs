use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value, json};

use crate::{Algorithm, signing_key::SigningKey};

/// All keys of an issuer, and which of them are published.
///
/// Without a timeline the current keys are published, one for each algorithm, and the earlier ones that
/// are retired with overlap. With a timeline there is a key for every recorded ID, and the keys of one
/// entry are published instead.
#[derive(Debug)]
pub(crate) struct KeyRing {
    signing: Vec<Arc<SigningKey>>,
    retired: Vec<Arc<SigningKey>>,
    recorded: Vec<Arc<SigningKey>>,
    /// The IDs of the recorded keys that are published; `None` without a timeline.
    published_ids: Option<Vec<String>>,
    withdrawn: BTreeSet<String>,
    /// The document that is published instead of any keys.
    document: Option<Value>,
}

impl KeyRing {
    pub(crate) fn new(signing: Vec<SigningKey>, recorded: Vec<SigningKey>) -> Self {
        Self {
            signing: shared(signing),
            retired: Vec::new(),
            recorded: shared(recorded),
            published_ids: None,
            withdrawn: BTreeSet::new(),
            document: None,
        }
    }

    /// Returns the key to sign with for an algorithm: the first published one of the timeline, or the
    /// current one.
    pub(crate) fn key_of(&self, algorithm: Algorithm) -> Option<Arc<SigningKey>> {
        let published =
            self.published_ids.iter().flatten().filter_map(|key_id| self.recorded_key(key_id));
        let mut keys = published.chain(&self.signing);
        keys.find(|key| key.algorithm() == algorithm).map(Arc::clone)
    }

    pub(crate) fn key_named(&self, key_id: &str) -> Option<Arc<SigningKey>> {
        let own = self.signing.iter().chain(&self.retired);
        own.chain(&self.recorded).find(|key| key.is_named(key_id)).map(Arc::clone)
    }

    /// Returns the number of current and retired keys.
    pub(crate) fn own_key_count(&self) -> usize {
        self.signing.len().saturating_add(self.retired.len())
    }

    /// Makes `keys` the current ones; the old ones stay published.
    pub(crate) fn replace_with_overlap(&mut self, keys: Vec<SigningKey>) {
        self.retired.append(&mut self.signing);
        self.signing = shared(keys);
    }

    /// Makes `keys` the current ones, and removes all old ones except those of a timeline.
    pub(crate) fn replace_without_overlap(&mut self, keys: Vec<SigningKey>) {
        self.retired.clear();
        self.signing = shared(keys);
        let recorded = |key_id: &String| self.recorded.iter().any(|key| key.is_named(key_id));
        self.withdrawn.retain(recorded);
    }

    /// Removes a key from the key set. Returns whether it was published.
    pub(crate) fn withdraw(&mut self, key_id: &str) -> bool {
        let listed = self.listed().any(|key| key.is_named(key_id));
        listed && self.withdrawn.insert(key_id.to_owned())
    }

    /// Undoes [`KeyRing::withdraw`]. Returns whether the key was withdrawn.
    pub(crate) fn restore(&mut self, key_id: &str) -> bool {
        self.withdrawn.remove(key_id)
    }

    /// Publishes the recorded keys with these IDs.
    pub(crate) fn publish_recorded(&mut self, key_ids: &[String]) {
        self.published_ids = Some(key_ids.to_vec());
    }

    /// Publishes this document instead of the keys, or with `None` the keys.
    pub(crate) fn publish(&mut self, document: Option<Value>) {
        self.document = document;
    }

    /// Returns the key set (RFC 7517 §5), current keys first.
    pub(crate) fn jwks(&self) -> Value {
        if let Some(document) = &self.document {
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
        let own = self.signing.iter().chain(&self.retired).filter(|_| self.published_ids.is_none());
        let published =
            self.published_ids.iter().flatten().filter_map(|key_id| self.recorded_key(key_id));
        own.chain(published)
    }

    fn recorded_key(&self, key_id: &str) -> Option<&Arc<SigningKey>> {
        self.recorded.iter().find(|key| key.is_named(key_id))
    }
}

fn shared(keys: Vec<SigningKey>) -> Vec<Arc<SigningKey>> {
    keys.into_iter().map(Arc::new).collect()
}
