use doorward::{Error, adapter::Denial};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

/// The media type of gRPC
/// ([gRPC over HTTP/2](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md)); a message
/// format may follow after `+`, parameters after `;`.
const GRPC: &str = "application/grpc";

/// Answers a refused request as the server has [decided](doorward::ResourceServer::deny): with its
/// status and fields, an empty body, and the [`Error`] in the response's extensions for layers
/// outside.
#[must_use]
pub fn denial_response<R: Default>(denial: &Denial, error: Error) -> Response<R> {
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

/// Answers a refused call of gRPC, by fields alone. The HTTP status stays that of the refusal, so that
/// nobody between takes it for a success; clients that look at it map 401, 403 and 503 to what
/// `grpc-status` says
/// ([HTTP to gRPC](https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md)).
pub(crate) fn grpc_response<R: Default>(denial: &Denial, error: Error) -> Response<R> {
    let mut response = denial_response(denial, error);
    if response.status() == StatusCode::BAD_REQUEST {
        // It would be mapped to an internal error.
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(GRPC));
    fields.insert("grpc-status", HeaderValue::from(u16::from(denial.grpc_status())));
    fields.insert("grpc-message", HeaderValue::from_static(denial.message()));
    response
}

/// Answers a preflight, for which no token is asked.
pub(crate) fn answer_preflight<R: Default>() -> Response<R> {
    let mut response = Response::new(R::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// Returns whether the request is a call of gRPC. Calls of gRPC-Web are not: a layer outside
/// translates them.
pub(crate) fn is_grpc(fields: &HeaderMap) -> bool {
    let content_type = fields.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let rest = content_type.and_then(|value| value.strip_prefix(GRPC.as_bytes()));
    matches!(rest, Some([] | [b'+' | b';', ..]))
}
