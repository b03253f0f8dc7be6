use std::collections::HashSet;

use super::{KeyThumbprint, VerifyingKey};
use crate::{limits, terms::key_id::KeyId};

/// The keys of one issuer that the operator has had forgotten: by the names that were given, by every
/// other name under which the same keys are known, and by their thumbprints.
#[derive(Clone, Debug, Default)]
pub(crate) struct ForgottenKeys {
    names: HashSet<KeyId>,
    thumbprints: HashSet<KeyThumbprint>,
}

impl ForgottenKeys {
    /// Returns the set of this name alone. A thumbprint may be given with the padding with which some
    /// issuers publish it; tokens are compared without.
    pub(crate) fn named(name: &KeyId) -> Self {
        let names = [name.clone()].into_iter().chain(KeyId::thumbprint(name.as_str())).collect();
        Self { names, thumbprints: HashSet::new() }
    }

    /// Adds all of another set.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.names.extend(other.names.iter().cloned());
        self.thumbprints.extend(&other.thumbprints);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Adds all names and thumbprints of those keys that are forgotten already by one of them, until
    /// nothing is added: two entries may be linked by a third. Where there are too many names already, only
    /// thumbprints are added.
    pub(super) fn add_aliases<'k>(&mut self, keys: impl Iterator<Item = &'k VerifyingKey> + Clone) {
        loop {
            let before = self.len();
            for key in keys.clone().filter(|key| self.has_key(key)).collect::<Vec<_>>() {
                if self.names.len() < limits::FORGOTTEN_KEYS {
                    self.names.extend(key.name.all().cloned());
                }
                self.thumbprints.insert(key.thumbprint);
            }
            if self.len() == before {
                return;
            }
        }
    }

    /// Returns whether the key is forgotten, by a name or by its thumbprint.
    pub(super) fn has_key(&self, key: &VerifyingKey) -> bool {
        if self.is_empty() {
            return false;
        }
        self.thumbprints.contains(&key.thumbprint)
            || key.name.all().any(|name| self.names.contains(name))
            || KeyId::new(key.thumbprint.to_text()).is_some_and(|text| self.names.contains(&text))
    }

    /// Returns whether a token that names its key so is refused.
    pub(super) fn has_name(&self, name: &KeyId) -> bool {
        self.names.contains(name)
    }

    fn len(&self) -> usize {
        self.names.len().saturating_add(self.thumbprints.len())
    }
}
