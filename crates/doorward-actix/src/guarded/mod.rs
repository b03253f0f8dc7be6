//! Routes that say their rule: `guarded::get(scope!("orders.read"), list)`.
//!
//! A [`GuardedScope`] takes no other routes but those, the ones that are called public, and foreign
//! ones with a rule for all of them.

mod entry;
mod method;
mod pattern;
mod public;
mod scope;

pub use method::{GuardedRoute, MethodGuards, delete, get, head, options, patch, post, put, trace};
pub use public::PublicRoute;
pub use scope::GuardedScope;
