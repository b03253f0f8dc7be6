use std::{collections::HashSet, sync::Arc, time::Duration};

use super::{Jwks, VerifyingKey};
use crate::{limits, terms::key_id::KeyId};

/// The keys of one issuer as they stand: those that it publishes, those that it has withdrawn and
/// that serve for a while yet, and the names that the operator has had forgotten.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeySet {
    published: Vec<Arc<VerifyingKey>>,
    withdrawn: Vec<Withdrawn>,
    forgotten: HashSet<KeyId>,
}

/// A key that the issuer no longer publishes.
#[derive(Clone, Debug)]
struct Withdrawn {
    key: Arc<VerifyingKey>,
    /// On the clock that never goes backwards.
    until: Duration,
}

/// What a newly fetched set has changed, by key IDs; keys without one are not told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) added: Vec<KeyId>,
    pub(crate) withdrawn: Vec<KeyId>,
}

/// A key_set at one moment, for the tokens of one tenant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeySetView<'k> {
    pub(crate) key_set: &'k KeySet,
    /// The tenant in the issuer's name, where the issuer's keys are divided among tenants.
    pub(crate) tenant: Option<&'k str>,
    /// On the clock that never goes backwards.
    pub(crate) now: Duration,
}

impl KeySet {
    pub(crate) fn new(jwks: Jwks) -> Self {
        Self { published: jwks.keys, ..Self::default() }
    }

    /// Returns whether this very key serves at this time.
    pub(crate) fn serves(&self, key: &Arc<VerifyingKey>, now: Duration) -> bool {
        let withdrawn = self.withdrawn.iter().filter(|of| now < of.until);
        let mut all = self.published.iter().chain(withdrawn.map(|of| &of.key));
        all.any(|serving| Arc::ptr_eq(serving, key))
    }

    /// Puts a newly fetched set in the place of the published keys. A key that the set lacks serves
    /// for `keep` more, unless the set has another of its ID: the ID has passed to that one then.
    /// A key without an ID is not kept, because nothing would tell it from its successor.
    pub(crate) fn succeed(&self, jwks: Jwks, now: Duration, keep: Duration) -> (Self, Changes) {
        let mut published = jwks.keys;
        published.retain(|key| !self.has_forgotten(key));
        for key in &mut published {
            // What is known of a key stays with it: tokens that it has verified are cached.
            if let Some(same) = self.same_as(key) {
                *key = Arc::clone(same);
            }
        }
        let ids: HashSet<&KeyId> = published.iter().filter_map(|key| key.id()).collect();
        let left = |key: &&Arc<VerifyingKey>| key.id().is_some_and(|id| !ids.contains(id));
        let leaving: Vec<_> = self.published.iter().filter(left).collect();
        let of_before: HashSet<&KeyId> = self.published.iter().filter_map(|key| key.id()).collect();
        let changes = Changes {
            added: ids.iter().copied().filter(|id| !of_before.contains(id)).cloned().collect(),
            withdrawn: leaving.iter().filter_map(|key| key.id().cloned()).collect(),
        };
        let until = now.saturating_add(keep);
        let just_left = leaving.into_iter().map(|key| Withdrawn { key: Arc::clone(key), until });
        let left_before = self.withdrawn.iter().filter(|of| left(&&of.key)).cloned();
        let mut withdrawn: Vec<_> =
            just_left.chain(left_before).filter(|of| now < of.until).collect();
        // The latest first, so the oldest are dropped.
        withdrawn.truncate(limits::KEYS);
        (Self { published, withdrawn, forgotten: self.forgotten.clone() }, changes)
    }

    fn same_as(&self, key: &VerifyingKey) -> Option<&Arc<VerifyingKey>> {
        let known = self.published.iter().chain(self.withdrawn.iter().map(|of| &of.key));
        known.into_iter().find(|known| known.is_of_same_entry(key))
    }

    /// Drops every key of this name, and any that will come.
    pub(crate) fn forget(&self, name: KeyId) -> Self {
        let mut key_set = self.clone();
        key_set.forgotten.insert(name);
        // By whatever other name tokens give the same key.
        let kept = key_set.withdrawn.iter().map(|of| &of.key);
        let same: Vec<KeyId> = (key_set.published.iter().chain(kept))
            .filter(|key| is_forgotten(&key_set.forgotten, key))
            .flat_map(|key| key.name.all().cloned().collect::<Vec<_>>())
            .collect();
        key_set.forgotten.extend(same);
        key_set.published.retain(|key| !is_forgotten(&key_set.forgotten, key));
        key_set.withdrawn.retain(|of| !is_forgotten(&key_set.forgotten, &of.key));
        key_set
    }

    /// Returns whether keys of this name were forgotten.
    pub(super) fn has_forgotten_name(&self, name: &KeyId) -> bool {
        self.forgotten.contains(name)
    }

    fn has_forgotten(&self, key: &VerifyingKey) -> bool {
        is_forgotten(&self.forgotten, key)
    }

    /// Returns how many keys are published.
    pub(crate) fn published(&self) -> usize {
        self.published.len()
    }

    /// Returns how many withdrawn keys serve at this time.
    pub(crate) fn withdrawn(&self, now: Duration) -> usize {
        self.withdrawn.iter().filter(|of| now < of.until).count()
    }
}

fn is_forgotten(forgotten: &HashSet<KeyId>, key: &VerifyingKey) -> bool {
    key.name.all().any(|name| forgotten.contains(name))
}

impl<'k> KeySetView<'k> {
    /// Returns the keys that serve now: the published ones first.
    pub(super) fn all(self) -> impl Iterator<Item = &'k Arc<VerifyingKey>> {
        let withdrawn = self.key_set.withdrawn.iter().filter(move |of| self.now < of.until);
        self.published().chain(withdrawn.map(|of| &of.key))
    }

    pub(super) fn published(self) -> impl Iterator<Item = &'k Arc<VerifyingKey>> {
        self.key_set.published.iter()
    }
}
