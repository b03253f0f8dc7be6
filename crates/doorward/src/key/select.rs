use std::sync::Arc;

use super::{KeyError, KeySetView, VerifyingKey, verifying_key::KeyName};
use crate::{
    limits,
    terms::key_id::KeyId,
    token::{Header, KeyHint},
};

/// The keys that may have signed a token: at least one, each of the token's issuer and fit for its
/// algorithm.
#[derive(Debug)]
pub(crate) struct Candidates<'k>([Option<&'k Arc<VerifyingKey>>; limits::CANDIDATES]);

impl<'k> Candidates<'k> {
    /// Chooses by `kid`, else by thumbprint, else by being the only published key that fits; of an
    /// issuer of several tenants, among the keys of this tenant.
    pub(crate) fn select(header: &Header, keys: KeySetView<'k>) -> Result<Self, KeyError> {
        match header.key.name() {
            Some(name) => Self::select_named(header, name, keys),
            None => Self::select_single(header, keys),
        }
    }

    fn select_named(header: &Header, name: &KeyId, keys: KeySetView<'k>) -> Result<Self, KeyError> {
        let named = |key: &&Arc<VerifyingKey>| is_named(key, &header.key);
        let fits = |key: &&Arc<VerifyingKey>| key.fits(header.algorithm) && key.serves(keys.tenant);
        let id = || name.clone();
        if keys.key_set.has_forgotten_name(name) {
            return Err(KeyError::Forgotten { id: id() });
        }
        let candidates = first(keys.all().filter(named).filter(fits));
        if candidates.is_empty() {
            let of_name: Vec<_> = keys.all().filter(named).collect();
            return Err(if of_name.is_empty() {
                KeyError::Unknown { id: id() }
            } else if of_name.iter().any(|key| key.serves(keys.tenant)) {
                KeyError::AlgorithmMismatch { algorithm: header.algorithm.name() }
            } else {
                KeyError::OtherTenant { id: id() }
            });
        }
        Ok(candidates)
    }

    fn select_single(header: &Header, keys: KeySetView<'k>) -> Result<Self, KeyError> {
        let fits = |key: &&Arc<VerifyingKey>| key.fits(header.algorithm) && key.serves(keys.tenant);
        let candidates = first(keys.published().filter(fits));
        let algorithm = header.algorithm.name();
        match candidates.0.as_slice() {
            [Some(_), Some(_), ..] => Err(KeyError::Ambiguous { algorithm }),
            [Some(_), ..] => Ok(candidates),
            _ => Err(KeyError::NoneFits { algorithm }),
        }
    }

    const fn is_empty(&self) -> bool {
        matches!(self.0.as_slice(), [None, ..] | [])
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'k Arc<VerifyingKey>> {
        self.0.iter().copied().flatten()
    }
}

fn first<'k>(mut fitting: impl Iterator<Item = &'k Arc<VerifyingKey>>) -> Candidates<'k> {
    Candidates(std::array::from_fn(|_| fitting.next()))
}

/// Returns whether the key answers to the header's name for it.
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
