//! Routes that name their rule: `guarded::get(scope!("orders.read"), list)`.
//!
//! A [`GuardedScope`] accepts no other routes but those, the ones that are called `public` or
//! `optional`, and foreign routes that are mounted with a rule for all of them, or as public.

mod entry;
mod method;
mod pattern;
mod plain_route;
mod scope;

pub use method::{
    GuardedRoute, MethodGuards, any, delete, get, head, options, patch, post, put, trace,
};
pub use plain_route::PlainRoute;
pub use scope::GuardedScope;
