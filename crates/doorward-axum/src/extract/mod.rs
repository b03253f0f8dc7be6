//! Extractors: what the gate in front of a handler has verified.
//!
//! They read it from the request's extensions, whatever the router's state is. Without a gate in front
//! they answer 500, and the log names the fix: no request is anonymous by mistake.

mod access_token;
mod claims;
mod rejection;
mod scoped;

pub use access_token::AccessToken;
pub use claims::Claims;
pub use rejection::Rejection;
pub use scoped::Scoped;

use doorward::{
    adapter::{Verified, report_missing_guard},
    rules::RequestInfo,
};
use http::request::Parts;

use crate::request_parts::matched_path;

const FIX: &str = "put a gate in front of the handler: add its route to `gate.router()` by `.route(…)` or \
                   `.optional(…)`, or put a layer on it: `gate.require(rule)`, `gate.authenticated()` or \
                   `gate.optional()`";

/// Returns what the gate in front has decided, for the extractor of this name.
fn verified<'p>(parts: &'p Parts, extractor: &'static str) -> Result<&'p Verified, Rejection> {
    parts.extensions.get().ok_or_else(|| {
        report_missing_guard(extractor, FIX, &request_info(parts));
        Rejection::missing_guard()
    })
}

fn request_info(parts: &Parts) -> RequestInfo<'_> {
    RequestInfo::new()
        .with_method(parts.method.as_str())
        .with_route(matched_path(&parts.extensions))
}
