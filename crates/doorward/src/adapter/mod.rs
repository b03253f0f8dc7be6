//! Everything that an adapter for an HTTP framework needs, and nothing that its users call.
//!
//! An adapter implements [`RequestHead`] for its framework's request and makes three calls per
//! request on a [`RouteGuard`]:
//!
//! 1. [`answers_preflight`](RouteGuard::answers_preflight): a CORS preflight is answered with 204, if
//!    the server was built to do so;
//! 2. [`authenticate`](RouteGuard::authenticate): returns a future that is ready at once where the
//!    issuer's keys are cached;
//! 3. [`authorize`](RouteGuard::authorize): decides, reports the decision, and returns either an
//!    [`Admission`], whose [`Verified`] goes into the request's extensions, or a [`Rejection`], whose
//!    [`Denial`] the adapter translates into a response.
//!
//! Extractors read the [`Verified`] that the guard in front of the handler has put into the
//! extensions. If there is none, no guard is in front: the adapter answers 500 and calls
//! [`report_missing_guard`].
//!
//! The core exposes no types of the crate `http`, so that adapters for any version of it, and for
//! frameworks without it, can be written.

mod authentication;
mod client_certificate;
mod metadata;
mod rejection;
mod route_guard;
mod token_methods;
mod verified;

pub use authentication::{Authenticated, Authentication};
pub use client_certificate::ClientCertificate;
pub use metadata::ResourceMetadata;
pub use rejection::Rejection;
pub use route_guard::{Admission, RouteGuard, answers_preflight, preflights_enabled};
pub use verified::Verified;

use crate::rule::RequestInfo;
pub use crate::{access::Access, credentials::RequestHead, denial::Denial};

/// Logs that an extractor found no guard in front of its handler, and how to fix that. The request
/// must be answered 500: without a guard, nobody has verified a token, and nobody is anonymous.
pub fn report_missing_guard(extractor: &str, fix: &str, request: &RequestInfo<'_>) {
    tracing::error!(
        extractor,
        method = request.method(),
        route = request.route(),
        "no gate has decided about this request, so it is answered 500: {fix}"
    );
}
