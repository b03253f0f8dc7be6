use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    directory::{Api, Application, Platform, User},
    random::{self, NoRandomness},
    system::System,
};

/// How many things of a kind are remembered; the oldest are forgotten first.
const CAPACITY: usize = 10_000;

/// What the issuer has handed out and been told; all of it is gone when it stops.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) codes: Shelf<Code>,
    pub(crate) refresh_tokens: Shelf<RefreshToken>,
    /// Requests that wait for a person, by the ticket on their page.
    pub(crate) pending: Shelf<Pending>,
    /// Who is signed in, by the browser's cookie.
    pub(crate) sessions: Shelf<Vec<Signed>>,
    consents: Mutex<BTreeSet<[String; 4]>>,
}

/// What a user has allowed an application.
#[derive(Clone, Debug)]
pub(crate) struct Authorization {
    pub(crate) system: System,
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
    pub(crate) challenge: Option<crate::authorize::Challenge>,
    pub(crate) expires: i64,
    pub(crate) redeemed: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct RefreshToken {
    pub(crate) authorization: Authorization,
    pub(crate) expires: i64,
}

/// A request of the authorization endpoint that waits for a person.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    /// The path that the request was sent to: who may sign in there, and by which rules.
    pub(crate) path: String,
    pub(crate) query: String,
    /// The user, once signed in.
    pub(crate) user: Option<Signed>,
}

/// A user who is signed in, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) user: String,
    pub(crate) at: i64,
}

impl Memory {
    pub(crate) fn consent(&self, user: &User, application: &Application, api: &Api, scope: &str) {
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

/// Things under names that nobody can guess, up to [`CAPACITY`].
pub(crate) struct Shelf<T>(Mutex<Contents<T>>);

struct Contents<T> {
    things: HashMap<String, T>,
    oldest_first: VecDeque<String>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Mutex::new(Contents { things: HashMap::new(), oldest_first: VecDeque::new() }))
    }
}

impl<T: Clone> Shelf<T> {
    /// Puts a thing there and returns its name.
    pub(crate) fn put(&self, thing: T) -> Result<String, NoRandomness> {
        let name = random::token()?;
        let mut contents = lock(&self.0);
        if contents.oldest_first.len() >= CAPACITY
            && let Some(oldest) = contents.oldest_first.pop_front()
        {
            contents.things.remove(&oldest);
        }
        contents.oldest_first.push_back(name.clone());
        contents.things.insert(name.clone(), thing);
        Ok(name)
    }

    pub(crate) fn read(&self, name: &str) -> Option<T> {
        lock(&self.0).things.get(name).cloned()
    }

    /// Changes a thing, if it is there, and returns it as it was.
    pub(crate) fn change(&self, name: &str, change: impl FnOnce(&mut T)) -> Option<T> {
        let mut contents = lock(&self.0);
        let thing = contents.things.get_mut(name)?;
        let before = thing.clone();
        change(thing);
        Some(before)
    }

    pub(crate) fn remove(&self, name: &str) -> Option<T> {
        lock(&self.0).things.remove(name)
    }
}

/// Tells how many things there are, and none of their names: they are codes, tokens and cookies.
impl<T> fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shelf({})", lock(&self.0).things.len())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_things_are_not_told_for_debugging() {
        let shelf = Shelf::default();
        shelf.put(0).unwrap();
        assert_eq!(format!("{shelf:?}"), "Shelf(1)");
    }

    #[test]
    fn oldest_thing_is_forgotten_when_there_are_too_many() {
        let shelf = Shelf::default();
        let first = shelf.put(0).unwrap();
        let second = shelf.put(1).unwrap();
        for number in 2..=CAPACITY {
            shelf.put(number).unwrap();
        }
        assert_eq!(shelf.read(&first), None);
        assert_eq!(shelf.read(&second), Some(1));
    }
}
