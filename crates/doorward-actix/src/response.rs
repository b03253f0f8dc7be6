use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use doorward::{Denial, Error, ResourceServer, Target};

/// Answers a refused request: the status and fields that the server decides, an empty body, and the
/// [`Error`] in the response's extensions for middleware outside. The reason is logged.
#[must_use]
pub fn denial_response(server: &ResourceServer, error: Error, target: &Target<'_>) -> HttpResponse {
    respond(&server.deny(&error, target), error)
}

/// Answers a preflight, for which no token is asked.
pub(crate) fn answer_preflight() -> HttpResponse {
    HttpResponse::new(StatusCode::NO_CONTENT)
}

pub(crate) fn respond(denial: &Denial, error: Error) -> HttpResponse {
    let mut response = HttpResponse::new(status(denial));
    for (name, value) in denial.fields() {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response.extensions_mut().insert(error);
    response
}

/// The core's statuses and fields are always valid; were one not, the request would still be
/// refused.
pub(crate) fn status(denial: &Denial) -> StatusCode {
    StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::UNAUTHORIZED)
}
