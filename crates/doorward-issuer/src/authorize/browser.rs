use axum::http::{HeaderMap, HeaderValue, header::COOKIE};

use crate::{
    grant::{Memory, Signed},
    random::NoRandomness,
};

/// The cookie that a browser is known by.
const NAME: &str = "doorward-issuer-session";

/// The browser of a request, and whether it is to keep another cookie.
#[derive(Debug)]
pub(super) struct Browser {
    session: Option<String>,
    cookie: Option<String>,
}

impl Browser {
    pub(super) fn new(headers: &HeaderMap) -> Self {
        let fields = headers.get_all(COOKIE).iter().filter_map(|field| field.to_str().ok());
        let mut pairs =
            fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.split_once('='));
        let session =
            pairs.find(|(name, _)| name.trim() == NAME).map(|(_, value)| value.trim().to_owned());
        Self { session, cookie: None }
    }

    /// Returns who is signed in here.
    pub(super) fn signed(&self, memory: &Memory) -> Vec<Signed> {
        let session = self.session.as_deref();
        session.and_then(|session| memory.sessions.read(session)).unwrap_or_default()
    }

    /// Keeps a user signed in.
    pub(super) fn remember(
        &mut self,
        memory: &Memory,
        signed: &Signed,
    ) -> Result<(), NoRandomness> {
        let add = |all: &mut Vec<Signed>| {
            all.retain(|known| known.user != signed.user);
            all.push(signed.clone());
        };
        let known =
            self.session.as_deref().and_then(|session| memory.sessions.change(session, add));
        if known.is_none() {
            let session = memory.sessions.put(vec![signed.clone()])?;
            self.cookie = Some(format!("{NAME}={session}; Path=/; HttpOnly; SameSite=Lax"));
            self.session = Some(session);
        }
        Ok(())
    }

    /// Signs everybody out.
    pub(super) fn forget(&mut self, memory: &Memory) {
        if let Some(session) = self.session.take() {
            memory.sessions.remove(&session);
        }
        self.cookie = Some(format!("{NAME}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"));
    }

    /// Returns the `Set-Cookie` field of the answer, if there is something to set.
    pub(super) fn cookie(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.cookie.as_deref()?).ok()
    }
}
