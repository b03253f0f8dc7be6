use std::sync::Arc;

use super::{KeyError, KeySetView, VerifyingKey, WithoutKeyId, verifying_key::KeyName};
use crate::{
    limits,
    terms::key_id::KeyId,
    token::{Header, KeyHint},
};

/// The keys that may have signed a token: at least one and at most four, each of the token's issuer,
/// fit for its algorithm, and different from the others.
#[derive(Debug)]
pub(crate) struct Candidates<'k> {
    keys: [Option<&'k Arc<VerifyingKey>>; limits::CANDIDATES],
    /// Whether the token names one of them. If not, the issuer may have a newer key of that name.
    named: bool,
}

impl<'k> Candidates<'k> {
    /// Selects by `kid`, else by thumbprint. Keys of the set without a key ID fit every name
    /// ([RFC 7515 §4.1.4](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.4)). For a token that
    /// names no key, the published keys that fit its algorithm must be one and the same, unless all
    /// are to be tried. Of an issuer of several tenants, only the keys of this tenant count.
    pub(crate) fn select(
        header: &Header,
        keys: KeySetView<'k>,
        without_key_id: WithoutKeyId,
    ) -> Result<Self, KeyError> {
        match header.key.name() {
            Some(name) => Self::select_named(header, name, keys),
            None => Self::select_unnamed(header, keys, without_key_id),
        }
    }

    fn select_named(header: &Header, name: &KeyId, keys: KeySetView<'k>) -> Result<Self, KeyError> {
        let named = |key: &&Arc<VerifyingKey>| is_named(key, &header.key);
        let nameless = |key: &&Arc<VerifyingKey>| is_nameless(key, &header.key);
        let fits = |key: &&Arc<VerifyingKey>| {
            key.fits(header.algorithm) && key.may_verify_for(keys.tenant)
        };
        let id = || name.clone();
        if keys.key_set.forgotten().has_name(name) {
            return Err(KeyError::Forgotten { id: id() });
        }
        let mut candidates = Self::of(keys.usable().filter(named).filter(fits));
        candidates.named = !candidates.is_empty();
        candidates.add(keys.published().filter(nameless).filter(fits));
        if candidates.is_empty() {
            let of_name: Vec<_> = keys.usable().filter(named).collect();
            return Err(if of_name.is_empty() {
                KeyError::Unknown { id: id() }
            } else if of_name.iter().any(|key| key.may_verify_for(keys.tenant)) {
                KeyError::AlgorithmMismatch { algorithm: header.algorithm.name() }
            } else {
                KeyError::OtherTenant { id: id() }
            });
        }
        Ok(candidates)
    }

    fn select_unnamed(
        header: &Header,
        keys: KeySetView<'k>,
        without_key_id: WithoutKeyId,
    ) -> Result<Self, KeyError> {
        let fits = |key: &&Arc<VerifyingKey>| {
            key.fits(header.algorithm) && key.may_verify_for(keys.tenant)
        };
        let candidates = Self::of(keys.published().filter(fits));
        let algorithm = header.algorithm.name();
        match candidates.iter().count() {
            0 => Err(KeyError::NoneFits { algorithm }),
            2.. if without_key_id == WithoutKeyId::Refuse => Err(KeyError::Ambiguous { algorithm }),
            _ => Ok(candidates),
        }
    }

    fn of(fitting: impl Iterator<Item = &'k Arc<VerifyingKey>>) -> Self {
        let mut candidates = Self { keys: [None; limits::CANDIDATES], named: false };
        candidates.add(fitting);
        candidates
    }

    /// Adds keys up to the limit. A key that is present already is not added again.
    fn add(&mut self, fitting: impl Iterator<Item = &'k Arc<VerifyingKey>>) {
        for key in fitting {
            if self.iter().any(|other| other.thumbprint == key.thumbprint) {
                continue;
            }
            let Some(free) = self.keys.iter_mut().find(|key| key.is_none()) else { return };
            *free = Some(key);
        }
    }

    const fn is_empty(&self) -> bool {
        matches!(self.keys.as_slice(), [None, ..] | [])
    }

    /// Returns whether a newer key set may have the key of a token that none of these has signed.
    pub(crate) const fn may_be_outdated(&self) -> bool {
        !self.named
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'k Arc<VerifyingKey>> {
        self.keys.iter().copied().flatten()
    }
}

/// Returns whether the key has the header's name for it. One that was configured without a name has
/// any.
fn is_named(key: &VerifyingKey, hint: &KeyHint) -> bool {
    let KeyName::Jwk { id, x5t, x5t_s256 } = &key.name else {
        return true;
    };
    let same = |own: &Option<KeyId>, named: &KeyId| own.as_ref() == Some(named);
    match hint {
        KeyHint::Id(named) => same(id, named),
        KeyHint::Sha256Thumbprint(named) => same(x5t_s256, named),
        KeyHint::Sha1Thumbprint(named) => same(x5t, named),
        KeyHint::None => true,
    }
}

/// Returns whether the key's JWK has no name of the kind that the header uses, and no key ID.
fn is_nameless(key: &VerifyingKey, hint: &KeyHint) -> bool {
    let KeyName::Jwk { id: None, x5t, x5t_s256 } = &key.name else {
        return false;
    };
    match hint {
        KeyHint::Id(_) | KeyHint::None => true,
        KeyHint::Sha256Thumbprint(_) => x5t_s256.is_none(),
        KeyHint::Sha1Thumbprint(_) => x5t.is_none(),
    }
}
