use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
};
use doorward::adapter::{Denial, Rejection};

/// Creates the response to a rejected request: the status and the fields of its
/// [`Denial`], an empty body, and the [`Error`](doorward::Error) in the response's extensions, for
/// middleware outside.
#[must_use]
pub fn rejection_response(rejection: Rejection) -> HttpResponse {
    let mut response = HttpResponse::new(status(rejection.denial()));
    append_fields(response.headers_mut(), rejection.denial().fields());
    response.extensions_mut().insert(rejection.into_error());
    response
}

/// Appends the fields; a name may repeat.
pub(crate) fn append_fields(
    headers: &mut HeaderMap,
    fields: impl Iterator<Item = (&'static str, String)>,
) {
    for (name, value) in fields {
        // The values of the core are printable ASCII, so this never fails.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
}

/// Answers a CORS preflight, which needs no token.
pub(crate) fn preflight_response() -> HttpResponse {
    HttpResponse::new(StatusCode::NO_CONTENT)
}

/// The statuses of the core are always valid; if one were not, the request would still be refused.
pub(crate) fn status(denial: &Denial) -> StatusCode {
    StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::UNAUTHORIZED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_appended_to_a_response_and_replace_none() {
        let fields = [("dpop-nonce", "a"), ("vary", "authorization"), ("dpop-nonce", "b")];
        let fields = fields.map(|(name, value)| (name, value.to_owned()));
        let mut response = HttpResponse::Ok().insert_header(("vary", "origin")).finish();
        append_fields(response.headers_mut(), fields.into_iter());
        let values = |name| response.headers().get_all(name).collect::<Vec<_>>();
        assert_eq!(values("vary"), ["origin", "authorization"]);
        assert_eq!(values("dpop-nonce"), ["a", "b"]);
    }
}
