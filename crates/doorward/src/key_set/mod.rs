//! The key set of one issuer: cached, and refreshed in the background.

#[cfg(feature = "remote")]
mod event;
mod health;
mod key_source;
#[cfg(feature = "remote")]
mod refresher;
pub(crate) mod rotation;
#[cfg(all(test, feature = "remote"))]
mod schedules;
#[cfg(feature = "remote")]
mod shared_fetch;
#[cfg(feature = "remote")]
mod spawn;

#[cfg(feature = "remote")]
pub(crate) use event::Hook;
#[cfg(feature = "remote")]
pub use event::KeyEvent;
pub(crate) use health::RefreshStatus;
pub use health::{Health, IssuerHealth, KeyState};
pub(crate) use key_source::{
    Ask, FetchKeys, Fetching, KeySetCell, KeySetSnapshot, KeySource, Want,
};
#[cfg(feature = "remote")]
pub(crate) use refresher::{KeySetRefresher, RefresherConfig};
#[cfg(feature = "remote")]
pub(crate) use spawn::Tokio;
