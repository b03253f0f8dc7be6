//! Extractors: a handler that names one cannot be reached without what it stands for.

mod access_token;
mod claims;
mod future;
mod optional_token;
mod rejection;
mod scoped;

pub use access_token::AccessToken;
pub use claims::Claims;
pub use future::ExtractFuture;
pub use optional_token::OptionalToken;
pub use rejection::Rejection;
pub use scoped::Scoped;

use actix_web::{HttpRequest, web};

use crate::Gate;

/// Finds the gate of the application's data.
///
/// Whether one held directly or one in `web::Data` is nearer to the route is not to be known. Two
/// that differ are refused, so that none answers for the other.
fn gate_of(request: &HttpRequest) -> Result<&Gate, Rejection> {
    let bare = request.app_data::<Gate>();
    let data = request.app_data::<web::Data<Gate>>().map(web::Data::get_ref);
    match (bare, data) {
        (Some(gate), None) | (None, Some(gate)) => Ok(gate),
        (Some(gate), Some(other)) if gate.server().ptr_eq(other.server()) => Ok(gate),
        (Some(_), Some(_)) => Err(Rejection::two_gates(request)),
        (None, None) => Err(Rejection::no_gate(request)),
    }
}
