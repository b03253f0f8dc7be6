//! Extractors: what the gate in front of a handler has verified.
//!
//! They read it from the request's extensions, whatever the application's data is. Without a gate in
//! front they answer 500, and the log names the fix: no request is anonymous by mistake.

mod access_token;
mod claims;
mod optional_token;
mod rejection;
mod scoped;

pub use access_token::AccessToken;
pub use claims::Claims;
pub use optional_token::OptionalToken;
pub use rejection::Rejection;
pub use scoped::Scoped;

use actix_web::{HttpMessage as _, HttpRequest};
use doorward::{
    Rule,
    adapter::{self, Verified},
    rules::RequestInfo,
};

use crate::route_match::RouteMatch;

/// Reads what the gate in front has decided, for the extractor of this name.
fn verified(request: &HttpRequest, extractor: &'static str) -> Result<Verified, Rejection> {
    let verified = request.extensions().get::<Verified>().cloned();
    verified.ok_or_else(|| Rejection::missing_guard(request, extractor))
}

/// Reads something that needs a token, and one that meets the rule, if there is a rule.
fn read<T>(
    request: &HttpRequest,
    extractor: &'static str,
    rule: Option<&Rule>,
    read: impl FnOnce(&Verified, &RequestInfo<'_>) -> Result<T, adapter::Rejection>,
) -> Result<T, Rejection> {
    let verified = verified(request, extractor)?;
    if verified.token().is_none() {
        return Err(Rejection::anonymous(verified, request, rule));
    }
    Ok(read(&verified, &RouteMatch::of(request).info())?)
}
