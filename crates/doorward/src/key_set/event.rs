use std::{fmt, sync::Arc, time::Duration};

use crate::{
    fetch::RemoteError,
    terms::{error_chain::ErrorChain, key_id::KeyId},
};

/// What happened to the keys of an issuer, for metrics and alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyEvent {
    /// Keys were fetched.
    #[non_exhaustive]
    Refreshed {
        /// The issuer, as it is named in errors and logs.
        issuer: String,
        /// The IDs of keys that the issuer newly publishes.
        added: Vec<KeyId>,
        /// The IDs of keys that the issuer no longer publishes.
        withdrawn: Vec<KeyId>,
        /// The time until the next scheduled refresh.
        next_refresh: Duration,
    },
    /// A fetch failed; the keys at hand, if there are any, serve on.
    #[non_exhaustive]
    RefreshFailed {
        /// The issuer, as it is named in errors and logs.
        issuer: String,
        /// What went wrong.
        error: RemoteError,
        /// How many scheduled fetches have failed since the last good one.
        failures: u32,
        /// How long the keys at hand serve if no newer ones can be had; zero without keys.
        usable_for: Duration,
        /// The time until the next scheduled refresh.
        next_refresh: Duration,
    },
}

type Tell = dyn Fn(&KeyEvent) + Send + Sync;

/// A function of the operator's that is told of events.
#[derive(Clone, Default)]
pub(crate) struct Hook(Option<Arc<Tell>>);

impl Hook {
    pub(crate) fn new(hook: impl Fn(&KeyEvent) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    /// Logs the event and tells the operator's function of it.
    pub(crate) fn tell(&self, event: &KeyEvent) {
        event.log();
        if let Some(hook) = &self.0 {
            hook(event);
        }
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Hook(set)" } else { "Hook(none)" })
    }
}

impl KeyEvent {
    fn log(&self) {
        match self {
            Self::Refreshed { issuer, added, withdrawn, .. }
                if added.is_empty() && withdrawn.is_empty() =>
            {
                tracing::debug!(%issuer, "keys fetched");
            }
            Self::Refreshed { issuer, added, withdrawn, .. } => {
                tracing::info!(%issuer, ?added, ?withdrawn, "keys changed");
            }
            Self::RefreshFailed { issuer, error, failures, usable_for, .. } => {
                let (error, usable_for) = (ErrorChain(error), usable_for.as_secs());
                tracing::warn!(%issuer, %error, failures, usable_for, "keys could not be fetched");
            }
        }
    }
}
