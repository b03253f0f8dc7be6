use std::{fmt, sync::Arc};

use super::{AccessToken, Actor};

/// How the actor is derived from a token without `idtyp`.
#[derive(Clone)]
pub(crate) struct ActorRule(Arc<dyn Fn(&AccessToken) -> Actor + Send + Sync>);

impl ActorRule {
    pub(crate) fn new(rule: impl Fn(&AccessToken) -> Actor + Send + Sync + 'static) -> Self {
        Self(Arc::new(rule))
    }

    /// Returns the actor of a token without `idtyp`.
    pub(super) fn actor_of(&self, token: &AccessToken) -> Actor {
        (self.0)(token)
    }
}

impl Default for ActorRule {
    fn default() -> Self {
        Self::new(|_| Actor::Unknown)
    }
}

impl fmt::Debug for ActorRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ActorRule")
    }
}
