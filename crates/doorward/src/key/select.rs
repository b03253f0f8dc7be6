use super::{Jwks, KeyError, VerifyingKey, verifying_key::KeyName};
use crate::{
    limits,
    terms::key_id::KeyId,
    token::{Header, KeyHint},
};

/// The keys that may have signed a token: at least one, each of the token's issuer and fit for its
/// algorithm.
#[derive(Debug)]
pub(crate) struct Candidates<'k>([Option<&'k VerifyingKey>; limits::CANDIDATES]);

impl<'k> Candidates<'k> {
    /// Chooses by `kid`, else by thumbprint, else by being the only key that fits; of an issuer of
    /// several tenants, among the keys of this tenant.
    pub(crate) fn select(
        header: &Header,
        set: &'k Jwks,
        tenant: Option<&str>,
    ) -> Result<Self, KeyError> {
        let named = |key: &&VerifyingKey| is_named(key, &header.key);
        let fits = |key: &&VerifyingKey| key.fits(header.algorithm) && key.serves(tenant);
        let mut fitting = set.keys.iter().filter(named).filter(fits);
        let candidates: [_; limits::CANDIDATES] = std::array::from_fn(|_| fitting.next());
        let algorithm = header.algorithm.name();
        match (&header.key, candidates.as_slice()) {
            (KeyHint::None, [Some(_), Some(_), ..]) => Err(KeyError::Ambiguous { algorithm }),
            (_, [Some(_), ..]) => Ok(Self(candidates)),
            (KeyHint::None, _) => Err(KeyError::NoneFits { algorithm }),
            (KeyHint::Id(id) | KeyHint::Sha256Thumbprint(id) | KeyHint::Sha1Thumbprint(id), _) => {
                let of_name: Vec<_> = set.keys.iter().filter(named).collect();
                Err(if of_name.is_empty() {
                    KeyError::Unknown { id: id.clone() }
                } else if of_name.iter().any(|key| key.serves(tenant)) {
                    KeyError::AlgorithmMismatch { algorithm }
                } else {
                    KeyError::OtherTenant { id: id.clone() }
                })
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'k VerifyingKey> {
        self.0.iter().copied().flatten()
    }
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
