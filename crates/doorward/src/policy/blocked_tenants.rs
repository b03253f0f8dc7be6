use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;

use super::PolicyError;
use crate::terms::{
    tenancy::{GUID_LEN, is_guid},
    untrusted_text::UntrustedText,
};

/// The Microsoft tenants whose tokens are refused, whichever issuer accepts them. The list changes at
/// run time and is read without a lock.
#[derive(Debug, Default)]
pub(crate) struct BlockedTenants {
    /// Whether there are any: all that most servers ever read.
    some: AtomicBool,
    tenants: ArcSwap<HashSet<String>>,
    changing: Mutex<()>,
}

impl BlockedTenants {
    /// Blocks the tenant of this GUID, in lower case.
    pub(crate) fn block(&self, tenant: &str) {
        self.change(|tenants| {
            tenants.insert(tenant.to_owned());
        });
    }

    /// Removes the tenant from the list.
    pub(crate) fn unblock(&self, tenant: &str) {
        self.change(|tenants| {
            tenants.remove(tenant);
        });
    }

    pub(crate) fn contains(&self, tenant: &str) -> bool {
        self.tenants.load().contains(tenant)
    }

    fn change(&self, change: impl FnOnce(&mut HashSet<String>)) {
        let _held = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tenants = HashSet::clone(&self.tenants.load());
        change(&mut tenants);
        let some = !tenants.is_empty();
        self.tenants.store(tenants.into());
        self.some.store(some, Ordering::Release);
    }

    /// Refuses the token of a blocked tenant: one of those that it names, or one whose GUID stands
    /// anywhere in the name of its issuer.
    pub(super) fn check<'t>(
        &self,
        issuer: &str,
        tenants: impl IntoIterator<Item = &'t str>,
    ) -> Result<(), PolicyError> {
        if !self.some.load(Ordering::Acquire) {
            return Ok(());
        }
        let blocked = self.tenants.load();
        let named = tenants.into_iter().map(str::to_ascii_lowercase);
        match named.chain(guids(issuer)).find(|tenant| blocked.contains(tenant)) {
            Some(tenant) => Err(PolicyError::BlockedTenant { tenant: UntrustedText::new(&tenant) }),
            None => Ok(()),
        }
    }
}

/// Iterates over the GUIDs in a text, in lower case.
fn guids(text: &str) -> impl Iterator<Item = String> {
    let text = text.to_ascii_lowercase();
    let starts: Vec<usize> = text.char_indices().map(|(start, _)| start).collect();
    starts.into_iter().filter_map(move |start| {
        let guid = text.get(start..start.checked_add(GUID_LEN)?)?;
        is_guid(guid).then(|| guid.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_found_wherever_they_stand() {
        let tenant = "7fe81447-da57-4385-becb-6de57f21477e";
        for name in [
            format!("https://sts.windows.net/{tenant}/"),
            format!("https://{tenant}.ciamlogin.com/x/v2.0"),
            format!("äö{tenant}"),
            tenant.to_uppercase(),
        ] {
            assert_eq!(guids(&name).collect::<Vec<_>>(), [tenant], "{name}");
        }
        for name in ["", "https://a.example", "7fe81447-da57-4385-becb-6de57f21477", "ääääää"]
        {
            assert_eq!(guids(name).count(), 0, "{name}");
        }
    }
}
