use std::{fmt, sync::Arc, time::Duration};

use super::RemoteError;
use crate::terms::{error_chain::ErrorChain, key_id::KeyId};

/// An event in the life of an issuer's keys, for metrics and alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyEvent {
    /// Keys were fetched.
    #[non_exhaustive]
    Refreshed {
        /// The issuer's name in errors and logs.
        issuer: String,
        /// The IDs of keys that the last set lacked.
        added: Vec<KeyId>,
        /// The IDs of keys that the issuer no longer publishes.
        withdrawn: Vec<KeyId>,
        /// The time until the next scheduled refresh.
        next_refresh: Duration,
    },
    /// A fetch failed; cached keys stay usable for a time.
    #[non_exhaustive]
    RefreshFailed {
        /// The issuer's name in errors and logs.
        issuer: String,
        /// What went wrong.
        error: RemoteError,
        /// The number of scheduled fetches that have failed since the last success.
        failures: u32,
        /// How long the cached keys stay usable without another fetch; zero without keys.
        usable_for: Duration,
        /// The time until the next scheduled refresh.
        next_refresh: Duration,
    },
}

type OnKeyEvent = dyn Fn(&KeyEvent) + Send + Sync;

/// The operator's function for events.
#[derive(Clone, Default)]
pub(crate) struct KeyEventHook(Option<Arc<OnKeyEvent>>);

impl KeyEventHook {
    pub(crate) fn new(hook: impl Fn(&KeyEvent) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    /// Logs the event and calls the operator's function.
    pub(crate) fn report(&self, event: &KeyEvent) {
        event.log();
        if let Some(hook) = &self.0 {
            hook(event);
        }
    }
}

impl fmt::Debug for KeyEventHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "KeyEventHook(set)" } else { "KeyEventHook(none)" })
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
