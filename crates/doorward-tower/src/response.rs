use doorward::{Error, ResourceServer};
use http::{HeaderName, HeaderValue, Response, StatusCode};

/// Answers a refused request: the status and fields that the server decides, an empty body, and the
/// [`Error`] in the response's extensions for layers outside. The reason is logged.
#[must_use]
pub fn denial_response<R: Default>(server: &ResourceServer, error: Error) -> Response<R> {
    let denial = server.deny(&error);
    let mut response = Response::new(R::default());
    // The core's statuses and fields are always valid; were one not, the request would still be
    // refused.
    *response.status_mut() =
        StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    for (name, value) in denial.fields() {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response.extensions_mut().insert(error);
    response
}
