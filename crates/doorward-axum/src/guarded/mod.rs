//! Routes that say their rule: `guarded::get(scope!("orders.read"), list)`.
//!
//! A [`GuardedRouter`] takes no other routes but those and the ones that are called public.

mod method;
mod router;

pub use method::{GuardedRoute, MethodGuards, delete, get, head, options, patch, post, put, trace};
pub use router::GuardedRouter;
