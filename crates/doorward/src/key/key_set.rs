use std::{collections::HashSet, sync::Arc, time::Duration};

use super::{ForgottenKeys, Jwks, VerifyingKey};
use crate::{limits, terms::key_id::KeyId};

/// The keys of one issuer: those that it publishes, those that it has withdrawn and that stay usable
/// for a time, and those that the operator has had forgotten.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeySet {
    published: Vec<Arc<VerifyingKey>>,
    withdrawn: Vec<Withdrawn>,
    forgotten: ForgottenKeys,
}

/// A key that the issuer no longer publishes.
#[derive(Clone, Debug)]
struct Withdrawn {
    key: Arc<VerifyingKey>,
    /// On the monotonic clock.
    until: Duration,
}

/// The differences between a newly fetched set and the last one, as key IDs. Keys without a key ID
/// are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) added: Vec<KeyId>,
    pub(crate) withdrawn: Vec<KeyId>,
}

/// A key set at one moment, for the tokens of one tenant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeySetView<'k> {
    pub(crate) key_set: &'k KeySet,
    /// The tenant in the issuer's name, where the issuer's keys are divided among tenants.
    pub(crate) tenant: Option<&'k str>,
    /// On the monotonic clock.
    pub(crate) now: Duration,
}

impl KeySet {
    pub(crate) fn new(jwks: Jwks) -> Self {
        Self { published: jwks.keys, ..Self::default() }
    }

    /// Returns whether this very key may be used at this time.
    pub(crate) fn is_usable(&self, key: &Arc<VerifyingKey>, now: Duration) -> bool {
        let withdrawn = self.withdrawn.iter().filter(|of| now < of.until);
        let mut all = self.published.iter().chain(withdrawn.map(|of| &of.key));
        all.any(|usable| Arc::ptr_eq(usable, key))
    }

    /// Returns the set after a newly fetched document. A published key that the document lacks stays
    /// usable for `keep`, unless the document has another key of its ID. A key without an ID does not
    /// stay: it could not be distinguished from its successor.
    pub(crate) fn succeed(&self, jwks: Jwks, now: Duration, keep: Duration) -> (Self, Changes) {
        let mut published = jwks.keys;
        let mut forgotten = self.forgotten.clone();
        forgotten.add_aliases(self.all_keys().chain(&published).map(|key| &**key));
        published.retain(|key| !forgotten.has_key(key));
        for key in &mut published {
            // The same entry keeps its identity: verified tokens are cached with it.
            if let Some(same) = self.all_keys().find(|known| known.is_of_same_entry(key)) {
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
        let mut withdrawn: Vec<_> = just_left
            .chain(left_before)
            .filter(|of| now < of.until && !forgotten.has_key(&of.key))
            .collect();
        // The latest stand first, so the oldest are dropped.
        withdrawn.truncate(limits::KEYS);
        (Self { published, withdrawn, forgotten }, changes)
    }

    /// Returns the set without these keys, now and after every later fetch, and how many keys it has
    /// lost by that.
    pub(crate) fn forget(&self, keys: &ForgottenKeys) -> (Self, usize) {
        let mut forgotten = self.forgotten.clone();
        forgotten.extend(keys);
        forgotten.add_aliases(self.all_keys().map(|key| &**key));
        let mut key_set = self.clone();
        key_set.published.retain(|key| !forgotten.has_key(key));
        key_set.withdrawn.retain(|of| !forgotten.has_key(&of.key));
        key_set.forgotten = forgotten;
        let dropped = self.all_keys().count().saturating_sub(key_set.all_keys().count());
        (key_set, dropped)
    }

    /// Returns the keys that were forgotten, by all their names and thumbprints.
    pub(crate) const fn forgotten(&self) -> &ForgottenKeys {
        &self.forgotten
    }

    /// Returns how many keys are published.
    pub(crate) const fn published(&self) -> usize {
        self.published.len()
    }

    /// Returns how many withdrawn keys are usable at this time.
    pub(crate) fn withdrawn(&self, now: Duration) -> usize {
        self.withdrawn.iter().filter(|of| now < of.until).count()
    }

    fn all_keys(&self) -> impl Iterator<Item = &Arc<VerifyingKey>> + Clone {
        self.published.iter().chain(self.withdrawn.iter().map(|of| &of.key))
    }
}

impl<'k> KeySetView<'k> {
    /// Iterates over the keys that are usable now: the published ones first.
    pub(super) fn usable(self) -> impl Iterator<Item = &'k Arc<VerifyingKey>> {
        let withdrawn = self.key_set.withdrawn.iter().filter(move |of| self.now < of.until);
        self.published().chain(withdrawn.map(|of| &of.key))
    }

    pub(super) fn published(self) -> impl Iterator<Item = &'k Arc<VerifyingKey>> {
        self.key_set.published.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{key::KeyRules, terms::key_id::KeyId};

    fn jwks(kids: impl IntoIterator<Item = String>) -> Jwks {
        const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let entry = |kid| format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}","kid":"{kid}"}}"#);
        let entries: Vec<String> = kids.into_iter().map(entry).collect();
        let document = format!(r#"{{"keys":[{}]}}"#, entries.join(","));
        Jwks::parse(&document, &KeyRules::default()).unwrap()
    }

    /// It is dropped even when its new names are no longer remembered.
    #[test]
    fn a_forgotten_key_under_ever_new_names_is_dropped_and_fills_no_memory() {
        let forgotten = ForgottenKeys::named(&KeyId::new("0").unwrap());
        let (mut key_set, dropped) = KeySet::new(jwks(["0".to_owned()])).forget(&forgotten);
        assert_eq!(dropped, 1);
        for round in 1..40 {
            let kids = (0..256).map(|kid| format!("{round}-{kid}"));
            (key_set, _) = key_set.succeed(jwks(kids), Duration::ZERO, Duration::ZERO);
            assert_eq!(key_set.published(), 0, "{round}");
        }
        let known = |kid: &str| key_set.forgotten().has_name(&KeyId::new(kid).unwrap());
        assert!(known("0") && known("1-0") && !known("39-0"));
    }
}
