use axum::http::{HeaderMap, HeaderValue, header::COOKIE};

use crate::{
    authorization_store::{AuthorizationStore, SignedInUser},
    random::NoRandomness,
};

/// The name of the session cookie.
const NAME: &str = "doorward-issuer-session";

/// The session of a browser, and the cookie to set if it has changed.
#[derive(Debug)]
pub(super) struct Session {
    id: Option<String>,
    cookie: Option<String>,
}

impl Session {
    /// Reads the session cookie of a request.
    pub(super) fn new(headers: &HeaderMap) -> Self {
        let fields = headers.get_all(COOKIE).iter().filter_map(|field| field.to_str().ok());
        let mut pairs =
            fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.split_once('='));
        let id =
            pairs.find(|(name, _)| name.trim() == NAME).map(|(_, value)| value.trim().to_owned());
        Self { id, cookie: None }
    }

    /// Returns the users who are signed in.
    pub(super) fn users(&self, store: &AuthorizationStore) -> Vec<SignedInUser> {
        self.id.as_deref().and_then(|id| store.sessions.get(id)).unwrap_or_default()
    }

    /// Adds a user to the session, and starts a session if there is none.
    pub(super) fn sign_in(
        &mut self,
        store: &AuthorizationStore,
        user: &SignedInUser,
    ) -> Result<(), NoRandomness> {
        let add = |users: &mut Vec<SignedInUser>| {
            users.retain(|known| known.user != user.user);
            users.push(user.clone());
        };
        let known = self.id.as_deref().and_then(|id| store.sessions.update(id, add));
        if known.is_none() {
            let id = store.sessions.insert(vec![user.clone()])?;
            self.cookie = Some(format!("{NAME}={id}; Path=/; HttpOnly; SameSite=Lax"));
            self.id = Some(id);
        }
        Ok(())
    }

    /// Ends the session of all users.
    pub(super) fn sign_out(&mut self, store: &AuthorizationStore) {
        if let Some(id) = self.id.take() {
            store.sessions.remove(&id);
        }
        self.cookie = Some(format!("{NAME}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"));
    }

    /// Returns the `Set-Cookie` field of the answer, if the cookie has changed.
    pub(super) fn cookie(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.cookie.as_deref()?).ok()
    }
}
