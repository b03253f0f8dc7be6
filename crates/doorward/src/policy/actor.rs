use std::{fmt, sync::Arc};

use super::AccessToken;

/// Who acts when a token is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Actor {
    /// An app for a user who has signed in.
    Delegated,
    /// An app for itself, no user being there.
    AppOnly,
    /// The token does not say, or contradicts itself.
    Unknown,
}

/// How the actor is derived from a token.
#[derive(Clone)]
pub(crate) struct ActorRule(Arc<dyn Fn(&AccessToken) -> Actor + Send + Sync>);

impl ActorRule {
    pub(crate) fn new(rule: impl Fn(&AccessToken) -> Actor + Send + Sync + 'static) -> Self {
        Self(Arc::new(rule))
    }

    /// Asks the token's `idtyp` first, which Microsoft calls the most accurate way.
    pub(super) fn ask(&self, token: &AccessToken, identity_type: Option<&str>) -> Actor {
        match identity_type {
            Some("app") => Actor::AppOnly,
            Some("user") => Actor::Delegated,
            Some(_) => Actor::Unknown,
            None => (self.0)(token),
        }
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
