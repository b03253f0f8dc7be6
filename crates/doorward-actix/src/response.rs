use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use doorward::{Error, adapter::Denial};

/// Answers a refused request as the server has [decided](doorward::ResourceServer::deny): with its
/// status and fields, an empty body, and the [`Error`] in the response's extensions for middleware
/// outside.
#[must_use]
pub fn denial_response(denial: &Denial, error: Error) -> HttpResponse {
    let mut response = HttpResponse::new(status(denial));
    for (name, value) in denial.fields() {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response.extensions_mut().insert(error);
    response
}

/// Answers a preflight, for which no token is asked.
pub(crate) fn answer_preflight() -> HttpResponse {
    HttpResponse::new(StatusCode::NO_CONTENT)
}

/// The core's statuses and fields are always valid; were one not, the request would still be
/// refused.
pub(crate) fn status(denial: &Denial) -> StatusCode {
    StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::UNAUTHORIZED)
}
