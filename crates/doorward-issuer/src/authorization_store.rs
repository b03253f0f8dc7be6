use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    directory::{Api, Application, Platform, User},
    pkce::Challenge,
    protocol::Protocol,
    random::{self, NoRandomness},
};

/// How many entries a store holds; the oldest are removed first.
const CAPACITY: usize = 10_000;

/// The codes, tokens, sessions and consents of the tenants, in memory only.
#[derive(Debug, Default)]
pub(crate) struct AuthorizationStore {
    pub(crate) codes: BoundedStore<Code>,
    pub(crate) refresh_tokens: BoundedStore<RefreshToken>,
    /// Authorization requests that wait for the user, by the ticket on their page.
    pub(crate) pending: BoundedStore<PendingRequest>,
    /// The users who are signed in, by the session cookie of their browser.
    pub(crate) sessions: BoundedStore<Vec<SignedInUser>>,
    consents: Mutex<BTreeSet<[String; 4]>>,
}

/// What a user has authorized an application for.
#[derive(Clone, Debug)]
pub(crate) struct Authorization {
    pub(crate) protocol: Protocol,
    pub(crate) tenant: String,
    pub(crate) policy: Option<String>,
    pub(crate) user: String,
    pub(crate) client_id: String,
    pub(crate) platform: Platform,
    pub(crate) scope: String,
    pub(crate) resource: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) signed_in_at: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) authorization: Authorization,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) expires: i64,
    pub(crate) redeemed: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct RefreshToken {
    pub(crate) authorization: Authorization,
    pub(crate) expires: i64,
}

/// An authorization request that waits for the user.
#[derive(Clone, Debug)]
pub(crate) struct PendingRequest {
    /// The path of the request, which decides who may sign in.
    pub(crate) path: String,
    pub(crate) query: String,
    /// The user, once signed in.
    pub(crate) user: Option<SignedInUser>,
}

/// A user who is signed in, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedInUser {
    pub(crate) user: String,
    pub(crate) signed_in_at: i64,
}

impl AuthorizationStore {
    pub(crate) fn add_consent(
        &self,
        user: &User,
        application: &Application,
        api: &Api,
        scope: &str,
    ) {
        lock(&self.consents).insert(consent(user, application, api, scope));
    }

    pub(crate) fn has_consent(
        &self,
        user: &User,
        application: &Application,
        api: &Api,
        scope: &str,
    ) -> bool {
        lock(&self.consents).contains(&consent(user, application, api, scope))
    }
}

fn consent(user: &User, application: &Application, api: &Api, scope: &str) -> [String; 4] {
    [user.id.clone(), application.id.clone(), api.id.clone(), scope.to_owned()]
}

/// Values by random keys of 256 bits, at most [`CAPACITY`] of them.
pub(crate) struct BoundedStore<T>(Mutex<Entries<T>>);

struct Entries<T> {
    values: HashMap<String, T>,
    oldest_first: VecDeque<String>,
}

impl<T: Clone> BoundedStore<T> {
    /// Adds a value and returns its key.
    pub(crate) fn insert(&self, value: T) -> Result<String, NoRandomness> {
        let key = random::token()?;
        let mut entries = lock(&self.0);
        if entries.oldest_first.len() >= CAPACITY
            && let Some(oldest) = entries.oldest_first.pop_front()
        {
            entries.values.remove(&oldest);
        }
        entries.oldest_first.push_back(key.clone());
        entries.values.insert(key.clone(), value);
        Ok(key)
    }

    pub(crate) fn get(&self, key: &str) -> Option<T> {
        lock(&self.0).values.get(key).cloned()
    }

    /// Changes a value, if there is one, and returns it as it was before.
    pub(crate) fn update(&self, key: &str, change: impl FnOnce(&mut T)) -> Option<T> {
        let mut entries = lock(&self.0);
        let value = entries.values.get_mut(key)?;
        let before = value.clone();
        change(value);
        Some(before)
    }

    pub(crate) fn remove(&self, key: &str) -> Option<T> {
        lock(&self.0).values.remove(key)
    }
}

impl<T> Default for BoundedStore<T> {
    fn default() -> Self {
        Self(Mutex::new(Entries { values: HashMap::new(), oldest_first: VecDeque::new() }))
    }
}

/// Prints the number of values and no key: the keys are codes, tokens and cookies. Held by the test
/// `debug_output_has_no_key`.
impl<T> fmt::Debug for BoundedStore<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BoundedStore({})", lock(&self.0).values.len())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_has_no_key() {
        let store = BoundedStore::default();
        store.insert(0).unwrap();
        assert_eq!(format!("{store:?}"), "BoundedStore(1)");
    }

    #[test]
    fn oldest_value_is_removed_at_the_capacity() {
        let store = BoundedStore::default();
        let first = store.insert(0).unwrap();
        let second = store.insert(1).unwrap();
        for number in 2..=CAPACITY {
            store.insert(number).unwrap();
        }
        assert_eq!(store.get(&first), None);
        assert_eq!(store.get(&second), Some(1));
    }
}
