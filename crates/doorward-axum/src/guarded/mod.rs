//! Routes that name their rule: `guarded::get(scope!("orders.read"), list)`.
//!
//! A [`GuardedRouter`] accepts only such routes, and those that are said to be public or optional.

mod method;
mod router;

pub use method::{
    GuardedRoute, MethodGuards, any, delete, get, head, options, patch, post, put, trace,
};
pub use router::GuardedRouter;
