//! The key set of one issuer: cached, and refreshed in the background.
//!
//! In: the needs of requests, and key sets from a [`KeySetSource`]. Out: the cached [`IssuerKeys`], which
//! requests read without a lock. When to fetch is decided in [`rotation`], which is pure; one fetch is
//! shared by all requests that need it. Rejected: a result that is older than the cached one, a request
//! for a fetch within the pauses.

mod cell;
#[cfg(feature = "remote")]
mod event;
mod fetch_ticket;
mod health;
mod issuer_keys;
#[cfg(feature = "remote")]
mod key_set_source;
#[cfg(feature = "remote")]
mod refresher;
#[cfg(feature = "remote")]
mod remote_error;
pub(crate) mod rotation;
#[cfg(test)]
#[cfg(feature = "remote")]
mod schedules;
#[cfg(feature = "remote")]
mod shared_fetch;
#[cfg(feature = "remote")]
mod spawn;
mod status;

use cell::{KeySetCell, KeySetSnapshot};
#[cfg(feature = "remote")]
pub use event::KeyEvent;
#[cfg(feature = "remote")]
pub(crate) use event::KeyEventHook;
pub(crate) use fetch_ticket::{FetchTicket, Fetching};
pub use health::{Health, IssuerHealth, KeyState};
pub(crate) use issuer_keys::IssuerKeys;
#[cfg(feature = "remote")]
use issuer_keys::RefreshKeys;
#[cfg(feature = "remote")]
pub(crate) use key_set_source::{Fetched, KeySetSource};
#[cfg(feature = "remote")]
pub(crate) use refresher::{KeySetRefresher, RefresherConfig};
#[cfg(feature = "remote")]
pub use remote_error::{FetchError, MetadataError, RemoteError, UrlError};
pub(crate) use rotation::KeyNeed;
#[cfg(feature = "remote")]
pub(crate) use spawn::Tokio;
use status::RefreshStatus;
