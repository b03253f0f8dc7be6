use std::sync::{Arc, Mutex, PoisonError};

use super::issuer_registry::RegisteredIssuer;
use crate::{key::ForgottenKeys, terms::tenancy::Tenancy};

/// The keys that were forgotten, by issuer: an issuer that is trusted again does not get them back, nor
/// does a tenant that is trusted for itself after any tenant was, nor the reverse.
#[derive(Debug, Default)]
pub(super) struct ForgottenByIssuer(Mutex<Vec<OfIssuer>>);

#[derive(Debug)]
struct OfIssuer {
    title: String,
    names: Vec<String>,
    /// The tenants of its registrations, where they may have several.
    tenancies: Vec<Arc<Tenancy>>,
    keys: ForgottenKeys,
}

impl ForgottenByIssuer {
    /// Records what the issuer's key set has forgotten, all aliases included.
    pub(super) fn record(&self, issuer: &RegisteredIssuer) {
        let keys = issuer.keys.forgotten();
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match list.iter_mut().find(|of| of.title == issuer.title) {
            Some(of) => {
                of.keys.extend(&keys);
                of.names.extend(issuer.listed_names());
                of.names.sort_unstable();
                of.names.dedup();
                // Of Microsoft's registrations, several may have this title.
                if let Some(tenancy) = issuer.tenancy()
                    && !of.tenancies.iter().any(|known| Arc::ptr_eq(known, tenancy))
                {
                    of.tenancies.push(Arc::clone(tenancy));
                }
            }
            None if keys.is_empty() => {}
            None => list.push(OfIssuer {
                title: issuer.title.clone(),
                names: issuer.listed_names(),
                tenancies: issuer.tenancy().cloned().into_iter().collect(),
                keys,
            }),
        }
    }

    /// Records a key of an issuer that is not trusted yet, for when it is.
    pub(super) fn record_name(&self, issuer: &str, keys: ForgottenKeys) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.push(OfIssuer {
            title: issuer.to_owned(),
            names: vec![issuer.to_owned()],
            tenancies: Vec::new(),
            keys,
        });
    }

    /// Has the issuer forget what was forgotten under one of its names.
    pub(super) fn apply(&self, issuer: &RegisteredIssuer) {
        let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let names = issuer.listed_names();
        let is_same = |of: &&OfIssuer| {
            of.title == issuer.title
                || of.names.iter().any(|name| names.contains(name) || issuer.accepts(name))
                || of.tenancies.iter().any(|of| names.iter().any(|name| of.accepts(name)))
        };
        let mut keys = ForgottenKeys::default();
        list.iter().filter(is_same).for_each(|of| keys.extend(&of.keys));
        issuer.keys.forget(&keys);
    }
}
